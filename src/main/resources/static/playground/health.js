// The health of a layer as the service reports it: warnings in sentences, and the figures behind them.

import { perform } from "./api.js";
import { h, terms } from "./dom.js";
import { number, percent } from "./words.js";

export function showHealth(host, name, signal) {
  const panel = h("section", { class: "card", hidden: true, "aria-label": "Health" });
  host.append(panel);
  return {
    async refresh() {
      try {
        const { body } = await perform({ title: `Health of ${name}`, method: "GET", path: `/layers/${name}/health` }, { quietly: true, signal });
        panel.replaceChildren(h("h2", {}, "Health"), opinion(body), terms(figures(body)));
        panel.hidden = false;
      } catch {
        panel.hidden = true; // the layer's own view says what is wrong
      }
    },
  };
}

/** A layer that no batch has trained is no error: its warnings say how it begins. */
function opinion({ warnings, never_trained: isNew }) {
  if (warnings.length === 0) return h("p", { class: "callout good" }, "No warnings.");
  return isNew
    ? h("p", { class: "callout", "data-new": true }, warnings.map(warning => `${warning[0].toUpperCase()}${warning.slice(1)}.`).join(" "))
    : h("ul", { class: "warnings" }, warnings.map(warning => h("li", {}, warning)));
}

function figures({ initial_value_share: share, smallest_variance: variance, mean_to_std: ratio, drift }) {
  const figure = (value, about) => [h("strong", {}, value), h("span", { class: "hint" }, about)];
  return [
    share === null || share === undefined ? null : ["still initial", figure(percent(Number(share.toPrecision(3))), "of the running statistics")],
    variance ? ["smallest variance", figure(number(variance.value), `in channel ${variance.channel}`)] : null,
    ratio ? ["largest |mean| / deviation", figure(number(ratio.value), `in channel ${ratio.channel}; FP32 loses ${number(Number(ratio.fp32_digits_lost.toPrecision(2)))} digits to it`)] : null,
    drift?.batches > 0 ? ["drift of the last batch", figure(number(drift.last), `running deviations; over ${drift.batches} at most ${number(drift.largest)}`)] : null,
  ].filter(pair => pair !== null);
}
