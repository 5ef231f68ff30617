// Tables of the numbers of a step: every number a cell that knows its address, shaded by its size and sign.

import { h } from "./dom.js";
import { keyOf } from "./steps.js";
import { brief, number } from "./words.js";

export const SHOWN_ROWS = 16;

/**
 * A panel of the view: title, formulas and the cells of its steps.
 *
 * @param panel of steps.js
 * @param edit called with the address and the text of an editable cell; absent for computed numbers
 * @param extra called with a row for one more cell at its end
 */
export function panelOf(panel, rows, channels, { edit, extra } = {}) {
  const cells = new Map();
  const note = h("p", { class: "hint note", hidden: true }, "0 stands for rounding noise");
  const tables = panel.rows.map(({ step, formula: math }) => {
    const perChannel = panel.rows.length > 1 || panel.id === "mean";
    const lines = perChannel ? [null] : Array.from({ length: Math.min(rows, SHOWN_ROWS) }, (_, r) => r);
    const body = h("tbody", {}, lines.map(r => h("tr", {},
      edit ? h("th", { scope: "row" }, String(r)) : null,
      Array.from({ length: channels }, (_, channel) => {
        const address = { step, row: r, channel };
        const cell = cellOf(address, panel.title, edit);
        cells.set(keyOf(address), cell);
        return cell;
      }),
      extra ? h("td", { class: "extra" }, extra(r)) : null)));
    const head = h("thead", {}, h("tr", {}, edit ? h("th", { scope: "col", class: "corner" }, h("span", { class: "unseen" }, "sample")) : null,
      Array.from({ length: channels }, (_, c) => h("th", { scope: "col" }, h("span", { class: "unseen" }, "channel "), h("span", {}, `c${c}`))),
      extra ? h("td", { class: "extra" }) : null));
    return [h("div", { class: "formula" }, math), h("table", { class: "cells", "data-table": step, "aria-label": `${panel.title}: ${step}` }, head, body)];
  });
  const hidden = rows - SHOWN_ROWS;
  const more = hidden > 0 && panel.rows.length === 1 && panel.id !== "mean"
    ? h("p", { class: "hint" }, `and ${hidden} more ${hidden === 1 ? "row" : "rows"}, which count too`) : null;
  const element = h("section", { class: "panel", "data-panel": panel.id, "aria-label": panel.title },
    h("h3", {}, panel.title), tables, more, note, h("p", { class: "hint about" }, panel.about));
  return { element, cells, note };
}

function cellOf(address, title, edit) {
  const { step, row: r, channel } = address;
  const label = r === null ? `${title}, channel ${channel}` : `${title}, sample ${r}, channel ${channel}`;
  const data = { "data-step": step, "data-row": r ?? "", "data-channel": channel };
  if (!edit) return h("td", { class: "cell", tabindex: r === 0 || r === null ? (channel === 0 ? "0" : "-1") : "-1", ...data });
  const input = h("input", { type: "number", step: "any", inputmode: "decimal", "aria-label": label, autocomplete: "off" });
  input.addEventListener("input", () => edit(address, input));
  return h("td", { class: "cell editable", ...data }, input);
}

/**
 * Shows a number.
 *
 * @param share of the largest in its step, for the shade
 * @param noise below which it is shown as 0
 * @param before its value before a change, shown beside it; or null
 */
export function showNumber(cell, value, share, noise, before = null) {
  const isNoise = value !== 0 && Math.abs(value) <= noise;
  const text = isNoise ? "0" : brief(value);
  const input = cell.firstElementChild?.matches("input") ? cell.firstElementChild : null;
  if (input) {
    if (document.activeElement !== input || Number(input.value) !== value) input.value = value;
    input.removeAttribute("aria-invalid");
  } else if (cell.dataset.text !== text || (cell.dataset.before ?? "") !== (before === null ? "" : brief(before))) {
    cell.replaceChildren(text);
    if (before !== null) cell.append(h("small", { class: "was" }, `was ${brief(before)}`));
    cell.dataset.before = before === null ? "" : brief(before);
  }
  cell.dataset.text = text;
  cell.dataset.value = value;
  cell.title = isNoise ? `${number(value)}, which is rounding noise` : "";
  cell.classList.toggle("noise", isNoise);
  cell.classList.toggle("moved", before !== null && brief(before) !== text);
  cell.classList.toggle("minus", value < 0 && !isNoise);
  cell.style.setProperty("--share", isNoise || !Number.isFinite(share) ? 0 : share.toFixed(3));
  return isNoise;
}

/** Moves the focus among the cells of a table with the arrow keys. */
export function arrows(event) {
  const cell = event.target.closest(".cell");
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!cell || !step || event.target.matches("input")) return;
  const next = cell.closest("tbody").rows[cell.parentElement.sectionRowIndex + step[0]]?.cells[cell.cellIndex + step[1]];
  if (!next?.matches(".cell")) return;
  event.preventDefault();
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
