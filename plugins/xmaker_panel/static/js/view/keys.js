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

// The keys that a condition compares a node with: one after `==`, or those of a list after `in`.
function keysIn(condition, name) {
  const compared = condition.matchAll(new RegExp(`\\b${name}\\s*(?:==\\s*(["'][^"']+["'])|in\\s*[[(]((?:"[^"]*"|'[^']*'|[^"'\\])])*)[\\])])`, "g"));
  return [...compared].flatMap(([, one, many]) => [...(one ?? many).matchAll(/["']([^"']+)["']/g)]).map((found) => found[1]);
}

export function Keys({ node }) {
  const { rules } = useProject();
  const last = useKey(`value.${node.name}`);
  const asked = new Set(rules.flatMap((rule) => keysIn(rule.when, node.name)));
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
