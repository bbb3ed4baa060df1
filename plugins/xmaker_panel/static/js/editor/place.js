// Where in a project file the cursor stands: the keys above it, and whether a key or a value is being written.
const LINE = /^( *)((?:- +|-$)*)(?:(["']?)([^\s:'"{}[\]#-][^:'"{}[\]#]*)\3:(?= |$))?(.*)$/;

// → { path, isKey, word }. Items of lists are "[]": the second rule's `then` is ["rules", "[]", "then"].
export function placeAt(text, position) {
  const top = topLine(text, position);
  const open = brackets(text.slice(top, position));
  if (!open.length) return blockPlace(text, position);
  const outer = blockPlace(text, top + open[0].at);
  let path = outer.path;
  for (const [depth, bracket] of open.entries()) {
    const within = open[depth - 1];
    if (within) path = [...path, ...(within.sign === "[" ? ["[]"] : [])];
    const key = within && keyOf(text.slice(top + within.from, top + bracket.at));
    if (key) path = [...path, key];
  }
  const last = open.at(-1);
  const written = text.slice(top + last.from, position).trimStart();
  if (last.sign === "[") return { path: [...path, "[]"], isKey: false, word: written };
  const pair = /^(["']?)([^:'"]+)\1\s*:\s*(.*)$/s.exec(written);
  return pair ? { path: [...path, pair[2].trim()], isKey: false, word: pair[3] } : { path, isKey: true, word: written };
}

function keyOf(text) {
  return /^\s*(["']?)([^:'"]+)\1\s*:\s*$/.exec(text)?.[2].trim();
}

// The beginning of the nearest line above that is not indented: no bracket of another section reaches beyond it.
function topLine(text, position) {
  for (let end = position; end > 0; ) {
    const start = text.lastIndexOf("\n", end - 1) + 1;
    if (/^[^\s#\]}-]/.test(text.slice(start))) return start;
    end = start - 1;
  }
  return 0;
}

// The brackets that are open at the end of a text: where, and where what is being written in each begins.
function brackets(text) {
  const open = [];
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quote) {
      if (sign === quote) quote = "";
    } else if ((sign === '"' || sign === "'") && /[\s,:[{(]/.test(text[at - 1] ?? " ")) quote = sign;
    else if (sign === "#" && /\s/.test(text[at - 1] ?? " ")) at = (text.indexOf("\n", at) + 1 || text.length + 1) - 1;
    else if (sign === "[" || sign === "{") open.push({ sign, at, from: at + 1 });
    else if (sign === "]" || sign === "}") open.pop();
    else if (sign === "," && open.length && !/\([^()]*$/.test(text.slice(open.at(-1).from, at))) open.at(-1).from = at + 1;
  }
  return open;
}

function blockPlace(text, position) {
  const lines = text.slice(0, position).split("\n");
  const [, indent, dashes, , key, rest] = LINE.exec(lines.pop()) ?? [null, "", "", "", undefined, ""];
  const own = [...(dashes ? ["[]"] : []), ...(key ? [key.trim()] : [])];
  const above = blockPath(lines, indent.length, Boolean(dashes));
  const isStep = dashes && !key && ["then", "else"].includes(above.at(-1));
  return { path: [...above, ...own], isKey: !key && !isStep, word: rest.trimStart() };
}

function blockPath(lines, column, inList) {
  const path = [];
  let [need, listed] = [column, inList];
  for (const line of lines.reverse()) {
    const [, indent, dashes, , key] = LINE.exec(line) ?? [];
    if (indent === undefined || !line.trim() || line.trim().startsWith("#")) continue;
    const at = indent.length + dashes.length;
    if (key && !dashes && (at < need || (listed && at === need))) {
      path.unshift(key.trim());
      [need, listed] = [at, false];
    } else if (dashes && !listed && at <= need && indent.length < need) {
      path.unshift("[]", ...(key && at < need ? [key.trim()] : []));
      [need, listed] = [indent.length, true];
    }
    if (need === 0 && !listed) break;
  }
  return path;
}
