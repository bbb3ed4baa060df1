// A screen of 240 by 320 as the board would show it: the picture, lines with bars, text.
import { watch } from "../film.js";
import { drawBoxes } from "../overlay.js";
import { useKey } from "../store.js";
import { html, useEffect, useRef } from "../ui.js";
import { send } from "../link.js";
import { TryIt } from "./try.js";

const WIDE = 240;
const HIGH = 320;
const SHARP = 2;
const BACK = "#12161c";
const TRACK = "#262e38";
const LABEL = "#2563b8";
const GAUGE = "#1f7a55";
const MARGIN = 8;
const LINE = 26;
const TEXT_SIZES = [40, 32, 26, 22, 18, 15];
const FONT = 'system-ui, "Noto Sans CJK SC", sans-serif';

export function Screen({ node }) {
  const canvas = useRef();
  const picture = useRef(null);
  const scene = useKey(`look.${node.name}`);
  const newest = useRef(scene);
  newest.current = scene;
  useEffect(() => {
    if (!node.wires.length) return undefined;
    return watch(node.name, (bitmap) => {
      picture.current ??= document.createElement("canvas");
      picture.current.width = bitmap.width;
      picture.current.height = bitmap.height;
      picture.current.getContext("2d").drawImage(bitmap, 0, 0);
      draw(canvas.current, newest.current, picture.current);
    });
  }, [node.name, node.wires.length]);
  useEffect(() => draw(canvas.current, scene, picture.current), [scene]);
  const text = [...(scene?.text ?? []), ...(scene?.lines ?? []).map((line) => `${line.name} ${line.words}`)].join("\n");
  return html`
    <section class="card screen" aria-label=${node.name}>
      <h2>${node.name}</h2>
      <canvas ref=${canvas} width=${WIDE * SHARP} height=${HIGH * SHARP} role="img" aria-label=${text}></canvas>
      <${TouchButtons} />
      <${TryIt} node=${node} />
    </section>
  `;
}

function TouchButtons() {
  const nodes = (useKey("about.project")?.nodes ?? []).filter((node) => node.use === "touch");
  return nodes.map((node) => html`<${Buttons} key=${node.name} name=${node.name} />`);
}

function Buttons({ name }) {
  const buttons = useKey(`touch.${name}`) ?? [];
  return html`<div class="touch">
    ${buttons.map((button) => html`<button onClick=${() => send({ type: "touch", node: name, button })}>${button}</button>`)}
  </div>`;
}

function draw(canvas, scene, picture) {
  if (!canvas) return;
  const paint = canvas.getContext("2d");
  paint.setTransform(SHARP, 0, 0, SHARP, 0, 0);
  paint.fillStyle = BACK;
  paint.fillRect(0, 0, WIDE, HIGH);
  if (!scene) return;
  const words = scene.lines.length * LINE + scene.text.length * 34;
  let top = MARGIN;
  if (picture && scene.size) top = drawPicture(paint, scene, picture, Math.max(120, HIGH - words - 3 * MARGIN));
  for (const line of scene.lines) {
    drawLine(paint, line, top);
    top += LINE;
  }
  drawText(paint, scene.text, top, HIGH - MARGIN);
}

function drawPicture(paint, scene, picture, room) {
  const scale = Math.min((WIDE - 2 * MARGIN) / picture.width, room / picture.height);
  const wide = picture.width * scale;
  const left = (WIDE - wide) / 2;
  paint.drawImage(picture, left, MARGIN, wide, picture.height * scale);
  drawBoxes(paint, scene.boxes, wide / scene.size[0], 0.8, left, MARGIN);
  return MARGIN + picture.height * scale + MARGIN;
}

function drawLine(paint, { name, words, part, label }, top) {
  const wide = WIDE - 2 * MARGIN;
  if (part !== null) {
    paint.fillStyle = TRACK;
    paint.fillRect(MARGIN, top, wide, LINE - 4);
    paint.fillStyle = label ? LABEL : GAUGE;
    paint.fillRect(MARGIN, top, wide * part, LINE - 4);
  }
  paint.fillStyle = "#fff";
  paint.font = `14px ${FONT}`;
  paint.textBaseline = "middle";
  paint.fillText(name, MARGIN + 6, top + LINE / 2 - 2, wide * 0.6);
  paint.textAlign = "right";
  paint.fillText(words, WIDE - MARGIN - 6, top + LINE / 2 - 2, wide * 0.6);
  paint.textAlign = "left";
}

// Text as large as there is room for it.
function drawText(paint, text, top, bottom) {
  if (!text.length) return;
  const room = Math.max(16, (bottom - top) / text.length);
  paint.fillStyle = "#fff";
  paint.textBaseline = "middle";
  text.forEach((line, number) => {
    const size = TEXT_SIZES.find((one) => {
      paint.font = `600 ${one}px ${FONT}`;
      return one * 1.15 <= room && paint.measureText(line).width <= WIDE - 2 * MARGIN;
    });
    paint.font = `600 ${size ?? TEXT_SIZES.at(-1)}px ${FONT}`;
    paint.fillText(line, MARGIN, top + Math.min(room, 46) * (number + 0.5), WIDE - 2 * MARGIN);
  });
}
