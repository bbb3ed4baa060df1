// The line to the run: what happens comes in, what the user asks goes out. A page that nobody sees hangs up.
import { clear, get, listen, set } from "./store.js";

const AGAIN_MS = 1500;
const HIDDEN_MS = 5000;
const KEPT_LINES = 1000;
let socket = null;
let later = 0;
let begun = 0; // of several that are begun at once, only the last line is opened

export function start() {
  connect();
  listen("lang", connect);
  let hiding = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(goAway, HIDDEN_MS);
    else if (!socket) connect();
  });
  listen("about.text", (text) => text && know(text.place));
}

// Which project this page is of: an address may be another one's when its run has ended.
let place = "";
function know(now) {
  if (place && now !== place) set("other", true);
  place ||= now;
}

function goAway() {
  if (get("link") === "pin") return; // there is no line, and a PIN may be half written
  letGo();
  set("link", "away");
}

// Let the line go that there is, and the one that is to be; forgotten first, so that its end begins no other.
function letGo() {
  clearTimeout(later);
  begun += 1;
  const old = socket;
  socket = null;
  hangUp(old);
}

// Close a line; one that is not open yet would be complained about, so it is closed when it is.
export function hangUp(line) {
  if (line?.readyState === WebSocket.CONNECTING) line.onopen = () => line.close();
  else line?.close();
}

async function connect() {
  letGo();
  const number = begun;
  const here = await fetch("/here").catch(() => null);
  if (number !== begun) return;
  if (here?.status === 401) {
    const list = here.headers.get("X-XMaker-List"); // where the PIN of this run is given; it leads back here
    if (list) location.replace(`//${location.hostname}:${list}/#${location.port}`);
    else set("link", "pin");
    return;
  }
  const mine = new WebSocket(address("events"));
  socket = mine;
  let first = true;
  mine.onmessage = (event) => {
    if (socket !== mine) return;
    if (first) clear(); // what another run, or this one in another language, has left
    if (first) set("log", []);
    first = false;
    set("link", "on");
    take(JSON.parse(event.data));
    requestAnimationFrame(() => send({ type: "ack" }));
  };
  mine.onclose = () => {
    if (socket !== mine) return;
    socket = null;
    set("link", document.hidden ? "away" : "gone");
    if (document.hidden) return;
    later = setTimeout(connect, AGAIN_MS);
  };
}

export function address(path) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/${path}?lang=${get("lang")}`;
}

function take(message) {
  if (message.refused) {
    set("refused", message.refused);
    return;
  }
  set("t", message.t);
  for (const [key, value] of Object.entries(message.set)) set(key, value);
  if (message.log.length) set("log", [...(get("log") ?? []), ...message.log].slice(-KEPT_LINES));
  set("tick", message.t);
}

export function send(command) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(command));
}

// Have a simulated sensor show something. Of a slider's many values only the last one of each frame is sent.
const waiting = new Map();
export function setShown(name, value) {
  if (!waiting.size) requestAnimationFrame(sendWaiting);
  waiting.set(name, value);
}

function sendWaiting() {
  for (const [name, value] of waiting) send({ type: "set", name, value });
  waiting.clear();
}

export function hold(name, down) {
  send({ type: "set", name, value: down, held: down });
}

// One action, written as in a rule: texts in quotes, numbers plain.
export function doStep(node, action, args = []) {
  const written = args.map((arg) => JSON.stringify(arg)).map((arg) => ({ true: "True", false: "False" })[arg] ?? arg);
  send({ type: "do", step: `${node}.${action}${written.length ? `(${written.join(", ")})` : ""}` });
}

export { connect as again };
