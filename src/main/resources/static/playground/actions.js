// What this page did, and each of it as a program to copy.

import { h, button, say } from "./dom.js";
import { LANGUAGES, files } from "./snippets.js";

const KEPT = 30;
const list = h("ol", { class: "actions", reversed: true });
const latest = h("span", { class: "latest" });

/** @param parts what a program has to do to do the same, see snippets.js */
export function record(title, parts, { status, milliseconds }) {
  latest.textContent = title;
  list.prepend(entry(title, parts, status, milliseconds));
  while (list.children.length > KEPT) list.lastChild.remove();
}

export function showActions(host) {
  host.append(h("details", { class: "drawer" },
    h("summary", {}, h("strong", {}, "Copy as curl, Python or JavaScript"), latest),
    h("p", { class: "hint" }, "Everything this page does goes through the public API. The newest comes first; each runs as it is copied."),
    list));
}

function entry(title, parts, status, milliseconds) {
  const failed = status >= 400;
  const code = h("pre", { class: "code", tabindex: "0", hidden: true, "aria-label": `Program: ${title}` });
  const copies = Object.keys(LANGUAGES).map(language =>
    button(language, () => copy(language, parts, code), { class: "quiet small", "aria-label": `Copy “${title}” as ${language}` }));
  return h("li", { class: failed ? "failed" : null },
    h("div", { class: "action" },
      h("span", { class: "action-title" }, title),
      h("span", { class: "hint" }, `${status} · ${Math.round(milliseconds)} ms`),
      h("span", { class: "row" }, copies, files(parts).map(download))),
    code);
}

async function copy(language, parts, code) {
  const api = new URL("api/v1", document.baseURI).href;
  await copyProgram(language, LANGUAGES[language](api, parts), code);
}

/** Shows a program and copies it to the clipboard. */
export async function copyProgram(language, text, code) {
  code.textContent = text;
  code.hidden = false;
  code.dataset.language = language;
  try {
    await navigator.clipboard.writeText(code.textContent);
    say(`Copied as ${language}.`);
  } catch {
    // Not over plain HTTP from afar: select it, so that one key copies it.
    getSelection().selectAllChildren(code);
    say(`Selected, as ${language}; copy it with your keyboard.`);
  }
}

function download({ name, bytes }) {
  return button(`Save ${name}`, () => {
    const url = URL.createObjectURL(new Blob([bytes()]));
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }, { class: "quiet small" });
}
