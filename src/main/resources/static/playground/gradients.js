// How large the gradients of the last training step are, channel by channel.

import { chart, fromTo, upTo } from "./charts.js";
import { GRADIENTS } from "./bench.js";
import { rootMeanSquares } from "./channels.js";
import { h } from "./dom.js";
import { number } from "./words.js";

export function showGradients(host, bench, pick) {
  const plots = h("div", { class: "grid" });
  const lesson = h("p", { class: "callout" });
  const table = h("table", { class: "numbers compact" });
  const panel = h("section", { class: "card", "aria-label": "Gradients" }, h("h2", {}, "Gradients of the last training step"), lesson, plots, table);
  host.append(panel);
  const bars = (title, labels) => chart(plots, {
    title, x: "channel", fromZero: true, sync: "gradients", onPick: pick, marked: () => bench.channel,
    series: labels.map(([label, colour]) => ({ label, colour, kind: "bars" })),
  });
  const parameters = bars("size of grad_gamma and grad_beta", [["|grad_gamma|", "--after"], ["|grad_beta|", "--infer"]]);
  const inputs = bars("root mean square of grad_input", [["grad_input", "--train"]]);
  return {
    draw() {
      panel.hidden = bench.gradients === null;
      if (panel.hidden) return;
      const { kind, output, input, gamma, beta } = bench.gradients;
      const sizes = rootMeanSquares(input, bench.boxOf(input));
      const outputs = rootMeanSquares(output, bench.boxOf(output));
      const channels = upTo(sizes.length);
      const none = new Float64Array(sizes.length);
      lesson.textContent = GRADIENTS[kind].lesson;
      parameters.show(channels, [gamma?.map(Math.abs) ?? none, beta?.map(Math.abs) ?? none], gamma ? fromTo(gamma.map(Math.abs)) : "this layer has no gamma");
      inputs.show(channels, [sizes], fromTo(sizes));
      table.replaceChildren(
        h("thead", {}, h("tr", {}, ["", "grad_gamma", "grad_beta", "grad_input, rms", "grad_output, rms"].map(text => h("th", { scope: "col" }, text)))),
        h("tbody", {}, h("tr", {}, h("th", { scope: "row" }, bench.channelName),
          [gamma?.[bench.channel], beta?.[bench.channel], sizes[bench.channel], outputs[bench.channel]].map(value => h("td", {}, number(value))))));
    },
    remove() {
      parameters.remove();
      inputs.remove();
    },
  };
}
