// Questions with an answer of their own, beside the line of events: what is refused is shown below the header.
import { get, set } from "./store.js";
import { t } from "./words.js";

// The answer as it comes; null where nobody answers.
export function request(path, options = {}) {
  return fetch(`${path}${path.includes("?") ? "&" : "?"}lang=${get("lang")}`, options).catch(() => null);
}

export async function ask(path, options = {}) {
  const answer = await request(path, options);
  if (answer?.ok && options.method === "POST") set("refused", null); // what was refused before has been mended
  if (answer?.ok) return told(await answer.json());
  set("refused", await whyNot(answer));
  return null;
}

// A project that came with XMaker is copied before anything in it changes: that must be said.
function told(found) {
  if (found.moved) set("refused", { words: found.moved, hint: "", code: "", place: "" });
  return found;
}

export async function whyNot(answer) {
  if (answer?.status === 409) return answer.json();
  const word = { 413: "tooLarge", 429: "tooFast" }[answer?.status] ?? "noAnswer";
  return { words: t(word), hint: "", code: "", place: "" };
}

export function tell(path, type, command = {}) {
  return ask(path, { method: "POST", body: JSON.stringify({ type, ...command }) });
}

// Send a file, and be told how much of it is there, from 0 to 1. Only this old way to ask says so.
export function sendFile(path, file, sent) {
  return new Promise((done) => {
    const line = new XMLHttpRequest();
    line.upload.onprogress = (event) => sent(event.lengthComputable ? event.loaded / event.total : 0);
    line.onloadend = async () => {
      const answer = line.status ? new Response(line.responseText, { status: line.status }) : null;
      if (answer?.ok) return done(told(await answer.json()));
      set("refused", await whyNot(answer));
      return done(null);
    };
    line.open("POST", `${path}&lang=${get("lang")}`);
    line.send(file);
  });
}
