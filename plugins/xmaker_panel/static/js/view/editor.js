// The page on which the project file is written.
import { changed, check, draft, isChanged, open, save, unsaved } from "../editor/file.js";
import { get, set, useKey, useProject } from "../store.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { t } from "../words.js";
import { Beside } from "./beside.js";
import { useApply } from "./apply.js";

window.addEventListener("beforeunload", (event) => unsaved() && event.preventDefault());

export function Editor() {
  const place = useRef();
  const [mirror, setMirror] = useState(null); // { text, view }
  const checked = useKey("checked");
  useEffect(() => {
    let view = null;
    let gone = false;
    Promise.all([import("../editor/text.js"), draft.state ? {} : open()]).then(([text, file]) => {
      if (gone || !file) return;
      view = text.show(place.current, draft.state ?? text.begin(file.text, { known, changed, save }));
      draft.text ??= file.text;
      setMirror({ text, view });
      check(draft.text);
    });
    return () => {
      gone = true;
      if (!view) return;
      draft.state = view.state;
      view.destroy();
    };
  }, []);
  useEffect(() => void (mirror && checked && mirror.text.mark(mirror.view, checked.problems)), [mirror, checked]);
  useFirstMistake(mirror, checked);
  return html`
    <div class="editor">
      <section class="card writing" aria-label=${t("editor")}>
        <${Bar} />
        <${Elsewhere} mirror=${mirror} />
        <div class="text" ref=${place}>${!mirror && html`<p class="empty">${t("loading")}</p>`}</div>
        <p class="leave">${t("leave")}</p>
      </section>
      <${Beside} mirror=${mirror} />
    </div>
  `;
}

// What completion knows: asked for by CodeMirror, which lives longer than a view.
function known() {
  return { words: get("words"), nodes: get("nodes") ?? {} };
}

// A project that cannot start is opened at what is wrong with it.
function useFirstMistake(mirror, checked) {
  const { waits } = useProject();
  const [been, setBeen] = useState(false);
  useEffect(() => {
    const first = checked?.problems.find((problem) => problem.line);
    if (been || !mirror || !waits || !first) return;
    setBeen(true);
    mirror.text.goTo(mirror.view, first.line, first.column);
  }, [mirror, checked, waits]);
}

function Bar() {
  const { name, tag } = useKey("about.text") ?? {};
  const changes = useKey("unsaved");
  const busy = useKey("saving");
  const moved = useKey("moved");
  const { word, runs } = useApply();
  const stands = changes || tag === "" ? "unsaved" : runs ? "saved" : "notRunning";
  return html`
    <div class="bar">
      <button class="strong" disabled=${busy || (runs && !changes && tag !== "")} onClick=${save}>${t(busy ? "saving" : word)}</button>
      <b>${name}</b> <span class="tag ${stands === "saved" ? "" : "holds"}" role="status">${t(stands)}</span>
      <${Change} />
    </div>
    ${moved && html`<p class="moved" role="status">${moved}</p>`}
  `;
}

// What became of the last change, whoever made it.
function Change() {
  const change = useKey("about.change");
  const broken = useKey("about.file");
  if (broken || !change?.count) return null;
  const nodes = change.started.join(", ");
  return html`<span class="change" role="status">${nodes ? t("restarted", { nodes }) : t("restartedNone")}</span>`;
}

// Somebody has changed the file: shown at once, unless something here would be lost.
function Elsewhere({ mirror }) {
  const { tag } = useKey("about.text") ?? {};
  const [torn, setTorn] = useState(false);
  useEffect(() => {
    if (!mirror || !isChanged(tag)) setTorn(false);
    else if (unsaved()) setTorn(true);
    else take();
  }, [mirror, tag]);
  async function take() {
    const file = await open();
    if (file) mirror.text.replace(mirror.view, file.text);
    set("unsaved", unsaved());
    setTorn(false);
  }
  if (!torn) return null;
  return html`
    <div class="banner warn" role="alert">
      <b>${t("changedElsewhere")}</b>
      <div class="choices">
        <button onClick=${take}>${t("takeTheirs")} <small>${t("takeTheirsWhy")}</small></button>
        <button onClick=${() => open().then(() => setTorn(false))}>${t("keepMine")} <small>${t("keepMineWhy")}</small></button>
      </div>
    </div>
  `;
}
