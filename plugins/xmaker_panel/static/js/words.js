// The user's language, and its words: those of a page stand in a file of words/.
import { choice, choose, get, set, useKey } from "./store.js";
import data from "./words/data.js";
import editor from "./words/editor.js";
import frame from "./words/frame.js";
import live from "./words/live.js";
import model from "./words/model.js";
import projects from "./words/projects.js";
import teach from "./words/teach.js";

const WORDS = { ...frame, ...live, ...data, ...editor, ...teach, ...model, ...projects };

const LANGUAGES = ["en", "zh"];

set("lang", choice("lang", navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"));
document.documentElement.lang = get("lang");

// A word in the user's language; {name} is filled in.
export function t(key, details = {}) {
  const text = WORDS[key]?.[LANGUAGES.indexOf(get("lang"))] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => details[name] ?? "");
}

export function useLanguage() {
  return useKey("lang");
}

export function otherLanguage() {
  choose("lang", get("lang") === "zh" ? "en" : "zh");
  document.documentElement.lang = get("lang");
}

// A number in few digits.
export function short(number) {
  if (number === undefined) return "–";
  return Math.abs(number) < 100 ? Math.round(number * 100) / 100 : Math.round(number * 10) / 10;
}

export function ago(seconds) {
  if (seconds < 1.5) return t("firedNow");
  const short = seconds < 90 ? t("seconds", { n: Math.round(seconds) }) : t("minutes", { n: Math.round(seconds / 60) });
  return t("firedAgo", { time: short });
}
