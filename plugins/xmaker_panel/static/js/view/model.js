// The page of models: uploads, what is known of each, what can be done with it, and what came of that.
import { ask, tell } from "../ask.js";
import { get, useKey } from "../store.js";
import { html, useEffect, useState } from "../ui.js";
import { t } from "../words.js";
import { Card } from "./card.js";
import { Upload } from "./upload.js";
import { Work, megabytes } from "./work.js";

export function Model() {
  const job = useKey("job.now");
  const [state, setState] = useState(null);
  const [chosen, setChosen] = useState(get("job.now")?.about ?? ""); // where a result may lie
  useEffect(() => void ask("/models").then((found) => found && setState(found)), [job?.number, job?.state]);
  if (!state) return html`<p class="empty">${t("connecting")}</p>`;
  const model = state.models.find((one) => one.name === chosen) ?? state.models[0];

  async function change(type, command = {}) {
    const found = await tell("/models", type, { model: model.name, ...command });
    if (found) setState(found);
    return found;
  }

  return html`
    <div class="model-page">
      <div class="column">
        <section class="card" aria-label=${t("models")}>
          <h2>${t("modelsHere")}</h2>
          ${!state.models.length && html`<p class="empty">${t("noModels")}</p>`}
          <ul class="shelf">
            ${state.models.map(
              (one) => html`<li key=${one.name}>
                <button aria-pressed=${one === model} onClick=${() => setChosen(one.name)}>${one.name}<small>${megabytes(one.bytes)}</small></button>
              </li>`,
            )}
          </ul>
        </section>
        <${Upload} state=${state} taken=${(found) => (setState(found), setChosen(found.model))} />
      </div>
      <div class="column">
        <${Work} />
        ${model && html`<${Card} key=${model.name} model=${model} state=${state} change=${change} choose=${setChosen} />`}
      </div>
    </div>
  `;
}
