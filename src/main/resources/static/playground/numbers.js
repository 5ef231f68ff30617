// A layer's vectors as a table, a page of channels at a time: what charts show, to read and to copy.

import { h, button } from "./dom.js";
import { number } from "./words.js";

const ROWS = 50;
const COLUMNS = ["gamma", "beta", "running_mean", "running_var"];

export function showNumbers() {
  let layer = null;
  let first = 0;
  const rows = h("tbody");
  const where = h("span", { class: "hint" });
  const turn = pages => () => {
    first = Math.min(Math.max(0, first + pages * ROWS), Math.floor((layer.features - 1) / ROWS) * ROWS);
    render();
  };
  const pager = h("div", { class: "row" }, button("Previous", turn(-1), { class: "quiet small" }), button("Next", turn(1), { class: "quiet small" }), where);
  const element = h("details", { class: "card", hidden: true, "aria-label": "The same as numbers", on: { toggle: () => render() } },
    h("summary", {}, "The same as numbers"),
    h("div", { class: "scroll" }, h("table", { class: "numbers" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "channel"), COLUMNS.map(column => h("th", { scope: "col" }, column)))), rows)),
    pager);

  function render() {
    if (!element.open || !layer) return;
    const last = Math.min(first + ROWS, layer.features);
    rows.replaceChildren(...Array.from({ length: last - first }, (_, i) => h("tr", {},
      h("th", { scope: "row" }, String(first + i)),
      COLUMNS.map(column => h("td", {}, layer[column] ? number(Number(layer[column][first + i])) : "–")))));
    where.textContent = `channels ${first} to ${last - 1} of ${layer.features}`;
    pager.hidden = layer.features <= ROWS;
  }

  return {
    element,
    show(shown) {
      layer = shown.features === null ? null : shown;
      element.hidden = layer === null;
      render();
    },
  };
}
