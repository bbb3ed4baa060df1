// Long work: how far it is, and a way to end it. What came of it is for the page that has begun it.
import { tell } from "../ask.js";
import { useKey } from "../store.js";
import { html } from "../ui.js";
import { t } from "../words.js";

const DOING = { teach: "teaching", quantize: "quantizing", evaluate: "evaluating", convert: "converting" };
const ENDED = { failed: "failed", cancelled: "cancelled" };

export function megabytes(bytes) {
  return t("megabytes", { n: (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1) });
}

export function useJob(kinds) {
  const job = useKey("job.now");
  return job && kinds.includes(job.kind) ? job : null;
}

// The bar of whatever is being worked on, whichever page began it.
export function Work() {
  const job = useKey("job.now");
  if (!job || job.state === "done") return null;
  if (job.state === "works") {
    return html`
      <div class="work" role="status">
        <b>${t(DOING[job.kind])}</b> <span>${job.about}</span>
        <progress value=${job.part} aria-label=${t(DOING[job.kind])}></progress>
        <p class="empty">${Math.round(job.part * 100)} % ${job.doing}</p>
        <button onClick=${() => tell("/models", "cancel")}>${t("cancel")}</button>
      </div>
    `;
  }
  return html`
    <div class="banner ${job.state === "failed" ? "bad" : "warn"}" role="alert">
      <div>
        <b>${t(DOING[job.kind])}: ${t(ENDED[job.state])}</b>
        ${job.error && html`<pre>${job.error.words}</pre>${job.error.hint && html`<pre class="hint">→ ${job.error.hint}</pre>`}`}
      </div>
      <button onClick=${() => tell("/models", "forget")}>${t("dismiss")}</button>
    </div>
  `;
}

// What was said for what: a row for what it is, a column for what was said.
export function Matrix({ labels, confusion }) {
  const most = Math.max(1, ...confusion.flat());
  return html`
    <div class="wide">
      <table class="matrix">
        <caption>${t("matrixHow")}</caption>
        <thead><tr><th></th>${labels.map((label) => html`<th scope="col">${label}</th>`)}</tr></thead>
        <tbody>
          ${confusion.map(
            (row, number) => html`<tr>
              <th scope="row">${labels[number]}</th>
              ${row.map((count, other) => html`<td class=${count ? (other === number ? "right" : "wrong") : ""} style=${`--part: ${count / most}`}>${count || ""}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}

// Labels with bars, the best first.
export function Ranking({ top }) {
  return html`<ul class="ranking">
    ${top.slice(0, 5).map(([label, score]) => html`<li key=${label}><span>${label}</span><meter value=${score} aria-label=${label}></meter><output>${Math.round(score * 100)} %</output></li>`)}
  </ul>`;
}

// Puts a model into the project: into one of the nodes that can take it.
export function Use({ nodes, use, used }) {
  if (!nodes.length) return html`<p class="empty">${t("noNodeToUse")}</p>`;
  function submit(event) {
    event.preventDefault();
    use(new FormData(event.target).get("node"));
  }
  return html`
    <form class="use" onSubmit=${submit}>
      <label>${t("useIn")} <select name="node">${nodes.map((node) => html`<option value=${node.name}>${node.name} (${node.options.model})</option>`)}</select></label>
      <button class="strong">${t("useNow")}</button>
    </form>
    ${used &&
    html`<div class="used" role="status">
      <p>✓ ${t("usedNow", { node: used.node, model: used.model })}</p>
      ${used.doubts.map((doubt) => html`<p class="doubt">${doubt}</p>`)}
    </div>`}
  `;
}
