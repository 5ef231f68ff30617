// A model file: dropped or opened, what the service finds in it, and its batch normalizations as layers.

import { actions, perform } from "./api.js";
import { h, button, field, say } from "./dom.js";
import { attempt } from "./problems.js";
import { brief, count, number, plural } from "./words.js";

const CHECKPOINTS = /\.(safetensors|npz|pt|pth|pth\.tar|ckpt|onnx|keras|h5|hdf5)$/i;
const SAMPLE = "playground/samples/checkpoint.safetensors";
const VECTORS = ["gamma", "beta", "running_mean", "running_var"];
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
    contents.replaceChildren();
    const { body } = await perform(actions.inspect(file));
    contents.replaceChildren(listing(file, body), form(file, imported));
    say(`${file.name} is open.`);
  });
  input.addEventListener("change", () => input.files[0] && open(input.files[0]));
  host.append(
    h("h1", {}, "Open a checkpoint"),
    h("p", { class: "lead" }, "Drop a model file of PyTorch, Keras or ONNX, or a safetensors or npz file, anywhere on this page. The service shows its batch normalizations with what may be wrong with them, and creates nothing before you import them. It runs no code in the file."),
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

function listing(file, { format, framework, layers, skipped, assumed }) {
  const warned = layers.filter(({ warnings }) => warnings.length > 0);
  return h("section", { class: "card", "aria-label": "Contents" },
    h("h2", {}, `${file.name}, ${count(file.size)} bytes`),
    h("p", { class: warned.length === 0 ? "callout good" : "callout" },
      `${format}: ${plural(layers.length, "batch normalization")} with the names of ${framework}, ${plural(skipped.length, "other tensor")}. ${warned.length === 0 ? "No warnings." : `${plural(warned.length, "layer")} with warnings.`}`),
    warned.length === 0 ? null : h("ul", { class: "warnings" }, warned.slice(0, LONGEST_LIST).flatMap(layer =>
      layer.warnings.map(({ code, detail }) => h("li", { "data-code": code }, h("strong", {}, layer.path || "(no path)"), `: ${detail}`)))),
    table("Batch normalizations", ["path", "channels", "datatype", "epsilon", "momentum", "axis", "batches", "gamma", "beta", "running mean", "running var"], layers.map(row)),
    assumed.length === 0 ? null : h("details", {}, h("summary", {}, "What an import assumes"), reasons(assumed.map(({ what, why }) => [what, why]))),
    skipped.length === 0 ? null : h("details", {}, h("summary", {}, "Other tensors"), reasons(skipped.map(({ tensor, why }) => [tensor, why]))));
}

function row(layer) {
  const stated = value => (value === undefined ? "–" : number(value));
  return [
    layer.path || "(no path)", count(layer.features), layer.datatype, stated(layer.epsilon), stated(layer.momentum), stated(layer.axis), stated(layer.num_batches_tracked),
    ...VECTORS.map(vector => range(layer[`${vector}_summary`])),
  ];
}

function range(summary) {
  if (!summary) return "–";
  const values = summary.min === null ? "no finite value" : summary.min === summary.max ? brief(summary.min) : `${brief(summary.min)} to ${brief(summary.max)}`;
  return summary.non_finite > 0 ? `${values}, ${plural(summary.non_finite, "not finite", "not finite")}` : values;
}

function reasons(pairs) {
  return h("ul", {}, pairs.slice(0, LONGEST_LIST).map(([what, why]) => h("li", { class: "hint" }, `${what}: ${why}`)),
    pairs.length > LONGEST_LIST ? h("li", { class: "hint" }, `and ${count(pairs.length - LONGEST_LIST)} more`) : null);
}

function table(label, heads, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: "numbers" },
      h("thead", {}, h("tr", {}, heads.map(head => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.slice(0, LONGEST_LIST).map(([first, ...others]) => h("tr", {}, h("th", { scope: "row" }, first), others.map(text => h("td", {}, text)))))),
    rows.length > LONGEST_LIST ? h("p", { class: "hint" }, `and ${count(rows.length - LONGEST_LIST)} more`) : null);
}

function form(file, imported) {
  const name = h("input", { name: "name", autocomplete: "off", spellcheck: "false", placeholder: "none" });
  const epsilon = h("input", { name: "epsilon", inputmode: "decimal", autocomplete: "off", placeholder: "the file's, or the framework's" });
  const replace = h("input", { name: "replace", type: "checkbox" });
  const report = h("div", { class: "stack", role: "status" });
  const submit = button("Import", () => attempt(element, async () => {
    report.replaceChildren();
    const query = new URLSearchParams();
    if (name.value.trim()) query.set("name", name.value.trim());
    if (epsilon.value.trim()) query.set("epsilon", epsilon.value.trim());
    if (replace.checked) query.set("replace", "true");
    const { body } = await perform(actions.importLayers(file, query.size > 0 ? `?${query}` : ""));
    report.replaceChildren(...result(body));
    imported();
  }), { class: "primary", "data-needs": "train" });
  const element = h("form", { class: "card", novalidate: true, "aria-label": "Import", on: { submit: event => { event.preventDefault(); submit.click(); } } },
    h("h2", {}, "Import its batch normalizations as layers"),
    h("div", { class: "problems" }),
    h("div", { class: "fields" },
      field("Prefix of the names", name, "With a dot, put before the path in the file."),
      field("epsilon", epsilon, "In place of the file's or the framework's.")),
    field("Replace layers of the same name", replace, "As their next version; their snapshots remain."),
    h("div", { class: "row" }, submit), report);
  return element;
}

function result({ framework, layers, assumed, skipped }) {
  return [
    h("p", { class: "callout good" }, `Imported ${plural(layers.length, "layer")} with the names of ${framework}.`),
    h("ul", {}, layers.map(layer => h("li", {}, h("a", { href: `#/layers/${layer.name}` }, layer.name),
      ` ${plural(layer.features, "channel")}`, layer.warnings.map(({ what, why }) => h("p", { class: "hint" }, `${what}: ${why}`))))),
    assumed.length === 0 ? null : h("details", {}, h("summary", {}, "Assumed, because the file does not state it"), reasons(assumed.map(({ what, why }) => [what, why]))),
    skipped.length === 0 ? null : h("details", {}, h("summary", {}, plural(skipped.length, "skipped tensor")), reasons(skipped.map(({ tensor, why }) => [tensor, why]))),
  ].filter(part => part !== null);
}
