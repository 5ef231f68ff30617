// A layer's vectors as a table, a page of channels at a time: what charts show, to read, to copy and to edit.

import { h, button } from "./dom.js";
import { numeric } from "./limits.js";
import { attempt } from "./problems.js";
import { number, plural } from "./words.js";

const ROWS = 50;
const COLUMNS = ["gamma", "beta", "running_mean", "running_var"];
const EDITED = ["gamma", "beta"];

/** @param save called with a function from the layer to a merge patch */
export function showNumbers(save) {
  let layer = null;
  let first = 0;
  let edits = null; // while the table is edited: by column, the new numbers by channel
  const rows = h("tbody");
  const where = h("span", { class: "hint" });
  const turn = pages => () => {
    first = Math.min(Math.max(0, first + pages * ROWS), Math.floor((layer.features - 1) / ROWS) * ROWS);
    render();
  };
  const pager = h("div", { class: "row" }, button("Previous", turn(-1), { class: "quiet small" }), button("Next", turn(1), { class: "quiet small" }), where);
  const edit = button("Edit gamma and beta", () => begin({ gamma: new Map(), beta: new Map() }), { class: "small", "data-needs": "train" });
  const keep = button("Save", () => attempt(element, async () => {
    await save(patch);
    begin(null);
  }), { class: "primary small", "data-needs": "train" });
  const discard = button("Discard", () => begin(null), { class: "quiet small" });
  const element = h("details", { class: "card", hidden: true, "aria-label": "The same as numbers", on: { toggle: () => render() } },
    h("summary", {}, "The same as numbers"),
    h("div", { class: "problems" }),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Numbers of each channel" }, h("table", { class: "numbers" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "channel"), COLUMNS.map(column => h("th", { scope: "col" }, column)))), rows)),
    h("div", { class: "row spread" }, pager, h("div", { class: "row" }, edit, keep, discard)));

  function begin(edited) {
    edits = edited;
    render();
    rows.querySelector("input")?.focus();
  }

  function patch(current) {
    return Object.fromEntries(EDITED.filter(column => edits[column].size > 0).map(column =>
      [column, current[column].map((value, channel) => edits[column].get(channel) ?? value)]));
  }

  function cell(column, channel) {
    const value = layer[column]?.[channel];
    if (value === undefined) return h("td", {}, "–");
    if (!edits || !EDITED.includes(column)) return h("td", {}, number(Number(value)));
    const input = h("input", { name: `${column}[${channel}]`, inputmode: "decimal", "aria-label": `${column} of channel ${channel}`, value: String(edits[column].get(channel) ?? value) });
    input.addEventListener("input", () => {
      edits[column].set(channel, numeric(input.value) ?? input.value);
      count();
    });
    return h("td", {}, input);
  }

  function count() {
    const changes = edits ? EDITED.reduce((sum, column) => sum + edits[column].size, 0) : 0;
    keep.textContent = changes === 0 ? "Save" : `Save ${plural(changes, "change")}`;
    keep.hidden = changes === 0;
  }

  function render() {
    if (!element.open || !layer) return;
    const last = Math.min(first + ROWS, layer.features);
    rows.replaceChildren(...Array.from({ length: last - first }, (_, i) => h("tr", {},
      h("th", { scope: "row" }, String(first + i)), COLUMNS.map(column => cell(column, first + i)))));
    where.textContent = `channels ${first} to ${last - 1} of ${layer.features}`;
    pager.hidden = layer.features <= ROWS;
    edit.hidden = edits !== null || EDITED.every(column => layer[column] === null);
    discard.hidden = edits === null;
    count();
  }

  return {
    element,
    show(shown) {
      layer = shown.features === null ? null : shown;
      element.hidden = layer === null;
      if (!edits) render(); // an edited table keeps its fields and the focus
    },
  };
}
