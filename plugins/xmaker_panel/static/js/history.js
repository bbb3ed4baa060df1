// The numbers of the last minute, for the plots; kept whichever page is shown.
import { get, listen } from "./store.js";

const SECONDS = 60;
const series = new Map(); // "room.value" → {times, values}

listen("tick", () => {
  for (const node of get("about.project")?.nodes ?? []) {
    const value = get(`value.${node.name}`);
    for (const [field, number] of Object.entries(value?.fields ?? {})) add(`${node.name}.${field}`, value.t, Number(number));
  }
});

function add(name, time, number) {
  if (!series.has(name)) series.set(name, { times: [], values: [] });
  const { times, values } = series.get(name);
  if (times.at(-1) === time) return;
  if (times.at(-1) > time) times.length = values.length = 0; // another run
  times.push(time);
  values.push(number);
  let old = 0;
  while (times[old] < time - SECONDS - 1) old += 1;
  if (old > 50) {
    times.splice(0, old);
    values.splice(0, old);
  }
}

export function known() {
  return [...series.keys()];
}

// Several series on one axis of times, as uPlot wants them: what one has nothing for is null, and what lasts goes on.
export function aligned(names) {
  const now = get("t") ?? 0;
  const all = names.map((name) => series.get(name) ?? { times: [], values: [] });
  const times = [...new Set([...all.flatMap((one) => one.times), now])].filter((time) => time >= now - SECONDS).sort((a, b) => a - b);
  const rows = all.map((one) => {
    let at = -1;
    return times.map((time) => {
      while (at + 1 < one.times.length && one.times[at + 1] <= time) at += 1;
      return at < 0 ? null : one.values[at];
    });
  });
  return { data: [times.map((time) => time - now), ...rows], seconds: SECONDS };
}
