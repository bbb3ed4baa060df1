// The board: what can be pressed and moved, and what shines, turns and sounds.
import { useKey, useProject } from "../store.js";
import { html } from "../ui.js";
import { t } from "../words.js";
import { Keys } from "./keys.js";
import { Look } from "./looks.js";
import { Sensor } from "./sensors.js";
import { TryIt } from "./try.js";

const ELSEWHERE = new Set(["screen", "touch"]);

export function Board() {
  const { nodes } = useProject();
  const inputs = nodes.filter((node) => node.kind === "input" && !node.pictures && !ELSEWHERE.has(node.use));
  const outputs = nodes.filter((node) => node.kind === "output" && !ELSEWHERE.has(node.use));
  if (!inputs.length && !outputs.length) return null;
  return html`
    <section class="card board" aria-label=${t("board")}>
      <h2>${t("board")}</h2>
      <div class="parts">
        ${inputs.map((node) => html`<${InputPart} key=${node.name} node=${node} />`)}
        ${outputs.map((node) => html`<${OutputPart} key=${node.name} node=${node} />`)}
      </div>
    </section>
  `;
}

function Part({ node, children }) {
  const stats = useKey(`node.${node.name}`);
  const troubled = ["lost", "failed"].includes(stats?.state);
  return html`
    <div class="part ${node.kind} ${troubled ? "troubled" : ""}" data-node=${node.name} title=${node.doc}>
      <h3>${node.name}<small>${troubled ? t(stats.state) : node.use === node.name ? "" : node.use}</small></h3>
      ${children}
    </div>
  `;
}

function InputPart({ node }) {
  return html`<${Part} node=${node}>${node.use === "keyboard" ? html`<${Keys} node=${node} />` : html`<${Sensor} node=${node} />`}<//>`;
}

function OutputPart({ node }) {
  const look = useKey(`look.${node.name}`);
  const done = useKey(`value.${node.name}`);
  return html`<${Part} node=${node}>
    ${look ? html`<${Look} name=${node.name} look=${look} />` : html`<p class="last">${done?.words ?? ""}</p>`}
    <${TryIt} node=${node} />
  <//>`;
}
