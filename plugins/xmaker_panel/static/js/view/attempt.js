// A try of a model on one picture: a file, or what the camera sees now.
import { ask } from "../ask.js";
import { drawBoxes } from "../overlay.js";
import { html, useRef, useState } from "../ui.js";
import { t } from "../words.js";
import { Ranking } from "./work.js";

const WIDEST = 800;

export function Attempt({ address, nodes }) {
  const canvas = useRef();
  const [said, setSaid] = useState(null);
  const [busy, setBusy] = useState(false);
  const camera = nodes.find((node) => node.kind === "input" && node.pictures);

  async function attempt(picture) {
    setBusy(true);
    const query = picture ? "" : `&camera=${encodeURIComponent(camera.name)}`;
    const answer = await ask(`/models/try?${address}${query}`, { method: "POST", body: picture ?? "" });
    setBusy(false);
    setSaid(answer);
    if (answer) await draw(canvas.current, answer, picture ? await createImageBitmap(picture).catch(() => null) : null);
  }

  return html`
    <h3>${t("tryPicture")}</h3>
    <div class="bar">
      <input type="file" accept="image/*" aria-label=${t("tryFile")} disabled=${busy} onChange=${(event) => event.target.files[0] && attempt(event.target.files[0])} />
      ${camera && html`<button disabled=${busy} onClick=${() => attempt(null)}>${t("tryCamera")}</button>`}
    </div>
    <div class="attempt" hidden=${!said}><canvas ref=${canvas} width="1" height="1"></canvas></div>
    ${busy && html`<p class="empty" role="status">${t("looking")}</p>`}
    ${said?.top.length > 0 && html`<${Ranking} top=${said.top} />`}
    ${said && !said.top.length && html`<p class="empty" role="status">${said.boxes.length ? t("found", { n: said.boxes.length }) : t("foundNothing")}</p>`}
  `;
}

async function draw(canvas, said, bitmap) {
  const scale = Math.min(1, WIDEST / said.width);
  canvas.width = bitmap || said.boxes.length ? Math.round(said.width * scale) : 1;
  canvas.height = bitmap || said.boxes.length ? Math.round(said.height * scale) : 1;
  const paint = canvas.getContext("2d");
  if (bitmap) paint.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap?.close();
  drawBoxes(paint, said.boxes, scale, Math.max(0.5, canvas.width / (canvas.clientWidth || canvas.width)));
}
