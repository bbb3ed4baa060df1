// The page of plots and events.
import { html } from "../ui.js";
import { Log } from "./log.js";
import { Plots } from "./plots.js";

export function Data() {
  return html`<div class="data"><${Plots} /><${Log} /></div>`;
}
