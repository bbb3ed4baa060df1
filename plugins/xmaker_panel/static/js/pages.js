// The pages of the panel. A new one is a line here, a view, and a file of words (words/).
import { Data } from "./view/data.js";
import { Editor } from "./view/editor.js";
import { Live } from "./view/live.js";
import { Model } from "./view/model.js";
import { Teach } from "./view/teach.js";

export const PAGES = [
  { id: "live", view: Live },
  { id: "data", view: Data },
  { id: "editor", view: Editor },
  { id: "teach", view: Teach },
  { id: "model", view: Model },
];
