// Plays what buzzers sound, once the user has asked for it: browsers let no page sound unasked.
import { get, listen, set } from "./store.js";

const LOUDNESS = 0.06;
let context = null;
const playing = new Map();

export function hearing() {
  return Boolean(get("hearing"));
}

export function toggleHearing() {
  context ??= new AudioContext();
  if (hearing()) context.suspend();
  else context.resume();
  set("hearing", !hearing());
  for (const node of followed) follow(node, get(`look.${node}`)); // what sounds already
}

// Sound one node's tone, or be silent. A square wave is what a pin gives a buzzer.
function sound(node, frequency) {
  if (!context) return;
  if (!playing.has(node)) {
    const wave = new OscillatorNode(context, { type: "square" });
    const volume = new GainNode(context, { gain: 0 });
    wave.connect(volume).connect(context.destination);
    wave.start();
    playing.set(node, { wave, volume });
  }
  const { wave, volume } = playing.get(node);
  if (frequency) wave.frequency.value = frequency;
  volume.gain.setTargetAtTime(frequency ? LOUDNESS : 0, context.currentTime, 0.005);
}

const followed = new Set();
listen("about.project", (project) => {
  for (const { name } of project?.nodes ?? []) {
    if (followed.has(name)) continue;
    followed.add(name);
    listen(`look.${name}`, (look) => follow(name, look));
  }
});

function follow(node, look) {
  if (look?.type === "tone") sound(node, look.frequency);
  else if (playing.has(node)) sound(node, 0);
}

// What cannot be seen any more must not go on being heard.
listen("link", (link) => {
  for (const node of followed) follow(node, link === "on" ? get(`look.${node}`) : null);
});

const NOTES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

// The nearest note: A4 is 440 Hz (ISO 16).
export function noteOf(frequency) {
  const number = Math.round(69 + 12 * Math.log2(frequency / 440));
  return `${NOTES[number % 12]}${Math.floor(number / 12) - 1}`;
}
