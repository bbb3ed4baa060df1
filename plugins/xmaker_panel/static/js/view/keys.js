// Keys for a `keyboard` node: those that rules ask for as buttons, and a place in which all keys go to the project.
import { send } from "../link.js";
import { useKey, useProject } from "../store.js";
import { html } from "../ui.js";
import { t } from "../words.js";

const NAMES = {
  " ": "space", Enter: "enter", Escape: "escape", Backspace: "backspace", Home: "home", End: "end",
  ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right",
};
const SIGNS = { space: "␣", enter: "⏎", up: "↑", down: "↓", left: "←", right: "→", backspace: "⌫", escape: "Esc" };

function press(key) {
  send({ type: "press", key });
}

export function Keys({ node }) {
  const { rules } = useProject();
  const last = useKey(`value.${node.name}`);
  const asked = new Set(rules.flatMap((rule) => [...rule.when.matchAll(new RegExp(`${node.name}\\s*==\\s*["']([^"']+)["']`, "g"))]).map((found) => found[1]));
  function typed(event) {
    const key = NAMES[event.key] ?? ([...event.key].length === 1 ? event.key : "");
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    press(key);
  }
  return html`
    <div class="keys">
      ${[...asked].map((key) => html`<kbd><button onClick=${() => press(key)} aria-label=${key}>${SIGNS[key] ?? key}</button></kbd>`)}
    </div>
    <div class="typing" tabindex="0" role="textbox" aria-label="${node.name}: ${t("keys")}" onKeyDown=${typed}>${t("keys")}</div>
    <p class="last">${last?.words ?? ""}</p>
  `;
}
