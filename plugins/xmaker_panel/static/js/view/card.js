// One model: its card, and what can be done with it.
import { ask, tell } from "../ask.js";
import { useProject } from "../store.js";
import { html, useEffect, useState } from "../ui.js";
import { t } from "../words.js";
import { Attempt } from "./attempt.js";
import { Evaluated, Quantized, Converted } from "./outcome.js";
import { Use } from "./work.js";

const NODES = { classify: "classifier", detect: "detector" };
const CHECKPOINT = /\.pth?$/;

export function Card({ model, state, change, choose }) {
  const { nodes } = useProject();
  const [card, setCard] = useState(null);
  const [used, setUsed] = useState(null);
  const checkpoint = CHECKPOINT.test(model.name);
  const address = `model=${encodeURIComponent(model.name)}`;
  const look = () => void (checkpoint || ask(`/models/card?${address}`).then(setCard));
  useEffect(look, [model.name]);

  async function label(event) {
    event.preventDefault();
    if (await change("label", { labels: new FormData(event.target).get("labels") })) look();
  }

  return html`
    <section class="card model-card" aria-label=${model.name}>
      <h2>${model.name}</h2>
      ${card && html`<${Facts} facts=${card.facts} />`}
      <div class="bar">
        <a class="button" href="/models/file?${address}" download>${t("download")}</a>
        ${model.uploaded && html`<button onClick=${() => confirm(t("removeModel", { model: model.name })) && change("remove")}>${t("removeIt")}</button>`}
      </div>
      ${(checkpoint || !card?.labels) &&
      html`<form class="upload" onSubmit=${label}>
        <label>${t("uploadLabels")}<textarea name="labels" rows="3" required placeholder=${t("labelsExample")}></textarea></label>
        <button>${t("saveLabels")}</button>
      </form>`}
      ${checkpoint && html`<${Turn} change=${change} />`}
      <${Converted} model=${model} choose=${choose} />
      ${card && html`<${Attempt} address=${address} nodes=${nodes} />`}
      ${card && html`<${Shrink} model=${model} state=${state} change=${change} />`}
      <${Quantized} model=${model} choose=${choose} />
      ${card && html`<${Judge} state=${state} change=${change} />`}
      <${Evaluated} model=${model} />
      ${card &&
      html`<h3>${t("useTitle")}</h3>
        <${Use} nodes=${nodes.filter((node) => node.use === NODES[card.task])} used=${used}
          use=${async (node) => setUsed(await tell("/models", "use", { model: model.name, node }))} />`}
    </section>
  `;
}

function Facts({ facts }) {
  return html`<dl class="facts">${Object.entries(facts).map(([key, value]) => html`<dt>${key}</dt><dd>${value}</dd>`)}</dl>`;
}

// Make an ONNX file of a checkpoint.
function Turn({ change }) {
  function submit(event) {
    event.preventDefault();
    change("convert", { arch: new FormData(event.target).get("arch") });
  }
  return html`
    <h3>${t("convert")}</h3>
    <p class="empty">${t("convertHow")}</p>
    <form class="bar" onSubmit=${submit}>
      <input name="arch" maxlength="60" placeholder=${t("archExample")} aria-label=${t("arch")} />
      <button class="strong">${t("convert")}</button>
    </form>
  `;
}

// Make it smaller and faster.
function Shrink({ model, state, change }) {
  if (!/\.(onnx|tflite)$/.test(model.name)) return null;
  function submit(event) {
    event.preventDefault();
    change("quantize", { data: new FormData(event.target).get("data") });
  }
  return html`
    <h3>${t("quantize")}</h3>
    <form class="bar" onSubmit=${submit}>
      <label>${t("withPictures")}
        <select name="data">
          ${state.pictures.map((one) => html`<option value=${one.folder}>${one.folder}/ (${one.count})</option>`)}
          <option value="">${t("ownPhotos")}</option>
        </select>
      </label>
      <button>${t("quantize")}</button>
    </form>
  `;
}

// Count how often it is right, where somebody has said what is right.
function Judge({ state, change }) {
  const labelled = state.pictures.filter((one) => one.labelled);
  function submit(event) {
    event.preventDefault();
    change("evaluate", { data: new FormData(event.target).get("data") });
  }
  return html`
    <h3>${t("evaluate")}</h3>
    ${!labelled.length && html`<p class="empty">${t("noLabelled")}</p>`}
    ${labelled.length > 0 &&
    html`<form class="bar" onSubmit=${submit}>
      <label>${t("onPictures")} <select name="data">${labelled.map((one) => html`<option value=${one.folder}>${one.folder}/ (${one.count})</option>`)}</select></label>
      <button>${t("evaluate")}</button>
    </form>`}
  `;
}
