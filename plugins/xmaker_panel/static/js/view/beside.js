// What stands beside the text: its mistakes, the same project as Python, and earlier versions.
import { ask } from "../ask.js";
import { get, set, useKey } from "../store.js";
import { html, useEffect, useState } from "../ui.js";
import { t } from "../words.js";

const VIEWS = { mistakes: Mistakes, asPython: Python, versions: Versions };

export function Beside({ mirror }) {
  const [chosen, choose] = useState("mistakes");
  const { problems } = useKey("checked") ?? { problems: [] };
  useEffect(() => void ask("/editor/words").then((words) => words && set("words", words)), []);
  const View = VIEWS[chosen];
  return html`
    <section class="card beside">
      <div class="tabs" role="tablist">
        ${Object.keys(VIEWS).map(
          (id) => html`<button role="tab" aria-selected=${id === chosen} onClick=${() => choose(id)}>
            ${t(id)}${id === "mistakes" && problems.length > 0 && html` <span class="count">${problems.length}</span>`}
          </button>`,
        )}
      </div>
      <div role="tabpanel"><${View} mirror=${mirror} /></div>
    </section>
  `;
}

function Mistakes({ mirror }) {
  const { problems } = useKey("checked") ?? {};
  if (!problems?.length) return html`<p class="empty">${problems ? t("noMistakes") : ""}</p>`;
  return html`<ol class="mistakes">
    ${problems.map(
      (problem) => html`<li class=${problem.warning ? "warning" : "error"}>
        ${problem.line > 0 &&
        html`<button class="where" onClick=${() => mirror.text.goTo(mirror.view, problem.line, problem.column)}>${t("line", { n: problem.line })}</button>`}
        <span><i class="code">${problem.warning ? `${t("warning")} ` : ""}${problem.code}</i> ${problem.words}</span>
        ${problem.hint && html`<em>→ ${problem.hint}</em>`}
        ${problem.corrected &&
        html`<div class="mended"><code>${problem.corrected.trim()}</code>
          <button class="strong" onClick=${() => mirror.text.mendLine(mirror.view, problem)}>${t("mend")}</button></div>`}
      </li>`,
    )}
  </ol>`;
}

function Python() {
  const { python } = useKey("checked") ?? {};
  return python ? html`<pre class="python" tabindex="0" aria-label=${t("asPython")}>${python}</pre>` : html`<p class="empty">${t("noPython")}</p>`;
}

function Versions({ mirror }) {
  const tag = useKey("tag");
  const versions = useKey("versions");
  const [shown, setShown] = useState(0);
  useEffect(() => void ask("/editor/versions").then((answer) => answer && set("versions", answer.versions)), [tag]);
  async function bring(number) {
    const answer = await ask(`/editor/versions/${number}`);
    if (!answer) return;
    mirror.text.replace(mirror.view, answer.text);
    setShown(number);
  }
  const when = (seconds) => new Date(seconds * 1000).toLocaleString(get("lang"));
  return html`
    <p class="empty">${t(versions?.length ? "versionsWhere" : "noVersions")}</p>
    ${shown > 0 && html`<p role="status">${t("broughtBack", { n: shown })}</p>`}
    <ol class="versions">
      ${(versions ?? []).map(
        ({ number, written, size }) => html`<li>
          <b>${number}</b> <time>${when(written)}</time> <small>${size} B</small>
          <button onClick=${() => bring(number)} aria-label="${t("bringBack")} ${number}">${t("bringBack")}</button>
        </li>`,
      )}
    </ol>
  `;
}
