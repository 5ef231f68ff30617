// What came of a comparison: the error of inference, the running statistics step by step, and all of it as numbers.

import { chart, upTo } from "./charts.js";
import { h, headings } from "./dom.js";
import { number, short } from "./words.js";

/** @param colours custom properties, one for each group */
export function showContest(host, contest, colours, name) {
  const { groups, population, histories } = contest;
  const labels = groups.map(({ names }) => names.join(" · "));
  const lesson = h("p", { class: "callout" });
  const summary = h("table", { class: "numbers compact errors", tabindex: "0" });
  const plots = h("div", { class: "stack" });
  const table = h("table", { class: "numbers steps" });
  const panel = h("section", { class: "card", "aria-label": "Comparison" },
    h("h2", {}, `Inference on ${name}`), lesson, summary, plots,
    h("details", {}, h("summary", {}, "Step by step"), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Step by step" }, table)));
  host.replaceChildren(panel);
  const lines = labels.map((label, i) => ({ label, colour: colours[i], kind: "line" }));
  const whole = { label: "whole data", colour: "--mark", kind: "line", dash: [6, 4] };
  const common = { x: "step", sync: "contest", ends: true, height: 230 };
  const charts = [
    ["Error of inference", chart(plots, { ...common, title: "Error of inference", y: "rms error, in deviations", series: lines, logarithmic: true })],
    ["mean", chart(plots, { ...common, title: "Running mean", y: "running mean", series: [...lines, whole] })],
    ["variance", chart(plots, { ...common, title: "Running variance", y: "running variance", series: [...lines, whole] })],
  ];
  return {
    draw() {
      const length = Math.min(...histories.map(history => history.length));
      const steps = upTo(length);
      const errors = histories.map((history, group) => Array.from(steps, step => contest.error(group, history[step])));
      charts[0][1].show(steps, errors.map(values => values.map(value => (value > 0 ? value : null))), "of outputs of all samples, against those with the statistics of the whole data");
      for (const [field, drawing] of charts.slice(1)) {
        const goal = population[field];
        drawing.show(steps, [...histories.map(history => Float64Array.from(steps, step => history[step][field])), steps.map(() => goal)], `${name}, population ${number(goal)}`);
      }
      const last = histories.map((history, group) => ({ label: labels[group], ...history[length - 1], error: errors[group][length - 1] }));
      lesson.textContent = sentence(last, length - 1, population);
      summary.replaceChildren(...summed(last, population));
      table.replaceChildren(...stepByStep(labels, histories, length, population));
    },
    remove() {
      charts.forEach(([, drawing]) => drawing.remove());
      panel.remove();
    },
  };
}

function sentence(last, steps, population) {
  const sorted = last.toSorted((a, b) => a.error - b.error);
  const [best, worst] = [sorted[0], sorted.at(-1)];
  if (population.variance === 0) return "This channel is constant: its deviation is 0, and an error in deviations says little.";
  const one = `After ${steps === 1 ? "1 step" : `${steps} steps`}, inference with the running statistics of ${best.label} is off by ${short(best.error)} deviations (root mean square)`;
  return last.length === 1 ? `${one}.` : `${one}, with those of ${worst.label} by ${short(worst.error)}.`;
}

function summed(last, population) {
  return [
    headings(["", "error of inference", "running mean", "running variance"]),
    h("tbody", {}, last.map(({ label, error, mean, variance }) =>
      h("tr", {}, h("th", { scope: "row" }, label), [error, mean, variance].map(value => h("td", {}, number(value))))),
    h("tr", { class: "population" }, h("th", { scope: "row" }, "whole data"), [0, population.mean, population.variance].map(value => h("td", {}, number(value))))),
  ];
}

/** Newest step first: mean and variance of every group. */
function stepByStep(labels, histories, length, population) {
  const cells = ({ mean, variance }) => [mean, variance].map(value => h("td", {}, number(value)));
  return [
    h("thead", {},
      h("tr", {}, h("th", { scope: "col", rowspan: 2 }, "step"), labels.map(label => h("th", { scope: "colgroup", colspan: 2 }, label))),
      h("tr", {}, labels.map(() => [h("th", { scope: "col" }, "mean"), h("th", { scope: "col" }, "variance")]))),
    h("tbody", {},
      h("tr", { class: "population" }, h("th", { scope: "row" }, "population"), labels.map(() => cells(population))),
      Array.from({ length }, (_, i) => length - 1 - i).map(step =>
        h("tr", {}, h("th", { scope: "row" }, String(step)), histories.map(history => cells(history[step]))))),
  ];
}
