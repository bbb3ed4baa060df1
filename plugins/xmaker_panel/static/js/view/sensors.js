// Inputs on the board: simulated ones can be moved, real ones show what they measure.
import { hold, setShown } from "../link.js";
import { useKey } from "../store.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { short, t } from "../words.js";

const STEPS = 200;
const FOLLOW_MS = 400;

export function Sensor({ node }) {
  const value = useKey(`value.${node.name}`);
  const fields = Object.entries(node.fields);
  if (node.simulated && node.fields.pressed) return html`<${PushButton} node=${node} value=${value} />`;
  if (!fields.length) return html`<p class="last">${value?.words ?? t("noValue")}</p>`;
  return fields.map(([field, quantity]) => {
    const Shape = { number: Slider, flag: Toggle, text: Words }[quantity.kind];
    const now = value?.fields[field];
    return Shape && html`<${Shape} key=${field} node=${node} field=${field} quantity=${quantity} now=${now} words=${value?.words} />`;
  });
}

function title(node, field) {
  return field === "value" ? "" : field;
}

// A step of a power of ten, so that the numbers are round ones.
function step({ low, high }) {
  return 10 ** Math.floor(Math.log10((high - low) / STEPS || 1));
}

function Slider({ node, field, quantity, now }) {
  const [mine, setMine] = useState(null);
  const letGo = useRef(0);
  const shown = mine ?? now;
  function move(event) {
    const value = Number(event.target.value);
    setMine(value);
    setShown(`${node.name}.${field}`, value);
    clearTimeout(letGo.current);
    letGo.current = setTimeout(() => setMine(null), FOLLOW_MS);
  }
  const words = html`<output>${short(shown)} <small>${quantity.unit}</small></output>`;
  const name = title(node, field);
  if (!node.simulated) {
    return html`<label class="field"><span>${name}</span>${words}<meter min=${quantity.low} max=${quantity.high} value=${shown ?? quantity.low}></meter></label>`;
  }
  return html`<label class="field">
    <span>${name}</span>${words}
    <input type="range" min=${quantity.low} max=${quantity.high} step=${step(quantity)} value=${shown ?? quantity.low}
      aria-label="${node.name} ${name}" onInput=${move} />
  </label>`;
}

function Toggle({ node, field, now }) {
  const flip = () => setShown(`${node.name}.${field}`, !now);
  const name = title(node, field) || t("state");
  if (!node.simulated) return html`<div class="field"><span>${name}</span><i class="dot ${now ? "ok" : ""}"></i></div>`;
  return html`<div class="field">
    <span>${name}</span>
    <button class="toggle" role="switch" aria-checked=${Boolean(now)} aria-label="${node.name} ${name}" onClick=${flip}></button>
  </div>`;
}

function Words({ node, field, quantity, words }) {
  if (!node.simulated) return html`<p class="last">${words ?? t("noValue")}</p>`;
  function show(event) {
    event.preventDefault();
    setShown(`${node.name}.${field}`, new FormData(event.target).get("text"));
  }
  return html`<form class="field" onSubmit=${show}>
    <input name="text" aria-label="${node.name} ${field}" placeholder=${words ?? quantity.example} />
    <button>${t("show")}</button>
  </form>`;
}

// A push button under a finger or under the space bar: pressed, held after a while, pressed twice.
function PushButton({ node, value }) {
  const down = useRef(null);
  const last = useRef(-Infinity);
  const fields = node.fields;
  const show = (field, on) => fields[field] && hold(`${node.name}.${field}`, on);
  function press(event) {
    if (down.current !== null || event.repeat) return;
    if (event.pointerId !== undefined) event.target.setPointerCapture(event.pointerId);
    const now = performance.now() / 1000;
    if (now - last.current < (node.options.again ?? 0.4)) show("double", true);
    last.current = now;
    down.current = setTimeout(() => show("held", true), 1000 * (node.options.hold ?? 1));
    show("pressed", true);
  }
  function release() {
    if (down.current === null) return;
    clearTimeout(down.current);
    down.current = null;
    show("held", false);
    show("double", false);
    show("pressed", false);
  }
  useEffect(() => release, []);
  const isKey = (event) => event.key === " " || event.key === "Enter";
  return html`
    <button class="push ${value?.fields.pressed ? "down" : ""}" aria-label="${t("press")} ${node.name}" aria-pressed=${Boolean(value?.fields.pressed)}
      onPointerDown=${press} onPointerUp=${release} onPointerCancel=${release} onContextMenu=${(event) => event.preventDefault()}
      onKeyDown=${(event) => isKey(event) && press(event)} onKeyUp=${(event) => isKey(event) && release()} onBlur=${release}>
    </button>
    <p class="last">${value?.words ?? "–"}</p>
  `;
}
