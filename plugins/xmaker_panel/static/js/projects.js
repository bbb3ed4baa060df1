// Begins the page with the list of projects.
import { get, set, useKey } from "./store.js";
import { html, render, useEffect, useState } from "./ui.js";
import { Tools, useTheme } from "./view/header.js";
import { Pin } from "./view/pin.js";
import { t, useLanguage } from "./words.js";

const LOOK_MS = 1000;

async function look() {
  if (document.hidden) return;
  const answer = await fetch(`/projects?lang=${get("lang")}`).catch(() => null);
  const words = answer?.status === 409 ? await answer.json() : null; // the list is there; its folder may be gone
  set("trouble", words);
  set("link", answer?.ok || words ? "on" : answer?.status === 401 ? "pin" : "gone");
  if (!answer?.ok) return;
  const list = await answer.json();
  set("list", list);
  goBack(list);
}

// Whoever has come from a run to give the PIN goes back there.
function goBack({ projects }) {
  const from = Number(location.hash.slice(1));
  if (!from) return;
  history.replaceState(null, "", location.pathname);
  if (projects.some(({ port }) => port === from)) location.replace(`//${location.hostname}:${from}/`);
}

async function ask(verb, id) {
  const answer = await fetch(`/projects/${verb}?${new URLSearchParams({ id, lang: get("lang") })}`, { method: "POST" }).catch(() => null);
  set("refused", answer?.status === 409 ? await answer.json() : null);
  await look();
}

function App() {
  useTheme();
  const lang = useLanguage();
  const link = useKey("link");
  const list = useKey("list");
  const trouble = useKey("trouble");
  useEffect(() => {
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [lang]);
  if (link === "pin") return html`<${Pin} entered=${look} />`;
  const mine = list?.projects.filter(({ id }) => id.startsWith("here/")) ?? [];
  const shipped = list?.projects.filter(({ id }) => id.startsWith("shipped/")) ?? [];
  return html`
    <div class="top">
      <header><h1><i class="dot ${link === "on" && !trouble ? "ok" : "bad"}"></i>${t("projects")}</h1><${Tools} /></header>
      <${Refused} />
      ${link === "gone" && html`<div class="banners"><div class="banner bad" role="alert">${t("listGone")}</div></div>`}
      ${trouble && html`<div class="banners"><div class="banner bad" role="alert"><${Words} ...${trouble} /></div></div>`}
    </div>
    <main class="shelf">
      ${list &&
      html`<section aria-label=${t("inFolder", list)}><h2>${t("inFolder", list)}</h2>
        ${!mine.length && html`<p class="empty">${t("noProjects")}</p>`}
        <div class="cards">${mine.map((project) => html`<${Project} key=${project.id} project=${project} />`)}</div></section>
      <section aria-label=${t("shipped")}><h2>${t("shipped")}</h2>
        <div class="cards">${shipped.map((project) => html`<${Project} key=${project.id} project=${project} />`)}</div></section>`}
    </main>
  `;
}

function Words({ words, hint }) {
  return html`<div><b>${words}</b>${hint && html`<pre class="hint">→ ${hint}</pre>`}</div>`;
}

function Refused() {
  const refused = useKey("refused");
  if (!refused) return null;
  return html`<div class="banners"><div class="banner warn" role="alert">
    <${Words} ...${refused} />
    <button onClick=${() => set("refused", null)}>${t("dismiss")}</button>
  </div></div>`;
}

function Project({ project }) {
  const { id, name, title, doc, state, port, said, gone } = project;
  const [busy, setBusy] = useState(false);
  const goesOn = ["runs", "starts", "waits"].includes(state);
  async function act(verb) {
    setBusy(true);
    await ask(verb, id);
    setBusy(false);
  }
  return html`
    <article class="card project ${state}" data-project=${id}>
      <h3>${title} ${state && html`<span class="tag ${{ runs: "true", waits: "holds" }[state] ?? ""}" role="status">${t(state === "waits" ? "mustBeMended" : state)}</span>`}</h3>
      <small>${name}</small>
      <p>${gone ? t("folderGone") : doc}</p>
      ${said && html`<pre class="said">${said}</pre>`}
      <div class="choices">
        ${(state === "runs" || state === "waits") && html`<a class="button strong" href=${`//${location.hostname}:${port}/`}>${t("openRun")}</a>`}
        ${goesOn
          ? html`<button disabled=${busy} onClick=${() => act("stop")} aria-label="${t("stop")} ${title}">${t("stop")}</button>`
          : html`<button class="strong" disabled=${busy} onClick=${() => act("start")} aria-label="${t("start")} ${title}">${t("start")}</button>`}
        ${!gone && html`<button disabled=${busy} onClick=${() => act("copy")} aria-label="${t("copyHere")}: ${title}">${t("copyHere")}</button>`}
      </div>
    </article>
  `;
}

render(html`<${App} />`, document.getElementById("app"));
