// The project file's text in CodeMirror. Loaded only when somebody opens the editor: it is the largest library of the page.
import * as mirror from "../../vendor/codemirror.js";
import { t } from "../words.js";
import { source } from "./complete.js";

const nonce = document.querySelector("meta[name=style-nonce]").content;
const { tags } = mirror;

const look = mirror.EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--back)", fontSize: "0.95rem", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace', lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--accent)", paddingBottom: "4rem" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--soft)", color: "var(--dim)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 30%, transparent)",
  },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "8px", maxWidth: "min(30rem, 90vw)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { opacity: "0.75", fontStyle: "normal" },
  // CodeMirror's own signs are pictures in its styles, which the page's policy does not let in
  ".cm-lint-marker": { content: "normal", width: "0.7em", height: "0.7em", margin: "0.4em 0.15em", borderRadius: "50%" },
  ".cm-lint-marker-error": { content: "normal", backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { content: "normal", backgroundColor: "var(--lit)" },
  ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1.5px", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { backgroundImage: "none" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecorationColor: "var(--lit)" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap", padding: "0.35rem 0.6rem" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--on-accent)", borderRadius: "6px", padding: "0.1rem 0.5rem" },
});

const colours = mirror.HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--code-key)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--code-number)" },
  { tag: tags.content, color: "var(--text)" },
  { tag: [tags.lineComment, tags.comment], color: "var(--dim)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: "var(--dim)" },
]);

// A new text with all that the editor can do. `known` is what completion knows; `changed` and `save` are called.
export function begin(doc, { known, changed, save }) {
  const keys = [
    { key: "Mod-s", preventDefault: true, run: () => (save(), true) },
    { key: "Tab", run: indentOrSpaces, shift: mirror.indentLess },
  ];
  return mirror.EditorState.create({
    doc,
    extensions: [
      mirror.EditorView.cspNonce.of(nonce),
      mirror.lineNumbers(),
      mirror.history(),
      mirror.drawSelection(),
      mirror.highlightActiveLine(),
      mirror.bracketMatching(),
      mirror.indentUnit.of("  "),
      grammar.of(grammarFor(doc)),
      mirror.EditorState.transactionExtender.of(loseGrammar),
      mirror.EditorView.updateListener.of(findGrammar),
      mirror.syntaxHighlighting(colours),
      mirror.lintGutter(),
      mirror.autocompletion({ override: [source(known)], icons: false }),
      mirror.keymap.of([...keys, ...mirror.completionKeymap, ...mirror.lintKeymap, ...mirror.historyKeymap, ...mirror.defaultKeymap]),
      mirror.EditorView.lineWrapping,
      mirror.EditorView.contentAttributes.of({ "aria-label": t("editor"), spellcheck: "false", autocapitalize: "off" }),
      mirror.EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
      look,
    ],
  });
}

// CodeMirror's parser calls itself for each bracket, so very many of them at once would break the editor: such a text has
// no colours. The checker refuses it anyway.
const DEEPEST = 200;
const grammar = new mirror.Compartment();
const yaml = mirror.yaml();
const none = [];

function grammarFor(text) {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === "[" || bracket === "{" ? depth + 1 : Math.max(0, depth - 1);
    if (depth > DEEPEST) return none;
  }
  return yaml;
}

function loseGrammar(change) {
  const lost = change.docChanged && grammar.get(change.startState) === yaml && grammarFor(change.newDoc.toString()) === none;
  return lost ? { effects: grammar.reconfigure(none) } : null;
}

// Not with the change itself: the text before it would be parsed once more.
function findGrammar({ docChanged, state, view }) {
  const found = docChanged && grammar.get(state) === none && grammarFor(state.doc.toString()) === yaml;
  if (found) view.dispatch({ effects: grammar.reconfigure(yaml) });
}

export function show(parent, state) {
  return new mirror.EditorView({ parent, state });
}

function indentOrSpaces(view) {
  if (!view.state.selection.main.empty) return mirror.indentMore(view);
  view.dispatch(view.state.replaceSelection("  "), { scrollIntoView: true, userEvent: "input" });
  return true;
}

// Put another text in place; what stood there comes back with Undo.
export function replace(view, text) {
  const alone = mirror.isolateHistory.of("full"); // no part of what was typed just before
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 }, annotations: alone });
}

export function goTo(view, line, column) {
  const at = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(at.from + Math.max(0, column - 1), at.to) }, scrollIntoView: true });
  view.focus();
}

export function mendLine(view, { line, corrected }) {
  const at = view.state.doc.line(line);
  view.dispatch({ changes: { from: at.from, to: at.to, insert: corrected }, userEvent: "input" });
  view.focus();
}

// Underline mistakes; each can be read, and mended where it is known how.
export function mark(view, problems) {
  const found = problems.filter(({ line }) => line > 0).map((problem) => {
    const at = view.state.doc.line(Math.min(problem.line, view.state.doc.lines));
    const from = Math.min(at.from + problem.column - 1, at.to);
    const word = /^[^\s,\]})]+/.exec(at.text.slice(from - at.from))?.[0].length ?? 0;
    const begin = word || from < at.to ? from : at.from;
    const actions = problem.corrected ? [{ name: t("mend"), apply: (shown) => mendLine(shown, problem) }] : [];
    const message = `${problem.words}${problem.hint ? `\n→ ${problem.hint}` : ""}`;
    return { from: begin, to: Math.max(from + word, begin), severity: problem.warning ? "warning" : "error", message, actions };
  });
  view.dispatch(mirror.setDiagnostics(view.state, found));
}
