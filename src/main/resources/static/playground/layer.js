// One layer: its numbers over the channels, its knobs in words, its health and snapshots; it follows what others do to it.

import { actions, perform, vector } from "./api.js";
import { chart, fromTo, upTo } from "./charts.js";
import { h, button, terms } from "./dom.js";
import { attempt, showProblem } from "./problems.js";
import { showHealth } from "./health.js";
import { showNumbers } from "./numbers.js";
import { showSnapshots } from "./snapshots.js";
import { KNOBS, ago, alphaInWords, number, plural } from "./words.js";

const EVERY_MS = 2000;
const VECTORS = [
  ["gamma", "gamma, the scale", "--after"],
  ["beta", "beta, the shift", "--after"],
  ["running_mean", "running mean", "--before"],
  ["running_var", "running variance", "--before"],
];

/** @returns a function that ends it */
export async function showLayer(host, name, { deleted }) {
  const heading = h("div", { class: "facts" });
  const undecided = h("p", { class: "card empty", hidden: true }, "Its first training batch decides how many channels it has. Until then there is nothing to draw.");
  const charts = h("div", { class: "grid" });
  const about = h("section", { class: "card", "aria-label": "Configuration" });
  const extra = h("div", { class: "grid" });
  const stop = new AbortController();
  let etag = null;
  const drawings = VECTORS.map(([field, title, colour]) => [field, chart(charts, {
    title, x: "channel", series: [{ label: field, colour, kind: "bars" }], fromZero: true, sync: "channels",
  })]);
  const numbers = showNumbers();

  const refresh = async (quietly = true) => {
    const answer = await perform(actions.layer(name), { quietly, ifNoneMatch: etag, signal: stop.signal });
    if (answer.status === 304) return;
    etag = answer.etag;
    const layer = answer.body;
    heading.replaceChildren(...facts(layer));
    about.replaceChildren(h("h2", {}, "Configuration"), h("p", { class: "callout" }, alphaInWords(layer.config)), terms(knobs(layer.config)));
    undecided.hidden = layer.features !== null;
    charts.hidden = layer.features === null;
    for (const [field, drawing] of drawings) {
      const values = vector(layer[field]);
      if (values) drawing.show(upTo(values.length), [values], `${plural(values.length, "channel")}, ${fromTo(values)}`);
    }
    numbers.show(layer);
    health.refresh();
    snapshots.refresh();
  };

  const change = action => attempt(host, async () => { await perform(action); await refresh(); });
  host.append(
    h("div", { class: "problems" }),
    h("div", { class: "row spread" }, h("h1", {}, name), h("div", { class: "row" },
      h("a", { class: "button primary", href: `#/layers/${name}/try` }, "Try it"),
      button("Reset statistics", () => change(actions.reset(name))),
      button("Delete", () => confirmDelete(name, host, deleted), { class: "danger" }))),
    heading, undecided, charts, numbers.element, about, extra);
  const health = showHealth(extra, name, stop.signal);
  const snapshots = showSnapshots(extra, name, stop.signal, refresh);

  await attempt(host, () => refresh(false));
  const timer = setInterval(() => document.hidden || refresh().catch(error => {
    if (error.status === 404) clearInterval(timer);
    showProblem(host, error);
  }), EVERY_MS);
  return () => {
    clearInterval(timer);
    stop.abort();
    drawings.forEach(([, drawing]) => drawing.remove());
  };
}

function facts(layer) {
  return [
    h("span", { class: "tag" }, layer.config.convention),
    h("span", { class: "hint" }, layer.features === null ? "channels undecided" : plural(layer.features, "channel")),
    h("span", { class: "hint", id: "batches" }, plural(layer.num_batches_tracked, "batch", "batches")),
    h("span", { class: "hint" }, `version ${layer.version}`),
    h("span", { class: "hint" }, `updated ${ago(layer.updated_at)}`),
  ];
}

function knobs(config) {
  return Object.entries(config).filter(([knob]) => knob !== "convention").map(([knob, value]) => [
    h("code", {}, knob),
    [h("strong", {}, typeof value === "number" ? number(value) : String(value ?? "–")),
      KNOBS[knob] ? h("span", { class: "hint" }, KNOBS[knob]) : null],
  ]);
}

function confirmDelete(name, host, deleted) {
  return new Promise(resolve => {
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "delete-title" },
      h("form", { method: "dialog" },
        h("h2", { id: "delete-title" }, `Delete ${name}?`),
        h("p", {}, "Its parameters and running statistics go with it, for everyone who uses it. There is no way back."),
        h("div", { class: "row end" },
          h("button", { value: "", class: "quiet", autofocus: true }, "Keep it"),
          h("button", { value: "delete", class: "danger" }, "Delete it"))));
    dialog.addEventListener("close", async () => {
      dialog.remove();
      if (dialog.returnValue === "delete") {
        await attempt(host, async () => { await perform(actions.remove(name)); deleted(); });
      }
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
