// The wiring as a picture: inputs | models | outputs, with wires that light up as events pass. Dashed ones are rules.
import { get, listen, useKey, useProject } from "../store.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { t } from "../words.js";

const KINDS = ["input", "model", "output"];
const LIT_MS = 250;

export function Wiring() {
  const { nodes, rules } = useProject();
  const area = useRef();
  const [places, setPlaces] = useState(null);
  useEffect(() => {
    const measure = () => area.current && setPlaces(placesIn(area.current));
    const watcher = new ResizeObserver(measure);
    watcher.observe(area.current);
    measure();
    return () => watcher.disconnect();
  }, [nodes]);
  const columns = KINDS.filter((kind) => nodes.some((node) => node.kind === kind));
  return html`
    <section class="card wiring" aria-label=${t("wiring")}>
      <h2>${t("wiring")}</h2>
      <div class="columns" ref=${area}>
        ${places && html`<${Wires} places=${places} nodes=${nodes} rules=${rules} />`}
        ${columns.map(
          (kind) => html`<div class="nodes" key=${kind}>
            <h3>${t(`${kind}s`)}</h3>
            ${nodes.filter((node) => node.kind === kind).map((node) => html`<${Node} key=${node.name} node=${node} />`)}
          </div>`,
        )}
      </div>
    </section>
  `;
}

function Node({ node }) {
  const stats = useKey(`node.${node.name}`);
  const value = useKey(`value.${node.name}`);
  const rate = useRate(stats);
  const state = stats && !["on", "done"].includes(stats.state) ? t(stats.state) : "";
  return html`
    <div class="node ${node.kind} ${stats?.state ?? ""}" data-wired=${node.name} title="${node.use}: ${node.doc}">
      <b>${node.name}</b>
      <span class="value">${state || value?.words || " "}</span>
      <span class="figures">
        ${rate > 0 && html`<i title=${t("fps")}>${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s</i>`}
        ${node.kind !== "input" && stats?.events > 0 && html`<i title=${t("latency")}>${stats.latency} ms</i>`}
        ${stats?.dropped > 0 && html`<i title=${t("dropped")}>⇣${stats.dropped}</i>`}
        ${stats?.errors > 0 && html`<i class="bad" title=${t("errors")}>✗${stats.errors}</i>`}
      </span>
    </div>
  `;
}

// Events a second, over the last three seconds.
function useRate(stats) {
  const counts = useRef([]);
  const [rate, setRate] = useState(0);
  const newest = useRef(stats);
  newest.current = stats;
  useEffect(() => {
    const timer = setInterval(() => {
      const now = performance.now();
      counts.current = [...counts.current, [now, newest.current?.events ?? 0]].slice(-7);
      const [then, before] = counts.current[0];
      if (now > then) setRate((1000 * ((newest.current?.events ?? 0) - before)) / (now - then));
    }, 500);
    return () => clearInterval(timer);
  }, []);
  return rate;
}

function placesIn(area) {
  const all = area.getBoundingClientRect();
  const found = { width: all.width, height: all.height, nodes: {} };
  for (const node of area.querySelectorAll("[data-wired]")) {
    const box = node.getBoundingClientRect();
    found.nodes[node.dataset.wired] = { left: box.left - all.left, right: box.right - all.left, y: box.top - all.top + box.height / 2 };
  }
  return found;
}

function Wires({ places, nodes, rules }) {
  const wires = nodes.flatMap((node) => node.wires.map((from) => ({ from, to: node.name, key: `node.${from}`, kind: "wire" })));
  const links = rules.flatMap((rule) =>
    rule.reads.flatMap((from) => rule.acts.map((to) => ({ from, to, key: `rule.${rule.number}`, kind: "link" }))),
  );
  const known = [...links, ...wires].filter(({ from, to }) => places.nodes[from] && places.nodes[to]);
  return html`<svg class="wires" viewBox="0 0 ${places.width} ${places.height}" width=${places.width} height=${places.height} aria-hidden="true">
    ${known.map((wire) => html`<${Wire} key=${`${wire.kind}${wire.from}>${wire.to}${wire.key}`} ...${wire} path=${path(places, wire)} name=${wire.key} />`)}
  </svg>`;
}

function path({ nodes }, { from, to }) {
  const start = nodes[from];
  const end = nodes[to];
  const bend = Math.max(20, Math.abs(end.left - start.right) / 2);
  return `M${start.right} ${start.y} C${start.right + bend} ${start.y} ${end.left - bend} ${end.y} ${end.left} ${end.y}`;
}

// A wire is lit for a moment whenever its node has given something; a rule's whenever it has fired.
function Wire({ kind, name, path }) {
  const line = useRef();
  useEffect(() => {
    const countOf = (stats) => (stats ? ((kind === "wire" ? stats.events : stats.fired) ?? 0) : null); // null: not known
    let before = countOf(get(name));
    let timer = 0;
    const end = listen(name, (now) => {
      const count = countOf(now);
      if (before !== null && count !== before) {
        line.current?.classList.add("lit");
        clearTimeout(timer);
        timer = setTimeout(() => line.current?.classList.remove("lit"), LIT_MS);
      }
      before = count;
    });
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [name, kind]);
  return html`<path ref=${line} class=${kind} d=${path} />`;
}
