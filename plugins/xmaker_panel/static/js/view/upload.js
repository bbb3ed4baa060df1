// Brings a model file to the project, with its labels.
import { sendFile, tell } from "../ask.js";
import { set } from "../store.js";
import { html, useState } from "../ui.js";
import { t } from "../words.js";

export function Upload({ state, taken }) {
  const [part, setPart] = useState(null);
  const limit = state.largest / 1e6;

  async function send(event) {
    event.preventDefault();
    const form = event.target;
    const given = new FormData(form);
    const file = given.get("file");
    if (file.size > state.largest) {
      set("refused", { words: t("uploadLarge", { name: file.name, n: limit }), hint: "", code: "", place: "" });
      return;
    }
    setPart(0);
    const found = await sendFile(`/models/upload?name=${encodeURIComponent(file.name)}`, file, setPart);
    setPart(null);
    if (!found) return;
    const labels = given.get("labels").trim();
    const named = labels && (await tell("/models", "label", { model: found.model, labels }));
    taken({ ...found, ...named, model: found.model });
    form.reset();
  }

  return html`
    <section class="card" aria-label=${t("upload")}>
      <h2>${t("upload")}<small>${t("uploadHow", { endings: state.endings.join(", "), n: limit })}</small></h2>
      <form class="upload" onSubmit=${send}>
        <input type="file" name="file" required accept=${state.endings.join(",")} aria-label=${t("modelFile")} />
        <label>${t("uploadLabels")}<textarea name="labels" rows="3" placeholder=${t("labelsExample")}></textarea></label>
        <button class="strong" disabled=${part !== null}>${t("upload")}</button>
        ${part !== null && html`<progress value=${part} aria-label=${t("upload")}></progress>`}
      </form>
    </section>
  `;
}
