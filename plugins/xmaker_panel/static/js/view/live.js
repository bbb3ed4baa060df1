// The page on which everything is seen at once: pictures, the board, rules, the wiring.
import { useProject } from "../store.js";
import { html } from "../ui.js";
import { Board } from "./board.js";
import { Picture } from "./picture.js";
import { Rules } from "./rules.js";
import { Screen } from "./screen.js";
import { Wiring } from "./wiring.js";

export function Live() {
  const { nodes } = useProject();
  const pictures = nodes.filter((node) => node.pictures && node.kind !== "output");
  const screens = nodes.filter((node) => node.use === "screen");
  const seen = pictures.length ? "seen filmed" : screens.length ? "seen" : "";
  return html`
    <div class="live ${seen}">
      ${seen &&
      html`<div class="column sights">
        ${pictures.map((node) => html`<${Picture} key=${node.name} node=${node} />`)}
        ${screens.map((node) => html`<${Screen} key=${node.name} node=${node} />`)}
      </div>`}
      <div class="column acting"><${Board} /></div>
      <div class="column reasons"><${Rules} /></div>
      <div class="below"><${Wiring} /></div>
    </div>
  `;
}
