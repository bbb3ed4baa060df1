// The page that teaches: what is in front of the camera, a label for it, the lesson, a try, and the project.
import { ask, tell } from "../ask.js";
import { useKey, useProject } from "../store.js";
import { useDigits, useTaking } from "../taking.js";
import { html, useEffect, useState } from "../ui.js";
import { t } from "../words.js";
import { Labels } from "./labels.js";
import { Lesson } from "./lesson.js";
import { Picture } from "./picture.js";
import { Work } from "./work.js";

export function Teach() {
  const { nodes } = useProject();
  const job = useKey("job.now");
  const cameras = nodes.filter((node) => node.kind === "input" && node.pictures);
  const [chosen, setChosen] = useState("");
  const [state, setState] = useState(null);
  const camera = cameras.find((node) => node.name === chosen) ?? cameras[0];
  const taking = useTaking(camera?.name, (label, picture) => setState((before) => withPicture(before, label, picture)));
  useDigits((state?.labels ?? []).map((one) => one.label), taking);
  useEffect(() => void ask("/teach").then((found) => found && setState(found)), [job?.number, job?.state]);

  async function change(type, command) {
    const found = await tell("/teach", type, command);
    setState(found ?? (await ask("/teach")));
    return Boolean(found);
  }

  if (!state) return html`<p class="empty">${t("connecting")}</p>`;
  if (!camera) return html`<section class="card"><h2>${t("teach")}</h2><p>${t("teachNoCamera")}</p></section>`;
  return html`
    <div class="teach">
      <div class="column looking">
        ${cameras.length > 1 &&
        html`<select aria-label=${t("camera")} value=${camera.name} onChange=${(event) => setChosen(event.target.value)}>
          ${cameras.map((node) => html`<option value=${node.name}>${node.name}</option>`)}
        </select>`}
        <${Picture} key=${camera.name} node=${camera} />
      </div>
      <div class="column naming"><${Labels} state=${state} taking=${taking} change=${change} /></div>
      <div class="column learning">
        <section class="card lesson" aria-label=${t("lesson")}>
          <h2>${t("lesson")}</h2>
          <button class="strong large" disabled=${job?.state === "works"} onClick=${() => tell("/teach", "learn")}>${t("learn")}</button>
          <p class="empty">${t("learnHow", { n: state.fewest })}</p>
          <${Work} />
          <${Lesson} taught=${state.taught} camera=${camera.name} fewest=${state.fewest} />
        </section>
      </div>
    </div>
  `;
}

function withPicture(state, label, picture) {
  const labels = state.labels.map((one) => (one.label === label ? { ...one, pictures: [picture, ...one.pictures] } : one));
  return { ...state, labels };
}
