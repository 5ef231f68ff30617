// Below the landing view: real data through a stored layer, with one button to begin.

import { actions, perform } from "./api.js";
import { SAMPLES } from "./data.js";
import { h, button } from "./dom.js";
import { attempt } from "./problems.js";

const FEATURES = { "breast-cancer": 30, wine: 13, digits: 64 };

const STORED = "batchnorm-visitor";

/** A few letters that tell the layers of one visitor from those of another; the browser keeps them. */
function visitor() {
  const known = localStorage.getItem(STORED);
  if (known) return known;
  const drawn = Array.from(crypto.getRandomValues(new Uint8Array(6)), byte => (byte % 36).toString(36)).join("");
  localStorage.setItem(STORED, drawn);
  return drawn;
}

/** @param begin called with the name of a layer and of a sample to try it with */
export function showWelcome(host, begin) {
  const start = name => attempt(host, async () => {
    const layer = `playground-${name}-${visitor()}`;
    try {
      await perform(actions.create({ name: layer, convention: "pytorch", features: FEATURES[name] }));
    } catch (problem) {
      if (problem.slug !== "layer-exists") throw problem;
    }
    begin(layer, name);
  });
  host.append(
    h("h2", {}, "Now with a layer that remembers"),
    h("p", { class: "hint" }, "A stored layer keeps the running statistics of what it has seen. Push real data through one, step by step, and watch its output, its running statistics and its gradients."),
    h("div", { class: "problems" }),
    h("div", { class: "samples" }, Object.entries(SAMPLES).map(([name, { title, about }]) =>
      button([h("strong", {}, `Start with ${title.toLowerCase()}`), h("span", { class: "hint" }, about)], () => start(name), { class: "sample", "data-start": name, "data-needs": "train" }))),
    h("p", { class: "row" },
      h("a", { class: "button", href: "#/new", "data-needs": "train" }, "Make a layer of your own"),
      h("a", { class: "button quiet", href: "#/compare" }, "Compare conventions"),
      h("a", { class: "button quiet", href: "swagger-ui.html" }, "Read the API")),
    h("p", { class: "hint sources" }, "Data: UCI Machine Learning Repository, CC BY 4.0. Breast Cancer Wisconsin (Diagnostic): Wolberg, Mangasarian, Street, Street, 1995. Wine: Aeberhard, Forina, 1991. Optical Recognition of Handwritten Digits: Alpaydin, Kaynak, 1998."));
}
