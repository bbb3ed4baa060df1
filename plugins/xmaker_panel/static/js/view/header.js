// The strip at the top: the project, the pages, and what the user may choose about the page itself.
import { choice, choose, get, set, useKey, useProject } from "../store.js";
import { html, useEffect } from "../ui.js";
import { otherLanguage, t } from "../words.js";
import { hearing, toggleHearing } from "../tone.js";

const THEMES = ["auto", "light", "dark"];
set("theme", choice("theme", "auto"));

export function useTheme() {
  const theme = useKey("theme");
  useEffect(() => void (document.documentElement.dataset.theme = theme), [theme]);
}

function nextTheme() {
  const dark = get("theme") === "dark" || (get("theme") === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  choose("theme", dark ? THEMES[1] : THEMES[2]);
}

function Horn({ loud }) {
  return html`<svg class="sign" viewBox="0 0 24 24">
    <path d="M4 9v6h4l5 4V5L8 9z" fill="currentColor" />
    ${loud ? html`<path d="M16 8a5 5 0 0 1 0 8M18.5 5.5a9 9 0 0 1 0 13" />` : html`<path d="M16 9l5 6M21 9l-5 6" />`}
  </svg>`;
}

function HalfMoon() {
  return html`<svg class="sign" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8" /><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" /></svg>`;
}

export function Header({ pages, chosen }) {
  const project = useProject();
  const link = useKey("link");
  const home = useKey("about.home");
  useKey("hearing");
  const buzzes = project.nodes.some((node) => node.use === "buzzer");
  return html`
    <header>
      <h1><i class="dot ${link === "on" ? "ok" : "bad"}"></i>${project.name || "XMaker"}</h1>
      ${project.board && html`<span class="tag">${project.simulated ? t("simulated") : project.board}</span>`}
      <nav>
        ${home > 0 && html`<a href=${`//${location.hostname}:${home}/`}>${t("projects")}</a>`}
        ${pages.map(({ id, early }) =>
          project.waits && !early
            ? html`<a aria-disabled="true" title=${t("mendFirst")}>${t(id)}</a>`
            : html`<a href=${`#${id}`} aria-current=${id === chosen ? "page" : null}>${t(id)}</a>`,
        )}
      </nav>
      <${Tools}>
        ${buzzes &&
        html`<button class="icon" title=${t(hearing() ? "mute" : "hear")} aria-pressed=${hearing()} onClick=${toggleHearing}>
          <${Horn} loud=${hearing()} />
        </button>`}
      <//>
    </header>
  `;
}

export function Tools({ children }) {
  return html`<div class="tools">
    ${children}
    <button class="icon" title=${t("theme")} onClick=${nextTheme}><${HalfMoon} /></button>
    <button class="icon word" onClick=${otherLanguage}>${t("language")}</button>
  </div>`;
}
