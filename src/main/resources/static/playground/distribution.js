// Histograms of one channel: before and after on one axis, and the two modes side by side.

import { agreement } from "./agreement.js";
import { chart } from "./charts.js";
import { histograms, meanAndDeviation } from "./channels.js";
import { h } from "./dom.js";
import { NOTE, errorOfMean, errorOfOutput, numberCell, settled } from "./rounding.js";
import { count, number, short } from "./words.js";

/** Near zero as it is, far away as a logarithm, so that a channel around 900 and one around 0 fit on one axis. */
const STRETCHED = {
  ticks: {
    at: (low, high) => [-1e6, -1e4, -1e3, -100, -10, -1, 0, 1, 10, 100, 1e3, 1e4, 1e6].map(Math.asinh).filter(x => x >= low && x <= high),
    label: x => number(Number(Math.sinh(x).toPrecision(4))),
  },
};

/** What the chosen channel looked like before the last pass, and after it. */
export function showBeforeAndAfter(host, bench) {
  const stretch = h("input", { type: "checkbox", name: "stretch" });
  const plots = h("div");
  const table = h("table", { class: "numbers compact" });
  const note = h("p", { class: "hint note" }, NOTE);
  const panel = h("section", { class: "card", "aria-label": "Before and after" },
    h("div", { class: "row spread" }, h("h2", {}, "Before and after"),
      h("label", { class: "inline" }, stretch, "Logarithmic far from zero")),
    plots, table, note);
  host.append(panel);
  let drawing = null;

  const draw = () => {
    const after = bench.last === "inference" ? bench.inferred?.output : bench.trained?.output;
    panel.hidden = !bench.input || !after;
    if (panel.hidden) return;
    const sets = [bench.chosen(bench.input), bench.chosen(after)];
    const shown = stretch.checked ? sets.map(values => values.map(Math.asinh)) : sets;
    const { centers, counts } = histograms(shown);
    drawing.show(centers, counts, `${count(sets[0].length)} values of ${bench.channelName}, after ${bench.last}`);
    statistics(table, note, errors(bench, sets[0], [["before", sets[0]], ["after", sets[1]]]));
  };
  const build = () => {
    drawing?.remove();
    drawing = chart(plots, {
      title: "Values per bin", x: "value", whole: false, fromZero: true, height: 200, ticks: stretch.checked ? STRETCHED.ticks : undefined,
      series: [{ label: "before", colour: "--before", kind: "bins" }, { label: "after", colour: "--after", kind: "bins" }],
    });
    draw();
  };
  stretch.addEventListener("change", build);
  build();
  return { draw, remove: () => drawing.remove() };
}

/** One batch through both modes: where they differ is what surprises people when they deploy. */
export function showModes(host, bench) {
  const plots = h("div", { class: "grid" });
  const table = h("table", { class: "numbers compact" });
  const note = h("p", { class: "hint note" }, NOTE);
  const lesson = h("p", { class: "callout" });
  const gap = h("output", { class: "gap" });
  const difference = h("p", { class: "difference" }, h("span", { class: "hint" }, "The modes differ by up to"), gap);
  const panel = h("section", { class: "card", "aria-label": "Training and inference" },
    h("div", { class: "row spread" }, h("h2", {}, "The same batch in both modes"), difference), lesson, plots, table, note);
  host.append(panel);
  let highest = 0;
  const modes = [["training", "--train"], ["inference", "--infer"]].map(([label, colour]) => chart(plots, {
    title: label, x: "value", whole: false, fromZero: true, top: () => highest, series: [{ label: "values", colour, kind: "bins" }],
  }));
  return {
    draw() {
      const isCompared = bench.trained !== null && bench.trained.input === bench.inferred?.input;
      panel.hidden = !isCompared && !bench.progress;
      if (panel.hidden) return;
      const found = agreement(bench);
      lesson.textContent = found.sentence;
      lesson.dataset.cause = found.cause;
      difference.hidden = plots.hidden = table.hidden = !isCompared;
      note.hidden = true;
      if (!isCompared) return;
      gap.textContent = short(found.gap);
      gap.title = number(found.gap);
      const sets = [bench.chosen(bench.trained.output), bench.chosen(bench.inferred.output)];
      const { centers, counts } = histograms(sets, 48);
      highest = Math.max(...counts.flatMap(tally => [...tally]));
      const shown = errors(bench, bench.chosen(bench.trained.input), [["training", sets[0]], ["inference", sets[1]]]);
      modes.forEach((drawing, i) => {
        const { mean, deviation } = meanAndDeviation(sets[i]);
        drawing.show(centers, [counts[i]], `mean ${number(settled(mean, shown[i][2]))}, deviation ${number(deviation)}`);
      });
      statistics(table, note, shown);
    },
    remove: () => modes.forEach(drawing => drawing.remove()),
  };
}

/** Adds the rounding error of its mean to each `[label, values]`. */
function errors(bench, input, sets) {
  const { datatype } = bench.input;
  const deviation = Math.sqrt(meanAndDeviation(input).deviation ** 2 + bench.layer.config.epsilon);
  return sets.map(([label, values]) => [label, values, values === input ? errorOfMean(values, datatype) : errorOfOutput(input, values, deviation, datatype)]);
}

/** @param sets `[label, values, error of their mean]` */
function statistics(table, note, sets) {
  note.hidden = true;
  table.replaceChildren(
    h("thead", {}, h("tr", {}, ["", "mean", "standard deviation", "smallest", "largest"].map(text => h("th", { scope: "col" }, text)))),
    h("tbody", {}, sets.map(([label, values, error]) => {
      const { mean, deviation } = meanAndDeviation(values);
      if (mean !== settled(mean, error)) note.hidden = false;
      const extremes = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
      return h("tr", {}, h("th", { scope: "row" }, label), numberCell(mean, error), [deviation, ...extremes].map(value => numberCell(value)));
    })));
}
