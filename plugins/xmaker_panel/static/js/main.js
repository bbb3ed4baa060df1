// Begins the page: the header, the page that is chosen, and what is in the way of it.
import { again, start } from "./link.js";
import { PAGES, pageFor } from "./pages.js";
import { listen, set, useKey } from "./store.js";
import { html, render, useEffect } from "./ui.js";
import { Banners } from "./view/banners.js";
import { Other } from "./view/other.js";
import { Header, useTheme } from "./view/header.js";
import { Pin } from "./view/pin.js";
import { t, useLanguage } from "./words.js";

const REFUSED_MS = 8000;

function page() {
  return location.hash.slice(1) || PAGES[0].id;
}

window.addEventListener("hashchange", () => set("page", page()));
set("page", page());

function App() {
  useTheme();
  const lang = useLanguage();
  const link = useKey("link");
  const name = useKey("page");
  const project = useKey("about.project");
  useEffect(() => void (document.title = `${project?.name ?? ""} – XMaker`.replace(/^ – /, "")), [project]);
  if (link === "pin") return html`<${Pin} entered=${again} />`;
  const chosen = pageFor(name, project?.waits);
  return html`
    <div class="top">
      <${Header} pages=${PAGES} chosen=${chosen.id} />
      <${Banners} />
      <${Other} />
    </div>
    <main key=${`${chosen.id}${lang}`} class=${link === "on" ? "" : "stale"}>
      ${project ? html`<${chosen.view} />` : html`<p class="empty">${t("connecting")}</p>`}
    </main>
  `;
}

start();
render(html`<${App} />`, document.getElementById("app"));
let fades = 0;
listen("refused", (refused) => {
  clearTimeout(fades);
  if (refused) fades = setTimeout(() => set("refused", null), REFUSED_MS);
});
