// What is wrong now, below the header: the line, the file, what was refused, errors with their hint.
import { pageFor } from "../pages.js";
import { set, useKey, useProject } from "../store.js";
import { html, useState } from "../ui.js";
import { t } from "../words.js";
import { useApply } from "./apply.js";

function Banner({ kind, title, words, hint, place, close }) {
  return html`
    <div class="banner ${kind}" role="alert">
      <div>
        ${title && html`<b>${title}</b>`}
        ${words && html`<pre>${place ? `${place}: ` : ""}${words}</pre>`}
        ${hint && html`<pre class="hint">→ ${hint}</pre>`}
      </div>
      ${close && html`<button onClick=${close}>${t("dismiss")}</button>`}
    </div>
  `;
}

export function Banners() {
  const link = useKey("link");
  const broken = useKey("about.file");
  const file = useKey("about.text");
  const over = useKey("about.over");
  const home = useKey("about.home");
  const { waits } = useProject();
  const page = useKey("page");
  const listed = pageFor(page, waits).id === "editor"; // there the mistakes stand beside the text
  const { word, runs } = useApply();
  const checked = useKey("checked");
  const mended = listed && checked && !checked.problems.some((problem) => !problem.warning);
  const button = t(word);
  const refused = useKey("refused");
  const log = useKey("log") ?? [];
  const [seen, setSeen] = useState(0);
  const errors = log.filter((line) => line.kind === "error" && line.n > seen && !line.file);
  const last = errors.at(-1);
  return html`
    <div class="banners">
      ${link === "gone" && html`<${Banner} kind="bad" title=${t("gone")} />`}
      ${link === "on" && file?.tag === "" && html`<${Banner} kind="bad" title=${t("fileGone", file)} words=${t("fileGoneHint")} />`}
      ${over && link === "on" && html`<${Banner} kind="note" title=${t("over")} words=${t(home > 0 ? "overList" : "overTerminal")} />`}
      ${broken && html`<${Banner} kind="bad" title=${t(mended ? "fileMended" : waits ? "fileWaits" : "fileBroken", { button })} ...${listed ? {} : broken} />`}
      ${!runs && !broken && !listed && file?.tag !== "" && html`<${Banner} kind="warn" title=${t("fileAhead", { button: t("apply") })} />`}
      ${refused && html`<${Banner} kind="warn" ...${refused} close=${() => set("refused", null)} />`}
      ${last && html`<${Banner} title=${last.node} ...${last} kind="warn" close=${() => setSeen(last.n)} />`}
    </div>
  `;
}
