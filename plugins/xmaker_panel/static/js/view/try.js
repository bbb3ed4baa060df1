// The actions of an output, to be tried by hand: on a simulated board and on a real one.
import { doStep } from "../link.js";
import { html } from "../ui.js";
import { t } from "../words.js";

const NUMBER = "-?[0-9]+([.][0-9]+)?";

export function TryIt({ node }) {
  if (!node.actions.length) return null;
  return html`<details class="try">
    <summary>${t("tryIt")}</summary>
    <div class="actions">${node.actions.map((action) => html`<${Action} key=${action.name} node=${node} action=${action} />`)}</div>
  </details>`;
}

function Action({ node, action }) {
  function submit(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    const args = [];
    for (const { name, kind } of action.parameters) {
      const text = given.get(name);
      if (!text) break; // what comes after one that is left out cannot be given
      args.push(kind === "number" ? Number(text) : kind === "flag" ? text === "true" : text);
    }
    doStep(node.name, action.name, args);
  }
  return html`<form onSubmit=${submit} title=${action.doc}>
    <button aria-label="${node.name}.${action.name}">${action.name}</button>
    ${action.parameters.map(
      ({ name, kind, required }) => html`<input name=${name} placeholder=${name} required=${required} aria-label="${node.name}.${action.name} ${name}"
        inputmode=${kind === "number" ? "decimal" : "text"} pattern=${kind === "number" ? NUMBER : ".*"} />`,
    )}
  </form>`;
}
