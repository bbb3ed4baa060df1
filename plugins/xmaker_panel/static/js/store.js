// The state of the run as the server sends it: key → value, such as "value.room". Views are told of their own keys only.
import { useEffect, useState } from "./ui.js";

const values = new Map();
const listeners = new Map();

export function get(key) {
  return values.get(key);
}

export function set(key, value) {
  if (value === null) values.delete(key);
  else values.set(key, value);
  for (const listener of listeners.get(key) ?? []) listener(value);
}

export function listen(key, listener) {
  if (!listeners.has(key)) listeners.set(key, new Set());
  listeners.get(key).add(listener);
  return () => listeners.get(key).delete(listener);
}

export function clear() {
  for (const key of [...values.keys()]) if (key.includes(".")) set(key, null);
}

// The value of a key; the view is drawn anew when it changes.
export function useKey(key) {
  const [, again] = useState(0);
  const shown = values.get(key);
  useEffect(() => {
    const draw = () => again((count) => count + 1);
    if (values.get(key) !== shown) draw(); // it changed before anybody listened
    return listen(key, draw);
  }, [key]);
  return shown;
}

export function useProject() {
  return useKey("about.project") ?? { name: "", nodes: [], rules: [], board: "", simulated: false };
}

// What the user has chosen, kept by the browser. These keys have no dot.
export function choice(key, otherwise) {
  return localStorage.getItem(`xmaker.${key}`) ?? otherwise;
}

export function choose(key, value) {
  localStorage.setItem(`xmaker.${key}`, value);
  set(key, value);
}
