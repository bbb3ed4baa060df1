// What came of a lesson: how well it went, a try on the live picture, and the way into the project.
import { tell } from "../ask.js";
import { useProject } from "../store.js";
import { html, useEffect, useState } from "../ui.js";
import { t } from "../words.js";
import { Matrix, Ranking, Use, useJob } from "./work.js";

const PAUSE_MS = 150;

export function Lesson({ taught, camera, fewest }) {
  const { nodes } = useProject();
  const job = useJob(["teach"]);
  const [used, setUsed] = useState(null);
  const lesson = job?.state === "done" ? job.result : null;
  useEffect(() => setUsed(null), [job?.number]);
  if (!taught || job?.state === "works") return null;
  return html`
    ${lesson && html`<${Report} lesson=${lesson} fewest=${fewest} />`}
    <${TryTaught} key=${job?.number} camera=${camera} />
    <h3>${t("useTitle")}</h3>
    <${Use} nodes=${nodes.filter((node) => node.use === "classifier")} used=${used}
      use=${async (node) => setUsed(await tell("/teach", "use", { node }))} />
  `;
}

function Report({ lesson, fewest }) {
  const count = lesson.counts.reduce((sum, one) => sum + one, 0);
  const alike = lesson.labels.filter((_, number) => lesson.moments[number] < fewest);
  return html`
    <p class="figure"><b>${Math.round(lesson.accuracy * 100)} %</b> ${t("heldOut", { n: count })}</p>
    <${Matrix} labels=${lesson.labels} confusion=${lesson.confusion} />
    ${alike.length > 0 && html`<p class="doubt">${t("alike", { labels: alike.join(", ") })}</p>`}
    ${lesson.skipped.length > 0 && html`<p class="doubt">${t("skipped", { n: lesson.skipped.length })}</p>`}
  `;
}

function TryTaught({ camera }) {
  const [on, setOn] = useState(false);
  const [top, setTop] = useState([]);
  useEffect(() => {
    let over = !on;
    async function go() {
      while (!over) {
        const answer = await tell("/teach", "try", { camera });
        if (!answer) return setOn(false);
        if (!over) setTop(answer.top);
        await new Promise((done) => setTimeout(done, PAUSE_MS));
      }
      return null;
    }
    go();
    return () => void (over = true);
  }, [on, camera]);
  return html`
    <button aria-pressed=${on} onClick=${() => setOn(!on)}>${t(on ? "tryEnd" : "tryLive")}</button>
    ${on && html`<${Ranking} top=${top} />`}
  `;
}
