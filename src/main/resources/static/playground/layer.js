// One layer: its health, its numbers over the channels, its knobs in words, its snapshots. It follows changes by other clients.

import { actions, perform, vector } from "./api.js";
import { chart, fromTo, upTo } from "./charts.js";
import { confirmed } from "./dialog.js";
import { h, button, say, terms } from "./dom.js";
import { attempt, showProblem } from "./problems.js";
import { showHealth } from "./health.js";
import { showKnobs } from "./knobs.js";
import { showNumbers } from "./numbers.js";
import { showSnapshots } from "./snapshots.js";
import { KNOBS, ago, alphaInWords, number, plural } from "./words.js";

const EVERY_MS = 2000;
const PRECONDITION_FAILED = 412;
const VECTORS = [
  ["gamma", "gamma, the scale", "--after"],
  ["beta", "beta, the shift", "--after"],
  ["running_mean", "running mean", "--before"],
  ["running_var", "running variance", "--before"],
];

/** @returns a function that ends it */
export async function showLayer(host, name, { deleted }) {
  const stop = new AbortController();
  let timer = null;
  let ended = false;
  const content = contents(host, name, stop.signal, deleted);
  const end = () => {
    ended = true;
    clearInterval(timer);
    stop.abort();
    content.remove();
  };
  const follow = async quietly => {
    try {
      await content.refresh(quietly);
      return true;
    } catch (error) {
      if (error.status !== 404) showProblem(host, error);
      else if (!ended) {
        end();
        host.replaceChildren(...missing(name));
      }
      return false;
    }
  };

  if (!(await follow(false)) || ended) {
    if (!host.querySelector("h1")) host.prepend(h("h1", {}, name));
    return end;
  }
  timer = setInterval(() => document.hidden || follow(true), EVERY_MS);
  return end;
}

/** Instead of a layer that does not exist. */
function missing(name) {
  return [
    h("h1", {}, "There is no layer ", name),
    h("p", {}, "It may have been deleted, or the address has a typing error. The list has the existing layers."),
    h("p", { class: "row" },
      h("a", { class: "button primary", href: `#/new?name=${encodeURIComponent(name)}`, "data-needs": "train" }, "Make a layer of this name"),
      h("a", { class: "button", href: "#/" }, "Back to the start")),
  ];
}

/** @returns `{refresh(quietly), remove()}`; the first refresh that succeeds shows the layer in the host */
function contents(host, name, signal, deleted) {
  let etag = null;
  let layer = null;
  const refresh = async (quietly = true) => {
    const answer = await perform(actions.layer(name), { quietly, ifNoneMatch: etag, signal });
    if (answer.status === 304) return;
    etag = answer.etag;
    const isFirst = layer === null;
    layer = answer.body;
    if (isFirst) host.replaceChildren(...parts);
    heading.replaceChildren(...facts(layer));
    charts.show(layer);
    numbers.show(layer);
    knobs.show(layer.config);
    about.replaceChildren(h("h2", {}, "Configuration"), h("p", { class: "callout" }, alphaInWords(layer.config)), knobs.element, terms(fixed(layer.config)));
    health.refresh();
    snapshots.refresh();
  };
  /** @param change from the current layer to a merge patch; repeated once when another client has changed the layer */
  const save = async change => {
    try {
      await perform(actions.patch(name, change(layer), etag));
    } catch (error) {
      if (error.status !== PRECONDITION_FAILED) throw error;
      await refresh();
      await perform(actions.patch(name, change(layer), etag));
    }
    await refresh();
    say(`Saved as version ${layer.version}.`);
  };

  const heading = h("div", { class: "facts" });
  const about = h("section", { class: "card", "aria-label": "Configuration" });
  const first = h("div", { class: "stack" });
  const last = h("div", { class: "stack" });
  const charts = showCharts();
  const numbers = showNumbers(save);
  const knobs = showKnobs(save);
  const health = showHealth(first, name, signal);
  const snapshots = showSnapshots(last, name, signal, refresh);
  const parts = [
    h("div", { class: "problems" }),
    h("div", { class: "row spread" }, h("h1", {}, name), buttons(host, name, refresh, deleted)),
    heading, first, charts.element, numbers.element, about, last,
  ];
  return { refresh, remove: charts.remove };
}

