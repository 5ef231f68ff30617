// The running statistics of one channel, batch by batch, and what they approach: the whole data's own.

import { chart } from "./charts.js";
import { h } from "./dom.js";
import { count, number, percent, plural } from "./words.js";

export function showConvergence(host, bench) {
  const plots = h("div", { class: "grid" });
  const lesson = h("p", { class: "callout" });
  const panel = h("section", { class: "card", "aria-label": "Convergence" }, h("h2", {}, "Running statistics on their way"), lesson, plots);
  host.append(panel);
  const lines = [["mean", "running mean"], ["variance", "running variance"]].map(([field, title]) => [field, chart(plots, {
    title, x: "batches counted", y: title,
    series: [{ label: "running", colour: "--train", kind: "line" }, { label: "whole data", colour: "--mark", kind: "line", dash: [6, 4] }],
  })]);
  return {
    draw() {
      const { history, channel, dataset, layer } = bench;
      panel.hidden = !dataset || history.length < 2;
      if (panel.hidden) return;
      const batches = Float64Array.from(history, entry => entry.batches);
      for (const [field, drawing] of lines) {
        const values = Float64Array.from(history, entry => entry[field][channel]);
        const goal = bench.population[field][channel];
        drawing.show(batches, [values, batches.map(() => goal)], `now ${number(layer[`running_${field === "mean" ? "mean" : "var"}`][channel])}, population ${number(goal)}`);
      }
      lesson.textContent = weights(bench);
    },
    remove: () => lines.forEach(([, drawing]) => drawing.remove()),
  };
}

function weights({ layer, initialShare, history }) {
  const { config, num_batches_tracked: counted } = layer;
  const before = history[0].batches > 0 ? ` (${count(history[0].batches)} before these curves begin)` : "";
  const all = `The layer has counted ${plural(counted, "batch", "batches")}${before}.`;
  if (config.zero_debias) return `${all} The last one counted ${percent(config.alpha)}. The values before the first batch have had no weight since.`;
  if (config.momentum === null) return `${all} Each counts the same: the running statistics are their plain average.`;
  return `${all} Each new batch counts ${percent(config.alpha)}; the values before the first batch still count ${percent(Number(initialShare.toPrecision(3)))}.`;
}
