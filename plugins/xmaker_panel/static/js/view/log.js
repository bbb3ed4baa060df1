// What has happened, the newest first; it can be filtered, and held still to be read.
import { get, set, useKey } from "../store.js";
import { html, useState } from "../ui.js";
import { t } from "../words.js";

const SHOWN = 200;
const TOGETHER_S = 1;
const KINDS = ["all", "value", "action", "notice", "error"];

export function Log() {
  const newest = useKey("log") ?? [];
  const [held, setHeld] = useState(null);
  const [kind, setKind] = useState("all");
  const [text, setText] = useState("");
  function clear() {
    set("log", []);
    if (held !== null) setHeld([]);
  }
  const wanted = text.trim().toLowerCase();
  const lines = (held ?? newest).filter(
    (line) => (kind === "all" || line.kind === kind) && (!wanted || `${line.node} ${line.words} ${line.code ?? ""}`.toLowerCase().includes(wanted)),
  );
  return html`
    <section class="card log" aria-label=${t("log")}>
      <h2>${t("log")}</h2>
      <div class="bar">
        <input type="search" placeholder=${t("filter")} aria-label=${t("filter")} value=${text} onInput=${(event) => setText(event.target.value)} />
        <select aria-label=${t("filter")} value=${kind} onChange=${(event) => setKind(event.target.value)}>
          ${KINDS.map((one) => html`<option value=${one}>${t(one)}</option>`)}
        </select>
        <button aria-pressed=${held !== null} onClick=${() => setHeld(held === null ? get("log") : null)}>${t(held === null ? "pause" : "resume")}</button>
        <button onClick=${clear}>${t("clear")}</button>
      </div>
      ${!lines.length && html`<p class="empty">${t("noEvents")}</p>`}
      <ol class="lines">
        ${together(lines).slice(-SHOWN).reverse().map((line) => html`<${Line} key=${line.n} line=${line} />`)}
      </ol>
    </section>
  `;
}

// What one node does over and over in quick succession is one line, with the last of it and how often.
function together(lines) {
  const last = new Map(); // node and action → its place among the lines
  const found = [];
  for (const line of lines) {
    const key = `${line.node} ${line.words?.split(" ")[0]}`;
    const before = line.kind === "action" ? found[last.get(key)] : undefined;
    const goesOn = before && line.t - before.t < TOGETHER_S;
    if (goesOn) found[last.get(key)] = null;
    last.set(key, found.length);
    found.push(goesOn ? { ...line, n: before.n, times: before.times + 1 } : { ...line, times: 1 });
  }
  return found.filter(Boolean);
}

function Line({ line }) {
  return html`<li class=${line.kind}>
    <time>${line.t.toFixed(1)}</time>
    <b>${line.node}</b>
    <span>
      ${line.code && html`<i class="code">${line.code}</i> `}${line.words}
      ${line.times > 1 && html` <small>× ${line.times}</small>`}
      ${line.hint && html`<em>→ ${line.hint}</em>`}
    </span>
  </li>`;
}
