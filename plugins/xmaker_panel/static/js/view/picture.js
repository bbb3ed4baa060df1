// What a camera sees, with what models found drawn over it.
import { watch } from "../film.js";
import { drawBoxes } from "../overlay.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { t } from "../words.js";

const RATE_MS = 1000;
const RATE_OVER = 4;

export function Picture({ node }) {
  const canvas = useRef();
  const [labels, setLabels] = useState([]);
  const [shape, setShape] = useState(null);
  const [rate, setRate] = useState(0);
  useEffect(() => {
    let count = 0;
    const counts = [0];
    const timer = setInterval(() => {
      counts.push(count);
      if (counts.length > RATE_OVER + 1) counts.shift();
      setRate((count - counts[0]) / (counts.length - 1));
    }, RATE_MS);
    const end = watch(node.name, (bitmap, head, fresh) => {
      count += fresh;
      draw(canvas.current, bitmap, head);
      setLabels((before) => (same(before, head.labels) ? before : head.labels));
      setShape((before) => before ?? `${head.width} × ${head.height}`);
    });
    return () => {
      clearInterval(timer);
      end();
    };
  }, [node.name]);
  return html`
    <section class="card picture" aria-label="${t("picture")} ${node.name}">
      <h2>${node.name}<small>${shape && rate > 0 && `${shape}, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} ${t("fps")}`}</small></h2>
      <div class="frame">
        <canvas ref=${canvas} width="4" height="3"></canvas>
        ${!shape && html`<p class="empty">${t("noPicture")}</p>`}
        <ul class="labels">
          ${labels.map((one) => html`<li key=${one.node}>${one.label} <b>${Math.round(one.score * 100)} %</b></li>`)}
        </ul>
      </div>
    </section>
  `;
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function draw(canvas, bitmap, head) {
  if (!canvas) return;
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
  }
  const paint = canvas.getContext("2d");
  paint.drawImage(bitmap, 0, 0);
  const unit = Math.max(0.5, bitmap.width / (canvas.clientWidth || bitmap.width));
  drawBoxes(paint, head.boxes, bitmap.width / head.width, unit);
  canvas.dataset.boxes = head.boxes.map((box) => box.label).join(","); // for who cannot see, and for tests
}
