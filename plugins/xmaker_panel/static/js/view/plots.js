// Numbers over the last minute: fields of one node with the same unit and range share a plot.
import uPlot from "../../vendor/uplot.js";
import { aligned, known } from "../history.js";
import { useKey, useProject } from "../store.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { short, t } from "../words.js";

const DRAW_MS = 100;
const HIGH = 150;
// What models find has no sensor that declares a range.
const UNDECLARED = {
  score: { unit: "", low: 0, high: 1, kind: "number" },
  count: { unit: "", low: 0, high: 2, kind: "number", whole: true, open: true },
};

export function Plots() {
  const { nodes } = useProject();
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), 1000); // another node may have begun
    return () => clearInterval(timer);
  }, []);
  const groups = nodes.flatMap(groupsOf);
  return html`
    <section class="card plots" aria-label=${t("plots")}>
      <h2>${t("plots")}</h2>
      ${!groups.length && html`<p class="empty">${t("noNumbers")}</p>`}
      <div class="grid">${groups.map((group) => html`<${Plot} key=${group.key} group=${group} />`)}</div>
    </section>
  `;
}

function groupsOf(node) {
  const groups = new Map();
  for (const name of known().filter((one) => one.startsWith(`${node.name}.`))) {
    const field = name.slice(node.name.length + 1);
    const quantity = node.fields[field] ?? UNDECLARED[field] ?? UNDECLARED.score;
    const key = `${node.name} ${quantity.unit} ${quantity.low} ${quantity.high} ${quantity.kind}`;
    if (!groups.has(key)) groups.set(key, { key, node, quantity, names: [], fields: [] });
    groups.get(key).names.push(name);
    groups.get(key).fields.push(field);
  }
  return [...groups.values()].map((group) => ({ ...group, key: `${group.key} ${group.names}` }));
}

function Plot({ group }) {
  const place = useRef();
  const theme = useKey("theme");
  useEffect(() => {
    const plot = new uPlot(options(group, place.current), aligned(group.names).data, place.current);
    const timer = setInterval(() => plot.setData(aligned(group.names).data), DRAW_MS);
    const watcher = new ResizeObserver(() => place.current && plot.setSize({ width: place.current.clientWidth, height: HIGH }));
    watcher.observe(place.current);
    return () => {
      clearInterval(timer);
      watcher.disconnect();
      plot.destroy();
    };
  }, [group.key, theme]);
  const one = group.fields.length === 1 && group.fields[0];
  const name = one && one !== "value" ? `${group.node.name}.${one}` : group.node.name;
  return html`<figure data-plot=${group.names.join(" ")}>
    <figcaption>${name}<small>${rangeOf(group.quantity, "…")}</small>${one && html`<${Now} group=${group} field=${one} />`}</figcaption>
    <div ref=${place} role="img" aria-label=${t("plotOf", { name, range: rangeOf(group.quantity) })}></div>
  </figure>`;
}

// What a sensor says that it gives: 2…400 cm.
function rangeOf({ kind, low, high, unit, open }, dots = "") {
  if (kind === "flag") return `${t("off")} / ${t("on")}`;
  if (open) return unit;
  return (dots ? `${low}${dots}${high} ${unit}` : t("range", { low, high, unit })).trim();
}

function Now({ group, field }) {
  const number = useKey(`value.${group.node.name}`)?.fields[field];
  if (number === undefined) return null;
  return html`<output>${group.quantity.kind === "flag" ? t(number ? "on" : "off") : `${short(number)} ${group.quantity.unit}`}</output>`;
}

// Round numbers, and at both ends what the sensor says that it gives.
function ticks(low, high, step) {
  const round = [];
  for (let tick = Math.ceil(low / step); tick * step < high; tick += 1) round.push(Number((tick * step).toPrecision(12)));
  return [low, ...round.filter((tick) => tick - low >= step / 2 && high - tick >= step / 2), high];
}

function options({ quantity, fields }, place) {
  const style = getComputedStyle(place);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const flag = quantity.kind === "flag";
  return {
    width: place.clientWidth || 300,
    height: HIGH,
    cursor: { y: false },
    legend: { show: fields.length > 1, live: false },
    scales: {
      x: { time: false, range: [-60, 0] },
      y: { range: (_, low, high) => [Math.min(quantity.low, low ?? quantity.low), Math.max(quantity.high, high ?? quantity.high)] },
    },
    axes: [
      { ...axis, size: 34, gap: 9, values: (_, splits) => splits.map((tick) => t("seconds", { n: tick })) },
      {
        ...axis,
        size: 52,
        incrs: flag || quantity.whole ? [1, 2, 5, 10, 20, 50, 100] : undefined,
        splits: (_, __, low, high, step) => ticks(low, high, step),
        values: (_, splits) => splits.map((tick) => (flag ? t(tick ? "on" : "off") : `${short(tick)}`)),
      },
    ],
    series: [
      {},
      ...fields.map((field, number) => ({
        label: field,
        stroke: colour(`--series-${(number % 4) + 1}`),
        width: 2,
        points: { show: false },
        paths: flag ? uPlot.paths.stepped({ align: 1 }) : undefined,
      })),
    ],
  };
}
