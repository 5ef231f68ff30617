// How far a long run is, and a way to end it.

import { h, button } from "./dom.js";

export function showProgress() {
  const bar = h("progress", { "aria-label": "Steps done" });
  const words = h("span", { class: "hint" });
  let stop = () => {};
  const element = h("div", { class: "row progress", hidden: true }, bar, words, button("Cancel", () => stop(), { class: "small" }));
  return {
    element,
    start(total, cancel) {
      stop = cancel;
      bar.max = total;
      this.at(0);
      element.hidden = false;
    },
    at(done) {
      bar.value = done;
      words.textContent = `${done} of ${bar.max}`;
    },
    end() {
      element.hidden = true;
    },
  };
}
