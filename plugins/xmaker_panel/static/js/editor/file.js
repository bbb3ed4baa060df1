// The project file between this page and the run: opened, checked, saved. What is being written outlives a change of pages.
import { ask, request, whyNot } from "../ask.js";
import { get, set } from "../store.js";

const CHECK_MS = 350;
const AGAIN_MS = 1500;
const opened = { text: "", tag: "", place: "" };
let later = 0;
let asked = 0;

// What has been written and not been saved; null before the file was opened.
export const draft = { text: null, state: null };

export async function open() {
  const answer = await ask("/editor");
  if (!answer) return null;
  if (opened.place && answer.place !== opened.place) return null; // another project has taken this address
  Object.assign(opened, answer);
  set("tag", answer.tag);
  return answer;
}

export function unsaved() {
  return draft.text !== null && draft.text !== opened.text;
}

export function changed(text) {
  draft.text = text;
  set("unsaved", unsaved());
  clearTimeout(later);
  later = setTimeout(() => check(text), CHECK_MS);
}

export async function check(text) {
  const mine = (asked += 1);
  const answer = await send("/editor/check", text, true);
  if (mine !== asked) return; // a later one is on its way
  if (!answer) {
    later = setTimeout(() => check(draft.text), AGAIN_MS);
    return;
  }
  if (answer.python) set("nodes", answer.nodes);
  set("checked", answer);
}

export async function save() {
  const text = draft.text;
  if (text === null || get("saving") || get("other")) return;
  set("saving", true);
  const answer = await send(`/editor/save?${new URLSearchParams({ tag: opened.tag, place: opened.place })}`, text);
  set("saving", false);
  if (!answer) return;
  set("refused", null);
  Object.assign(opened, { text, tag: answer.tag });
  set("tag", answer.tag);
  set("unsaved", unsaved());
  if (answer.moved) set("moved", answer.moved);
  check(draft.text); // what stands beside the file may have changed, too
}

// Whether the file is another one than that which was opened: somebody has saved it elsewhere.
export function isChanged(tag) {
  return Boolean(tag) && tag !== opened.tag && !get("other");
}

// What is `quiet` is asked again by itself, so that it says only what asking again would not change.
async function send(path, text, quiet = false) {
  const answer = await request(path, { method: "POST", body: text });
  if (answer?.ok) return answer.json();
  if (!quiet || answer?.status === 409) set("refused", await whyNot(answer));
  return null;
}
