// The pages of the panel. A new one is a line here, a view, and a file of words (words/).
import { Data } from "./view/data.js";
import { Editor } from "./view/editor.js";
import { Live } from "./view/live.js";
import { Model } from "./view/model.js";
import { Teach } from "./view/teach.js";

// `early` are those that are there before a broken project has been mended.
export const PAGES = [
  { id: "live", view: Live },
  { id: "data", view: Data },
  { id: "editor", view: Editor, early: true },
  { id: "teach", view: Teach },
  { id: "model", view: Model, early: true },
];

// The page that is shown where `name` was chosen: a project that waits is mended first.
export function pageFor(name, waits) {
  const page = PAGES.find((one) => one.id === name) ?? PAGES[0];
  return waits && !page.early ? PAGES.find((one) => one.id === "editor") : page;
}
