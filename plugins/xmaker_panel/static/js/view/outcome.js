// What came of long work on a model: tables, and where the result lies.
import { html } from "../ui.js";
import { t } from "../words.js";
import { Matrix, megabytes, useJob } from "./work.js";

function useResult(kind, model) {
  const job = useJob([kind]);
  return job?.state === "done" && job.about === model.name ? job.result : null;
}

function percent(part) {
  return part === null || part === undefined ? "–" : `${(part * 100).toFixed(1)} %`;
}

export function Quantized({ model, choose }) {
  const made = useResult("quantize", model);
  if (!made) return null;
  const accuracy = made.rows.some((row) => row.accuracy !== null);
  return html`
    <div class="outcome" role="status">
      <div class="wide"><table>
        <thead><tr><th></th><th>${t("size")}</th><th>${t("agreement")}</th>${accuracy && html`<th>${t("accuracy")}</th>`}<th>${t("loss")}</th><th>ms</th></tr></thead>
        <tbody>
          ${made.rows.map(
            (row) => html`<tr class=${row.chosen ? "chosen" : ""}>
              <th scope="row">${row.title}${row.chosen && " ✓"}</th>
              <td>${megabytes(row.bytes)}</td><td>${percent(row.agreement)}</td>${accuracy && html`<td>${percent(row.accuracy)}</td>`}
              <td>${row.loss.toFixed(2)}</td><td>${row.ms.toFixed(2)}</td>
            </tr>`,
          )}
        </tbody>
      </table></div>
      <p>${made.reason}</p>
      <p class="empty">${t("measuredOn", { n: made.calibrated, m: made.tested })}</p>
      ${made.calibrated < 20 && html`<p class="doubt">${t("fewPictures")}</p>`}
      <button class="strong" onClick=${() => choose(made.model)}>${t("openIt", { model: made.model })}</button>
    </div>
  `;
}

export function Converted({ model, choose }) {
  const made = useResult("convert", model);
  if (!made) return null;
  return html`
    <div class="outcome" role="status">
      <p>${t("convertedFrom", { origin: made.origin, n: made.pictures, difference: made.difference.toExponential(0) })}</p>
      ${made.guessed.map((guess) => html`<p class="doubt">${guess}</p>`)}
      <button class="strong" onClick=${() => choose(made.model)}>${t("openIt", { model: made.model })}</button>
    </div>
  `;
}

export function Evaluated({ model }) {
  const made = useResult("evaluate", model);
  if (!made) return null;
  return html`
    <div class="outcome" role="status">
      ${Object.entries(made.figures).map(([name, part]) => html`<p class="figure"><b>${percent(part)}</b> ${name}, ${t("pictures", { n: made.pictures })}</p>`)}
      ${made.confusion.length > 0 && html`<${Matrix} labels=${made.classes.map((one) => one.label)} confusion=${made.confusion} />`}
      ${!made.confusion.length &&
      html`<div class="wide"><table>
        <thead><tr><th></th><th>${t("there")}</th><th>${t("right")}</th></tr></thead>
        <tbody>${made.classes.map((one) => html`<tr><th scope="row">${one.label}</th><td>${one.count}</td><td>${one.right}</td></tr>`)}</tbody>
      </table></div>`}
      ${made.skipped.length > 0 && html`<p class="doubt">${t("skipped", { n: made.skipped.length })}</p>`}
    </div>
  `;
}