function buttons(host, name, refresh, deleted) {
  const after = async (question, action, done) => (await confirmed(question)) && attempt(host, async () => { await perform(action); await done(); });
  return h("div", { class: "row" },
    h("a", { class: "button primary", href: `#/layers/${name}/try` }, "Try it"),
    button("Reset statistics", () => after({
      title: `Reset the statistics of ${name}?`,
      text: "Its running mean and variance return to their initial values, for every client. A snapshot, taken before, can bring them back.",
      yes: "Reset them", no: "Keep them",
    }, actions.reset(name), async () => { await refresh(); say("The statistics are reset."); }), { "data-needs": "train" }),
    button("Delete", () => after({
      title: `Delete ${name}?`,
      text: "Its parameters, running statistics and snapshots are deleted, for every client. This cannot be undone.",
      yes: "Delete it", no: "Keep it",
    }, actions.remove(name), deleted), { class: "danger", "data-needs": "admin" }));
}

/** The vectors over the channels, in an even grid, on linear or symmetric-log axes. */
function showCharts() {
  const grid = h("div", { class: "grid even" });
  const logarithmic = h("input", { type: "checkbox", name: "log" });
  const undecided = h("p", { class: "card empty", hidden: true }, "The first training batch decides how many channels it has. Until then there is nothing to draw.");
  const tools = h("div", { class: "row spread" }, h("h2", {}, "Over the channels"), h("label", { class: "inline" }, logarithmic, "Logarithmic axes"));
  let drawings = [];
  let layer = null;
  const draw = () => {
    for (const [field, drawing] of drawings) {
      const values = vector(layer[field]);
      if (values) drawing.show(upTo(values.length), [values], `${plural(values.length, "channel")}, ${fromTo(values)}`);
    }
  };
  const make = () => {
    drawings.forEach(([, drawing]) => drawing.remove());
    drawings = VECTORS.filter(([field]) => layer[field] !== null).map(([field, title, colour]) => [field, chart(grid, {
      title, x: "channel", series: [{ label: field, colour, kind: "bars" }], fromZero: true, sync: "channels", symlog: logarithmic.checked ? smallest(layer[field]) : null,
    })]);
    draw();
  };
  logarithmic.addEventListener("change", make);
  return {
    element: h("section", { class: "stack", "aria-label": "Over the channels" }, tools, undecided, grid),
    show(shown) {
      const fields = drawings.map(([field]) => field).join();
      layer = shown;
      undecided.hidden = layer.features !== null;
      grid.hidden = tools.hidden = layer.features === null;
      if (layer.features === null) return;
      if (fields === VECTORS.map(([field]) => field).filter(field => layer[field] !== null).join()) draw();
      else make();
    },
    remove: () => drawings.forEach(([, drawing]) => drawing.remove()),
  };
}

/** The smallest magnitude beside 0, around which a symmetric-log axis is linear; at least a millionth of the largest. */
function smallest(numbers) {
  const sizes = numbers.map(value => Math.abs(Number(value))).filter(size => size > 0 && Number.isFinite(size));
  if (sizes.length === 0) return 1;
  return Math.max(sizes.reduce((a, b) => Math.min(a, b)), sizes.reduce((a, b) => Math.max(a, b)) / 1e6);
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

/** The knobs that are shown, not edited. */
function fixed(config) {
  return Object.entries(config).filter(([knob]) => knob !== "convention" && knob !== "epsilon" && knob !== "momentum").map(([knob, value]) => [
    h("code", {}, knob),
    [h("strong", {}, typeof value === "number" ? number(value) : String(value ?? "–")),
      KNOBS[knob] ? h("span", { class: "hint" }, KNOBS[knob]) : null],
  ]);
}
