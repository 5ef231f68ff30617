// The values of one channel: before and after a pass, and after it in both modes.

import { agreement } from "./agreement.js";
import { alignedPanels } from "./aligned.js";
import { differWidely } from "./axis.js";
import { meanAndDeviation } from "./channels.js";
import { h, headings } from "./dom.js";
import { NOTE, errorOfMean, errorOfOutput, numberCell, settled } from "./rounding.js";
import { number, plural, short } from "./words.js";

/** The chosen channel of the batch before the last pass, and after it; before a pass, the batch alone. */
export function showBeforeAndAfter(host, bench) {
  const { panel, show, remove } = pictureOf(host, "Before and after", "Before and after");
  return {
    draw() {
      panel.hidden = !bench.input;
      if (panel.hidden) return;
      const after = bench.last === "inference" ? bench.inferred : bench.trained;
      const isDone = after !== null && after.input === bench.input;
      const input = bench.chosen(bench.input);
      show(bench, input, [
        { label: "before", kind: "before", values: input },
        { label: isDone ? `after ${bench.last ?? "training"}` : "after", row: "after", kind: "after", values: isDone ? bench.chosen(after.output) : null },
      ]);
    },
    remove,
  };
}

/** One batch through both modes: where they differ is what surprises people when they deploy. */
export function showModes(host, bench) {
  const lesson = h("p", { class: "callout" });
  const gap = h("output", { class: "gap" });
  const difference = h("p", { class: "difference" }, h("span", { class: "hint" }, "The modes differ by up to"), gap);
  const { panel, body, show, remove } = pictureOf(host, "Training and inference", "The same batch in both modes", difference, lesson);
  return {
    draw() {
      const isCompared = bench.trained !== null && bench.trained.input === bench.inferred?.input;
      panel.hidden = !isCompared && !bench.progress;
      if (panel.hidden) return;
      const found = agreement(bench);
      lesson.textContent = found.sentence;
      lesson.dataset.cause = found.cause;
      difference.hidden = body.hidden = !isCompared;
      if (!isCompared) return;
      gap.textContent = short(found.gap);
      gap.title = number(found.gap);
      show(bench, bench.chosen(bench.trained.input), [
        { label: "training", kind: "train", values: bench.chosen(bench.trained.output) },
        { label: "inference", kind: "infer", values: bench.chosen(bench.inferred.output) },
      ]);
    },
    remove,
  };
}

/** A card with a heading, aligned panels and their statistics. */
function pictureOf(host, name, heading, aside = null, lesson = null) {
  const logarithmic = h("input", { type: "checkbox", name: "logarithmic" });
  const table = h("table", { class: "numbers compact", tabindex: "0" });
  const note = h("p", { class: "hint note" }, NOTE);
  const body = h("div", { class: "picture" });
  const panel = h("section", { class: "card", "aria-label": name },
    h("div", { class: "row spread" }, h("h2", {}, heading), aside), lesson, body);
  host.append(panel);
  const drawing = alignedPanels(body, heading);
  body.append(h("label", { class: "inline" }, logarithmic, "Symmetric logarithm"), table, note);
  let isChosen = false;
  let again = () => {};
  logarithmic.addEventListener("change", () => { isChosen = true; again(); });

  function show(bench, input, panels) {
    again = () => show(bench, input, panels);
    const filled = panels.filter(({ values }) => values !== null);
    if (!isChosen) logarithmic.checked = differWidely(filled.map(({ values }) => values));
    const rows = errors(bench, input, filled);
    note.hidden = rows.every(({ mean, error }) => mean === settled(mean, error));
    table.replaceChildren(...statistics(rows));
    const words = new Map(rows.map(({ label, values, mean, error, deviation }) =>
      [label, `${plural(values.length, "value")}, mean ${short(settled(mean, error))}, deviation ${short(deviation)}`]));
    drawing.show(panels.map(each => ({ ...each, words: words.get(each.label) ?? "press “Train step” or “Infer”" })), {
      axis: `${bench.channelName}, value`, isLogarithmic: logarithmic.checked,
    });
  }
  return { panel, body, show, remove: () => drawing.remove() };
}

/** Adds mean, deviation and the rounding error of the mean to each set of values. */
function errors(bench, input, panels) {
  const { datatype } = bench.input;
  const spread = Math.sqrt(meanAndDeviation(input).deviation ** 2 + bench.layer.config.epsilon);
  return panels.map(each => ({
    ...each, ...meanAndDeviation(each.values),
    error: each.values === input ? errorOfMean(input, datatype) : errorOfOutput(input, each.values, spread, datatype),
  }));
}

function statistics(rows) {
  return [
    headings(["", "mean", "standard deviation", "smallest", "largest"]),
    h("tbody", {}, rows.map(({ label, row = label, values, mean, deviation, error }) => {
      const extremes = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
      return h("tr", {}, h("th", { scope: "row" }, row), numberCell(mean, error), [deviation, ...extremes].map(value => numberCell(value)));
    })),
  ];
}
