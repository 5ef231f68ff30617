// How large the gradients of the last training step are, channel by channel.

import { GRADIENTS } from "./bench.js";
import { largestOfChannels, moments, rootMeanSquares } from "./channels.js";
import { chart, fromTo, upTo } from "./charts.js";
import { h, headings } from "./dom.js";
import { NOTE, errorsOfGradients, numberCell, settled } from "./rounding.js";
import { number, short } from "./words.js";

const NAMES = ["grad_gamma", "grad_beta", "grad_input, rms", "grad_output, rms"];
/** The ratio of a variance to ε below which ε is a large part of the deviation, as `health` has it. */
const BESIDE_EPSILON = 10;

export function showGradients(host, bench, pick) {
  const plots = h("div", { class: "grid" });
  const lesson = h("p", { class: "callout" });
  const warning = h("p", { class: "callout", "data-lesson": "epsilon" });
  const note = h("p", { class: "hint note" }, NOTE);
  const table = h("table", { class: "numbers compact", tabindex: "0" });
  const panel = h("section", { class: "card", "aria-label": "Gradients" }, h("h2", {}, "Gradients of the last training step"), lesson, warning, plots, table, note);
  host.append(panel);
  const bars = (title, y, labels) => chart(plots, {
    title, x: "channel", y, fromZero: true, sync: "gradients", onPick: pick, marked: () => bench.channel,
    series: labels.map(([label, colour]) => ({ label, colour, kind: "bars" })),
  });
  const parameters = bars("size of grad_gamma and grad_beta", "|gradient|", [["|grad_gamma|", "--after"], ["|grad_beta|", "--infer"]]);
  const inputs = bars("root mean square of grad_input", "rms of grad_input", [["grad_input", "--train"]]);
  return {
    draw() {
      panel.hidden = bench.gradients === null;
      if (panel.hidden) return;
      const { sizes, errors } = sizesOf(bench);
      const shown = sizes.map((values, i) => values?.map((value, c) => settled(value, errors[i][c])) ?? null);
      const channels = upTo(shown[2].length);
      const none = new Float64Array(channels.length);
      const [gamma, beta, input] = shown;
      lesson.textContent = GRADIENTS[bench.gradients.kind].lesson;
      showEpsilon(warning, bench);
      parameters.show(channels, [gamma ?? none, beta ?? none],
        [["grad_gamma", gamma], ["grad_beta", beta]].map(([name, values]) => (values ? `${name} ${fromTo(values)}` : `no ${name}`)).join(", "));
      inputs.show(channels, [input], fromTo(input));
      showNumbers(table, bench, errors);
      note.hidden = !sizes.some((values, i) => values?.some((value, c) => value !== shown[i][c]));
    },
    remove() {
      parameters.remove();
      inputs.remove();
    },
  };
}

/** By name as in NAMES: the sizes over the channels, null for a parameter that the layer has not, and their rounding errors. */
function sizesOf({ gradients: { output, input, gamma, beta }, trained, layer, boxOf }) {
  const box = boxOf(input);
  const { variance } = moments(trained.input, box);
  const deviation = variance.map(value => Math.sqrt(value + layer.config.epsilon));
  const errors = errorsOfGradients({
    count: box.outer * box.inner, datatype: input.datatype, gamma: layer.gamma, deviation,
    input: largestOfChannels(trained.input, box), gradient: largestOfChannels(output, box),
  });
  return {
    sizes: [gamma?.map(Math.abs) ?? null, beta?.map(Math.abs) ?? null, rootMeanSquares(input, box), rootMeanSquares(output, box)],
    errors: [errors.gamma, errors.beta, errors.input, new Float64Array(box.channels)],
  };
}

function showNumbers(table, bench, errors) {
  const { channel, channelName, gradients: { output, input, gamma, beta } } = bench;
  const values = [gamma?.[channel], beta?.[channel], rootMeanSquares(input, bench.boxOf(input))[channel], rootMeanSquares(output, bench.boxOf(output))[channel]];
  table.replaceChildren(
    headings(["", ...NAMES]),
    h("tbody", {}, h("tr", {}, h("th", { scope: "row" }, channelName), values.map((value, i) => numberCell(value, errors[i][channel])))));
}

/** A channel that hardly varies: its gradient is divided by little more than √ε. */
function showEpsilon(warning, { trained, layer, boxOf, channel, channelName }) {
  const { epsilon } = layer.config;
  const variance = moments(trained.input, boxOf(trained.input)).variance[channel];
  warning.hidden = variance >= BESIDE_EPSILON * epsilon;
  const varies = variance === 0 ? "does not vary" : `hardly varies (variance ${short(variance)})`;
  warning.textContent = `${channelName} ${varies} in this batch, so ε = ${number(epsilon)} decides: its gradient is multiplied by γ/√(variance + ε), here ${short(Math.abs(layer.gamma?.[channel] ?? 1) / Math.sqrt(variance + epsilon))}. Noise in such a channel is amplified as much; a larger ε, or leaving the channel out, prevents that.`;
}
