// What the editor offers to write, from the schema of project files and what rules may say of each node type.
import { placeAt } from "./place.js";

const SECTIONS = ["inputs", "models", "outputs"];
const NAME = "[\\p{L}_][\\p{L}\\p{N}_]*";
const EXPRESSION = ["and", "or", "not", "in", "true", "false"];

// A completion source. `known` gives { words, nodes }: the vocabulary, and name → type of the nodes of the last good text.
export function source(known) {
  return (context) => {
    const { words, nodes } = known();
    if (!words) return null;
    const text = context.state.doc.toString();
    const place = placeAt(text, context.pos);
    const all = new Map([...Object.entries(nodes), ...nodesOf(text)]);
    const offers = place.path[0] === "rules" && place.path.length > 2 ? ofRule(place, words, all) : ofPlace(place, words, all);
    const typed = new RegExp(`[#\\p{L}\\p{N}_]*$`, "u").exec(place.word)[0];
    if (!offers?.length || (!typed && !context.explicit && !/[.("':]\s*$/.test(place.word || ":"))) return null;
    if (!typed && !context.explicit && place.isKey) return null;
    return { from: context.pos - typed.length, options: offers, validFor: /^[#\p{L}\p{N}_]*$/u };
  };
}

// The nodes that stand in a text on lines of their own: name → type.
export function nodesOf(text) {
  const found = [];
  let section = "";
  for (const line of text.split("\n")) {
    const top = /^(\w+):/.exec(line)?.[1];
    if (top) section = top;
    const node = new RegExp(`^ {1,4}(${NAME}):\\s*(?:\\{.*?\\buse:\\s*(\\w+)|(\\w+)\\s*$)?`, "u").exec(line);
    if (node && SECTIONS.includes(section) && !/^ {3,}/.test(line)) found.push([node[1], node[2] ?? node[3] ?? node[1]]);
    const use = /^ {3,}use:\s*(\w+)/.exec(line)?.[1];
    if (use && found.length) found.at(-1)[1] = use;
  }
  return found;
}

const option = (label, type, detail, more = {}) => ({ label, type, detail, ...more });

function ofPlace({ path, isKey }, words, nodes) {
  const [section, name, key] = path;
  if (isKey && path.length === 0) return keys(words.schema);
  if (!SECTIONS.includes(section)) return isKey ? ruleKeys(path, words) : choices(words.schema.properties?.[section], words);
  if (path.length === 1) return types(section, words).map((one) => ({ ...one, apply: `${one.label}: ` }));
  if (path.length === 2 && !isKey) return types(section, words);
  const schema = words.schema.$defs[nodes.get(name) ?? name];
  if (isKey) return keys(schema ?? {});
  if (key === "use") return types(section, words);
  if (key === "from") return [...nodes].filter(([, use]) => words.types[use]?.section !== "outputs").map(([one, use]) => option(one, "variable", use));
  if (key === "model") return words.models.map((one) => option(one, "constant"));
  if (key === "board") return words.boards.map((one) => option(one, "constant"));
  return choices(schema?.properties?.[key], words);
}

function ruleKeys(path, words) {
  const rules = words.schema.properties.rules.anyOf[0].items;
  return path[0] === "rules" && path.length === 2 ? keys(rules) : [];
}

function types(section, words) {
  return Object.entries(words.types).filter(([, one]) => one.section === section).map(([use, { doc }]) => option(use, "class", "", { info: doc }));
}

function keys(schema) {
  return Object.entries(schema.properties ?? {}).map(([key, { description, default: usual }]) =>
    option(key, "property", usual === undefined || usual === null ? "" : String(usual), { apply: `${key}: `, info: description }),
  );
}

function choices(schema, words) {
  if (!schema) return [];
  if (schema.$ref) return choices(words.schema.$defs[schema.$ref.split("/").at(-1)], words);
  const some = schema.enum ?? (schema.type === "boolean" ? [true, false] : schema.const === undefined ? [] : [schema.const]);
  const examples = (schema.examples ?? []).map((one) => option(String(one), "text"));
  return [...some.map((one) => option(String(one), "constant")), ...examples, ...(schema.anyOf ?? []).flatMap((one) => choices(one, words))];
}

// In a rule: names, their fields and actions, functions, and the words that an action knows, such as colours.
function ofRule({ path, isKey, word }, words, nodes) {
  const parts = words.schema.properties.rules.anyOf[0].items;
  if (["for", "cooldown", "repeat"].includes(path[2]) || path[4] === "wait") return choices(parts.properties.cooldown, words);
  const acts = path[2] === "then" || path[2] === "else";
  const called = new RegExp(`(${NAME})\\.(\\w+)\\([^()]*["'][^"'()]*$`, "u").exec(word);
  if (called) return known(called, words, nodes);
  const member = new RegExp(`(${NAME})\\.(\\w*)$`, "u").exec(word)?.[1];
  const type = words.types[nodes.get(member)];
  if (member) return acts && !/\(/.test(word) ? actions(type) : fields(type);
  const inside = !acts || /\(/.test(word);
  const some = [...nodes].filter(([, use]) => (words.types[use]?.section === "outputs") !== inside);
  const names = some.map(([one, use]) => option(one, "variable", use));
  if (!inside) return names;
  const calls = Object.entries(words.functions).map(([name, { call, doc }]) => option(name, "function", call, { apply: `${name}(`, info: doc }));
  return [...names, ...calls, ...EXPRESSION.map((one) => option(one, "keyword"))];
}

function known([, node, action], words, nodes) {
  const needs = words.types[nodes.get(node)]?.actions.find((one) => one.name === action)?.needs ?? [];
  return needs.flatMap((one) => one.known).map((one) => option(one, "constant"));
}

function fields(type) {
  const methods = Object.entries(type?.methods ?? {}).map(([name, kind]) => option(name, "method", kind, { apply: `${name}(` }));
  return [...Object.entries(type?.fields ?? {}).map(([name, kind]) => option(name, "property", kind)), ...methods];
}

function actions(type) {
  return (type?.actions ?? []).map(({ name, doc, needs }) =>
    option(name, "method", needs.map((one) => one.name).join(", "), { info: doc, apply: needs.some((one) => one.required) ? `${name}(` : name }),
  );
}
