// Histograms of one channel: before and after on one axis, and the two modes side by side.

import { chart } from "./charts.js";
import { histograms, meanAndDeviation } from "./channels.js";
import { h } from "./dom.js";
import { count, number, plural } from "./words.js";

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
  const panel = h("section", { class: "card", "aria-label": "Before and after" },
    h("div", { class: "row spread" }, h("h2", {}, "Before and after"),
      h("label", { class: "inline" }, stretch, "Logarithmic far from zero")),
    plots, table);
  host.append(panel);
  let drawing = null;

  const draw = () => {
    const after = bench.last === "training" ? bench.trained?.output : bench.inferred;
    panel.hidden = !bench.input || !after;
    if (panel.hidden) return;
    const sets = [bench.chosen(bench.input), bench.chosen(after)];
    const shown = stretch.checked ? sets.map(values => values.map(Math.asinh)) : sets;
    const { centers, counts } = histograms(shown);
    drawing.show(centers, counts, `${count(sets[0].length)} values of ${bench.channelName}, after ${bench.last}`);
    statistics(table, [["before", sets[0]], ["after", sets[1]]]);
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
  const lesson = h("p", { class: "callout" });
  const panel = h("section", { class: "card", "aria-label": "Training and inference" }, h("h2", {}, "The same batch in both modes"), lesson, plots, table);
  host.append(panel);
  let highest = 0;
  const modes = [["training", "--train"], ["inference", "--infer"]].map(([label, colour]) => chart(plots, {
    title: label, x: "value", whole: false, fromZero: true, top: () => highest, series: [{ label: "values", colour, kind: "bins" }],
  }));
  return {
    draw() {
      panel.hidden = bench.last !== "training" || !bench.inferred;
      if (panel.hidden) return;
      const sets = [bench.chosen(bench.trained.output), bench.chosen(bench.inferred)];
      const { centers, counts } = histograms(sets, 48);
      highest = Math.max(...counts.flatMap(tally => [...tally]));
      modes.forEach((drawing, i) => {
        const { mean, deviation } = meanAndDeviation(sets[i]);
        drawing.show(centers, [counts[i]], `mean ${number(mean)}, deviation ${number(deviation)}`);
      });
      lesson.textContent = gap(sets, bench);
      statistics(table, [["training", sets[0]], ["inference", sets[1]]]);
    },
    remove: () => modes.forEach(drawing => drawing.remove()),
  };
}

function gap([trained, inferred], bench) {
  const [train, infer] = [meanAndDeviation(trained), meanAndDeviation(inferred)];
  // Three standard errors of a batch's mean, in deviations of the channel.
  const chance = 3 / Math.sqrt(trained.length) * (train.deviation || 1);
  const isClose = Math.abs(train.mean - infer.mean) < chance && Math.abs(train.deviation - infer.deviation) < chance;
  const why = "Training normalizes with the batch's own mean and variance, inference with the running ones.";
  return isClose
    ? `${why} They agree by now, but for the chance of one batch: the running statistics have come close to the data's.`
    : `${why} They do not agree yet: after ${plural(bench.history.length - 1, "step")} here the running statistics still hold some of their initial values. Run more steps and see them meet.`;
}

function statistics(table, rows) {
  table.replaceChildren(
    h("thead", {}, h("tr", {}, ["", "mean", "standard deviation", "smallest", "largest"].map(text => h("th", { scope: "col" }, text)))),
    h("tbody", {}, rows.map(([label, values]) => {
      const { mean, deviation } = meanAndDeviation(values);
      const extremes = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
      return h("tr", {}, h("th", { scope: "row" }, label), [mean, deviation, ...extremes].map(value => h("td", {}, number(value))));
    })));
}
