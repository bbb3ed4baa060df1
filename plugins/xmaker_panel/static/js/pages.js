// The pages of the panel. A new one is a line here, a word in words.js and a view.
import { Data } from "./view/data.js";
import { Live } from "./view/live.js";

export const PAGES = [
  { id: "live", view: Live },
  { id: "data", view: Data },
];
