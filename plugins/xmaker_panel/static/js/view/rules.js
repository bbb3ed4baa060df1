// The rules: what each waits for, whether it is true now, when it last fired.
import { get, useKey, useProject } from "../store.js";
import { html, useEffect, useState } from "../ui.js";
import { ago, t } from "../words.js";

export function Rules() {
  const { rules } = useProject();
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return html`
    <section class="card rules" aria-label=${t("rules")}>
      <h2>${t("rules")}</h2>
      ${rules.length ? html`<ol>${rules.map((rule) => html`<${Rule} key=${rule.number} rule=${rule} />`)}</ol>` : html`<p class="empty">${t("noRules")}</p>`}
    </section>
  `;
}

function Rule({ rule }) {
  const now = useKey(`rule.${rule.number}`) ?? { state: "waits", words: "", fired: null };
  const fired = now.fired === null ? t("firedNever") : ago((get("t") ?? 0) - now.fired);
  return html`
    <li class="rule ${now.state}" data-rule=${rule.number} data-state=${now.state}>
      <div class="head">
        <span class="number">${rule.number}</span>
        <code>
          <b>${t(rule.each ? "each" : "when")}</b> ${rule.each || rule.when}
          ${rule.for && html` <b>${t("for")}</b> ${rule.for}`}
        </code>
      </div>
      <ul class="steps">
        ${rule.then.map((step) => html`<li><code>${step}</code></li>`)}
        ${rule.else.length > 0 && html`<li class="else"><b>${t("else")}</b></li>`}
        ${rule.else.map((step) => html`<li><code>${step}</code></li>`)}
      </ul>
      <p class="why"><span class="tag ${now.state}">${t(now.state)}</span> ${now.state === "true" ? "" : now.words}</p>
      <p class="fired">${fired}</p>
    </li>
  `;
}
