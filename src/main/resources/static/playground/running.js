// Running statistics on their way to the batch's own, step by step.

import { h, button, svg } from "./dom.js";
import { plural, short } from "./words.js";

const WIDTH = 160;
const HEIGHT = 64;
const KEPT = 400;
const CLOSE = 1e-3;

/** @param actions `{step(count), reset()}` */
export function showRunning({ step, reset }) {
  let history = [];
  const charts = h("div", { class: "sparks" });
  const sentence = h("p", { class: "callout", "data-running": true });
  const element = h("section", { class: "card", "aria-label": "Running statistics" },
    h("div", { class: "row spread" },
      h("h2", {}, "Running statistics: what inference uses"),
      h("div", { class: "row" },
        button("Train step", () => step(1), { class: "primary small" }),
        button("20 steps", () => step(20), { class: "small" }),
        button("Start over", reset, { class: "quiet small" }))),
    sentence, charts);

  /** Keeps a point of the curves; an earlier step than the last begins them anew. */
  function record({ mean, variance }, steps) {
    const last = history.at(-1);
    if (last && (steps < last.steps || mean.length !== last.mean.length)) history = [];
    else if (last?.steps === steps) history.pop();
    history.push({ mean, variance, steps });
    if (history.length > KEPT) history.shift();
  }

  return {
    element,
    record,
    /** @param shown `{running, target, steps, share, gap}`: `running` and `target` as `{mean, variance}`, `share` what the initial values weigh */
    show({ running, target, steps, share, gap }) {
      record(running, steps);
      const times = history.map(point => point.steps);
      charts.replaceChildren(...running.mean.flatMap((_, c) => [
        spark(`mean of channel ${c}`, history.map(({ mean }) => mean[c]), times, target.mean[c]),
        spark(`variance of channel ${c}`, history.map(({ variance }) => variance[c]), times, target.variance[c]),
      ]));
      sentence.textContent = `${plural(steps, "step")}: the initial mean 0 and variance 1 still weigh ${short(100 * share)} %. `
        + `Training and inference differ by up to ${short(gap)}.`
        + (hasArrived(running, target) && gap > 0 ? " What is left is due to the variance: the running one averages the unbiased variance, m/(m−1) times the batch's." : "");
    },
  };
}

function hasArrived(running, target) {
  return running.mean.every((mean, c) => Math.abs(mean - target.mean[c]) <= CLOSE * Math.sqrt(target.variance[c])
    && Math.abs(running.variance[c] - target.variance[c]) <= CLOSE * target.variance[c]);
}

function spark(name, values, times, target) {
  const all = [...values, target];
  const low = Math.min(...all);
  const range = Math.max(...all) - low || 1;
  const x = i => 5 + ((times[i] - times[0]) / Math.max(1, times.at(-1) - times[0])) * (WIDTH - 10);
  const y = value => HEIGHT - 6 - ((value - low) / range) * (HEIGHT - 12);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `Running ${name}: ${short(values.at(-1))}; of the batch: ${short(target)}` });
  picture.append(
    svg("line", { class: "target", x1: 0, x2: WIDTH, y1: y(target), y2: y(target) }),
    svg("polyline", { class: "path", points: values.map((value, i) => `${x(i)},${y(value)}`).join(" ") }),
    svg("circle", { class: "now", cx: x(values.length - 1), cy: y(values.at(-1)), r: 4 }));
  return h("figure", { class: "spark" }, picture,
    h("figcaption", { class: "hint" }, h("span", {}, `Running ${name}`), h("strong", {}, short(values.at(-1))), h("span", {}, `batch ${short(target)}`)));
}
