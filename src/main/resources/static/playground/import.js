// A checkpoint: dropped or opened, what is in it, and its batch normalizations as layers.

import { actions, perform } from "./api.js";
import { normalizations, readContents } from "./checkpoint.js";
import { h, button, field, say } from "./dom.js";
import { attempt } from "./problems.js";
import { count, plural, shapeOf } from "./words.js";

const CHECKPOINTS = /\.(safetensors|npz|pt|pth|onnx|keras|h5)$/i;
const SAMPLE = "playground/samples/checkpoint.safetensors";
const UNKNOWN = "application/vnd.safetensors";
const LONGEST_LIST = 200;
let dropped = null;

/** A checkpoint that is dropped anywhere on the page opens in its view. */
export function importDropped() {
  document.addEventListener("dragover", event => event.dataTransfer.types.includes("Files") && event.preventDefault());
  document.addEventListener("drop", event => {
    const [file] = event.dataTransfer.files;
    if (event.defaultPrevented || !file) return;
    event.preventDefault(); // the browser would leave the page for the file
    if (!CHECKPOINTS.test(file.name)) return;
    dropped = file;
    if (location.hash === "#/import") dispatchEvent(new HashChangeEvent("hashchange"));
    else location.hash = "#/import";
  });
}

/** @param imported called after layers were created */
export async function showImport(host, imported) {
  const input = h("input", { type: "file", class: "unseen", tabindex: "-1", "aria-label": "A checkpoint" });
  const contents = h("div", { class: "stack" });
  const open = file => attempt(host, async () => {
    const found = await readContents(file);
    contents.replaceChildren(...listing(file, found), form(file, found, imported));
    say(`${file.name} is open.`);
  });
  input.addEventListener("change", () => input.files[0] && open(input.files[0]));
  host.append(
    h("h1", {}, "Open a checkpoint"),
    h("p", { class: "lead" }, "Drop a safetensors or npz file anywhere on this page. Its contents are read here, in the browser. The import sends it to the service, which finds every batch normalization by the names of its tensors."),
    h("div", { class: "problems" }),
    h("p", { class: "row" },
      button("Open a file …", () => input.click(), { class: "primary" }), input,
      button("Try the sample", () => attempt(host, async () => open(await sample())))),
    contents);
  if (dropped) {
    const file = dropped;
    dropped = null;
    await open(file);
  }
}

async function sample() {
  const answer = await fetch(new URL(SAMPLE, document.baseURI));
  return new File([await answer.blob()], "checkpoint.safetensors");
}

function listing(file, found) {
  const size = `${file.name}, ${count(file.size)} bytes`;
  if (!found) return [h("section", { class: "card", "aria-label": "Contents" }, h("h2", {}, size), h("p", {}, "This page lists the contents of safetensors and npz files only. The import tells whether the service reads this one."))];
  const layers = normalizations(found.tensors);
  const numbers = found.tensors.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
  return [h("section", { class: "card", "aria-label": "Contents" },
    h("h2", {}, size),
    h("p", { class: "callout" }, `${found.format}: ${plural(found.tensors.length, "tensor")} with ${plural(numbers, "number")}, ${plural(layers.length, "batch normalization")}.`),
    layers.length === 0 ? null : table("Batch normalizations", ["path", "channels", "datatype"], layers.map(({ path, features, datatype }) => [path || "(no path)", count(features), datatype])),
    h("details", {}, h("summary", {}, "All tensors"),
      table("All tensors", ["name", "shape", "datatype"], found.tensors.map(tensor => [tensor.name, shapeOf(tensor) || "a number", tensor.datatype]))))];
}

function table(label, heads, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: "numbers" },
      h("thead", {}, h("tr", {}, heads.map(head => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.slice(0, LONGEST_LIST).map(([first, ...others]) => h("tr", {}, h("th", { scope: "row" }, first), others.map(text => h("td", {}, text)))))),
    rows.length > LONGEST_LIST ? h("p", { class: "hint" }, `and ${count(rows.length - LONGEST_LIST)} more`) : null);
}

function form(file, found, imported) {
  const name = h("input", { name: "name", autocomplete: "off", spellcheck: "false", placeholder: "none" });
  const epsilon = h("input", { name: "epsilon", inputmode: "decimal", autocomplete: "off", placeholder: "the framework's" });
  const replace = h("input", { name: "replace", type: "checkbox" });
  const report = h("div", { class: "stack", role: "status" });
  const submit = button("Import", () => attempt(element, async () => {
    report.replaceChildren();
    const query = new URLSearchParams();
    if (name.value.trim()) query.set("name", name.value.trim());
    if (epsilon.value.trim()) query.set("epsilon", epsilon.value.trim());
    if (replace.checked) query.set("replace", "true");
    const { body } = await perform(actions.importLayers(file, found?.type ?? UNKNOWN, query.size > 0 ? `?${query}` : ""));
    report.replaceChildren(...result(body));
    imported();
  }), { class: "primary", "data-needs": "train" });
  const element = h("form", { class: "card", novalidate: true, "aria-label": "Import", on: { submit: event => { event.preventDefault(); submit.click(); } } },
    h("h2", {}, "Import its batch normalizations as layers"),
    h("div", { class: "problems" }),
    h("div", { class: "fields" },
      field("Prefix of the names", name, "With a dot, put before the path in the file."),
      field("epsilon", epsilon, "The model's own; no tensor holds it.")),
    field("Replace layers of the same name", replace, "As their next version; their snapshots remain."),
    h("div", { class: "row" }, submit), report);
  return element;
}

function result({ framework, layers, assumed, skipped }) {
  return [
    h("p", { class: "callout good" }, `Imported ${plural(layers.length, "layer")} with the names of ${framework}.`),
    h("ul", {}, layers.map(layer => h("li", {}, h("a", { href: `#/layers/${layer.name}` }, layer.name),
      ` ${plural(layer.features, "channel")}`, layer.warnings.map(({ what, why }) => h("p", { class: "hint" }, `${what}: ${why}`))))),
    assumed.length === 0 ? null : h("details", {}, h("summary", {}, "Assumed, because no tensor holds it"), h("ul", {}, assumed.map(({ what, why }) => h("li", { class: "hint" }, `${what}: ${why}`)))),
    skipped.length === 0 ? null : h("details", {}, h("summary", {}, plural(skipped.length, "skipped tensor")), h("ul", {}, skipped.slice(0, LONGEST_LIST).map(({ tensor, why }) => h("li", { class: "hint" }, `${tensor}: ${why}`)))),
  ].filter(part => part !== null);
}
