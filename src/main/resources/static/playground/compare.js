// Compare conventions: what PyTorch, Keras, ONNX, the book and others make of the same batches, step by step.

import { actions, perform } from "./api.js";
import { chart, upTo } from "./charts.js";
import { Contest, asColumns } from "./contest.js";
import { SAMPLES, sample } from "./data.js";
import { h, button, choice, field, say } from "./dom.js";
import { attempt } from "./problems.js";
import { showProgress } from "./progress.js";
import { number } from "./words.js";

const FIRST = ["pytorch", "keras", "onnx", "deep-learning-from-scratch"];
const COLOURS = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6", "--line-7", "--line-8", "--line-9"];
const REDRAW_MS = 100;

/** @returns a function that ends it */
export async function showCompare(host) {
  const form = h("section", { class: "card", "aria-label": "What to compare" });
  const results = h("div", { class: "results" });
  host.append(h("h1", {}, "Compare conventions"),
    h("p", { class: "lead" }, "The same batches, through a layer of each convention. They disagree about how much a batch counts, which variance they average and where they begin; so their running statistics, and with them inference, differ. Where a line is missing, it lies under another."),
    form, results);
  const answer = await attempt(form, () => perform(actions.conventions(), { quietly: true }));
  if (!answer) return () => {};

  const tracking = answer.body.conventions.filter(preset => preset.track_running_stats);
  const boxes = tracking.map((preset, i) => {
    const box = h("input", { type: "checkbox", name: "conventions", value: preset.convention, checked: FIRST.includes(preset.convention) });
    return h("label", { class: "chip" }, box, h("i", { class: `swatch line-${i + 1}` }), preset.convention);
  });
  const data = choice(Object.entries(SAMPLES).map(([name, { title }]) => [name, title]), "breast-cancer", { name: "sample" });
  const rows = h("input", { type: "number", name: "rows", min: 2, value: 32 });
  const steps = h("input", { type: "number", name: "steps", min: 1, max: 1000, value: 40 });
  const channel = h("select", { name: "channel", disabled: true });
  const progress = showProgress();
  let running = null;
  let shown = null;

  const run = button("Run", () => attempt(form, async () => {
    const chosen = boxes.map(label => label.firstChild).filter(box => box.checked).map(box => box.value);
    if (chosen.length === 0) throw new Error("Choose at least one convention.");
    const dataset = asColumns(await sample(data.value));
    const contest = new Contest(chosen, dataset, Math.min(Math.max(2, Number(rows.value)), dataset.shape[0]), Number(steps.value));
    shown?.remove();
    shown = showContest(results, contest, tracking.map(preset => preset.convention));
    fillChannels(dataset);
    running = new AbortController();
    progress.start(contest.steps, () => running.abort());
    let drawn = 0;
    try {
      await contest.run(running.signal, done => {
        progress.at(done);
        if (performance.now() - drawn > REDRAW_MS) {
          drawn = performance.now();
          shown.draw(Number(channel.value));
        }
      });
      say("The comparison is done.");
    } finally {
      progress.end();
      shown.draw(Number(channel.value));
      if (contest.left?.length > 0) {
        results.prepend(h("p", { class: "callout" }, `These layers are left, because deleting needs the scope “admin”: ${contest.left.join(", ")}.`));
      }
    }
  }), { class: "primary" });

  function fillChannels(dataset) {
    const selected = channel.options.length === dataset.shape[1] ? channel.value : "0";
    channel.replaceChildren(...dataset.names.map((name, i) => h("option", { value: i }, `${i} · ${name}`)));
    channel.value = selected;
    channel.disabled = false;
  }
  channel.addEventListener("change", () => shown.draw(Number(channel.value)));

  form.append(
    h("div", { class: "problems" }),
    h("fieldset", {}, h("legend", {}, "Conventions"), h("div", { class: "chips" }, boxes)),
    h("div", { class: "fields" }, field("Data", data), field("Rows per batch", rows), field("Steps", steps), field("Channel to look at", channel)),
    h("div", { class: "row" }, run), progress.element);
  return () => {
    running?.abort();
    shown?.remove();
  };
}

function showContest(host, contest, all) {
  const plots = h("div", { class: "grid" });
  const table = h("table", { class: "numbers" });
  const panel = h("section", { class: "card", "aria-label": "Comparison" }, plots,
    h("h2", {}, "Step by step"), h("div", { class: "scroll" }, table));
  host.replaceChildren(panel);
  const series = [
    ...contest.conventions.map(convention => ({ label: convention, colour: COLOURS[all.indexOf(convention)], kind: "line" })),
    { label: "population", colour: "--mark", kind: "line", dash: [6, 4] },
  ];
  const lines = [["mean", "Running mean"], ["variance", "Running variance"]].map(([field, title]) =>
    [field, chart(plots, { title, x: "step", series, height: 280, sync: "contest" })]);
  return {
    draw(channel) {
      const histories = contest.conventions.map(convention => contest.histories.get(convention));
      const length = Math.min(...histories.map(history => history.length));
      if (length === 0) return;
      const xs = upTo(length);
      for (const [field, drawing] of lines) {
        const goal = contest.population[field][channel];
        drawing.show(xs, [...histories.map(history => Float64Array.from(xs, step => history[step][field][channel])), xs.map(() => goal)],
          `${contest.dataset.names[channel]}, population ${number(goal)}`);
      }
      fill(table, contest, histories, length, channel);
    },
    remove() {
      lines.forEach(([, drawing]) => drawing.remove());
      panel.remove();
    },
  };
}

/** Newest step first: mean and variance of every convention. */
function fill(table, { conventions, population }, histories, length, channel) {
  const cells = entry => [entry.mean[channel], entry.variance[channel]].map(value => h("td", {}, number(value)));
  table.replaceChildren(
    h("thead", {},
      h("tr", {}, h("th", { scope: "col", rowspan: 2 }, "step"), conventions.map(name => h("th", { scope: "colgroup", colspan: 2 }, name))),
      h("tr", {}, conventions.map(() => [h("th", { scope: "col" }, "mean"), h("th", { scope: "col" }, "variance")]))),
    h("tbody", {},
      h("tr", { class: "population" }, h("th", { scope: "row" }, "population"), conventions.map(() => cells(population))),
      Array.from({ length }, (_, i) => length - 1 - i).map(step =>
        h("tr", {}, h("th", { scope: "row" }, String(step)), histories.map(history => cells(history[step]))))));
}
