// The running statistics of one channel, step by step, and where they are going: the whole data's own.

import { chart, upTo } from "./charts.js";
import { h } from "./dom.js";
import { number, percent } from "./words.js";

export function showConvergence(host, bench) {
  const plots = h("div", { class: "grid" });
  const lesson = h("p", { class: "callout" });
  const panel = h("section", { class: "card", "aria-label": "Convergence" }, h("h2", {}, "Running statistics on their way"), lesson, plots);
  host.append(panel);
  const lines = [["mean", "running mean"], ["variance", "running variance"]].map(([field, title]) => [field, chart(plots, {
    title, x: "step",
    series: [{ label: "running", colour: "--train", kind: "line" }, { label: "population", colour: "--mark", kind: "line", dash: [6, 4] }],
  })]);
  return {
    draw() {
      const { history, channel } = bench;
      panel.hidden = history.length < 2;
      if (panel.hidden) return;
      const steps = upTo(history.length);
      for (const [field, drawing] of lines) {
        const values = Float64Array.from(history, entry => entry[field][channel]);
        const goal = bench.population[field][channel];
        drawing.show(steps, [values, steps.map(() => goal)], `now ${number(values.at(-1))}, population ${number(goal)}`);
      }
      lesson.textContent = progress(bench);
    },
    remove: () => lines.forEach(([, drawing]) => drawing.remove()),
  };
}

function progress({ trained, history, layer }) {
  if (layer.config.momentum === null) return `Every batch counts the same: after ${history.length - 1} steps the running statistics are the plain average of what came.`;
  const { alpha } = trained;
  const left = (1 - alpha) ** (history.length - 1);
  return `Each batch counts ${percent(alpha)}. After ${history.length - 1} steps, ${percent(Number(left.toPrecision(3)))} of where it began is still in the running statistics.`;
}
