// The labels, each with a button that takes pictures while it is held, and the pictures that there are.
import { html, useState } from "../ui.js";
import { t } from "../words.js";

const SHOWN = 10;
const KEYS = 9;

export function Labels({ state, taking, change }) {
  async function add(event) {
    event.preventDefault();
    const form = event.target;
    if (await change("add", { label: new FormData(form).get("label") })) form.reset();
  }
  return html`
    <section class="card labels-card" aria-label=${t("labels")}>
      <h2>${t("labels")}<small>${t("labelsHow")}</small></h2>
      <ol class="kinds">
        ${state.labels.map(
          (kind, number) => html`<${Kind} key=${kind.label} kind=${kind} number=${number + 1} fewest=${state.fewest} taking=${taking} change=${change} />`,
        )}
      </ol>
      <form class="bar" onSubmit=${add}>
        <input name="label" required maxlength="40" autocomplete="off" placeholder=${t("newLabel")} aria-label=${t("newLabel")} />
        <button>${t("add")}</button>
      </form>
    </section>
  `;
}

function Kind({ kind, number, fewest, taking, change }) {
  const [all, setAll] = useState(false);
  const { label, pictures } = kind;
  const shown = all ? pictures : pictures.slice(0, SHOWN);
  function remove() {
    if (!pictures.length || confirm(t("removeSure", { label, n: pictures.length }))) change("remove", { label });
  }
  async function rename(event) {
    const field = event.target;
    const to = field.value.trim();
    if (!to || to === label || !(await change("rename", { label, to }))) field.value = label;
  }
  return html`
    <li class="kind" data-label=${label}>
      <div class="kind-head">
        <input class="name" defaultValue=${label} maxlength="40" aria-label=${t("rename", { label })} onChange=${rename} />
        <output class=${pictures.length < fewest ? "few" : ""}>${t("pictures", { n: pictures.length })}${pictures.length < fewest && ` / ${fewest}`}</output>
        <button class="icon" title=${t("remove", { label })} aria-label=${t("remove", { label })} onClick=${remove}>×</button>
      </div>
      <${Hold} label=${label} number=${number} taking=${taking} />
      <ul class="thumbs">
        ${shown.map((picture) => html`<${Thumb} key=${picture} label=${label} picture=${picture} change=${change} />`)}
      </ul>
      ${pictures.length > SHOWN && html`<button class="more" onClick=${() => setAll(!all)}>${all ? t("fewer") : t("more", { n: pictures.length - SHOWN })}</button>`}
    </li>
  `;
}

function Hold({ label, number, taking }) {
  const down = taking.held === label;
  function press(event) {
    event.currentTarget.setPointerCapture?.(event.pointerId);
    taking.start(label);
  }
  function key(event) {
    if (![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    if (event.type === "keydown" && !event.repeat) taking.start(label);
    else if (event.type === "keyup") taking.stop();
  }
  return html`
    <button class="hold ${down ? "down" : ""}" aria-pressed=${down} aria-label=${t("holdFor", { label })}
      onPointerDown=${press} onPointerUp=${taking.stop} onPointerCancel=${taking.stop} onContextMenu=${(event) => event.preventDefault()}
      onKeyDown=${key} onKeyUp=${key} onBlur=${() => down && taking.stop()}>
      ${t(down ? "taking" : "hold")} ${number <= KEYS && html`<kbd>${number}</kbd>`}
    </button>
  `;
}

function Thumb({ label, picture, change }) {
  const address = `/teach/pictures/${encodeURIComponent(label)}/${encodeURIComponent(picture)}`;
  return html`<li>
    <img src=${address} alt="${label} ${picture}" loading="lazy" />
    <button aria-label=${t("drop", { picture })} title=${t("drop", { picture })} onClick=${() => change("drop", { label, picture })}>×</button>
  </li>`;
}
