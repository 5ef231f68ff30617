// Charts: uPlot in the page's colours, with a title, a sentence for those who do not see, and zoom by dragging.

import uPlot from "./vendor/uplot/uPlot.esm.js";
import { h } from "./dom.js";
import { colour, onColours } from "./theme.js";
import { number } from "./words.js";

const FONT = '12px Inter, system-ui, "Segoe UI", Roboto, sans-serif';
const CLICK_PIXELS = 4;
const PATHS = {
  bars: uPlot.paths.bars({ size: [0.8, 48, 1], gap: 0 }),
  bins: uPlot.paths.bars({ size: [1, Infinity, 1], gap: 0 }),
  line: undefined,
};

/**
 * @param host where to put it
 * @param title above it
 * @param x what its horizontal axis is, in a word
 * @param y the same of its vertical axis
 * @param series `{label, colour, kind: "bars" | "bins" | "line", dash?}`; colours are custom properties of base.css
 * @param whole whether x counts something
 * @param fromZero whether the vertical axis shows 0
 * @param top the least upper end of the vertical axis, asked at every drawing: charts side by side share it
 * @param ticks `{at(low, high), label(x)}` of a horizontal axis that is not linear
 * @param marked the x that is marked, asked at every drawing
 * @param onPick told the index of an x that was clicked
 * @returns `{show(x, values, sentence), mark(), remove()}`
 */
export function chart(host, { title, x, y, series, height = 180, whole = true, fromZero = false, top, ticks, marked, onPick, sync }) {
  const sentence = h("span", { class: "hint" });
  const canvas = h("div", { class: "plot", role: "img", "aria-label": title });
  const figure = h("figure", { class: "chart" }, h("figcaption", {}, h("strong", {}, title), sentence), canvas);
  host.append(figure);
  let plot = null;
  const size = () => ({ width: Math.max(200, Math.floor(canvas.clientWidth)), height });
  const resizing = new ResizeObserver(() => plot && canvas.clientWidth > 0 && plot.setSize(size()));
  resizing.observe(canvas);
  const stop = onColours(() => plot?.redraw(false));

  return {
    show(xs, values, words) {
      sentence.textContent = words;
      canvas.setAttribute("aria-label", `${title}: ${words}`);
      const data = [xs, ...values];
      if (plot) {
        plot.setData(data);
      } else {
        plot = new uPlot({ ...size(), ...settings({ x, series, whole, fromZero, top, ticks, marked, sync }) }, data, canvas);
        if (onPick) pickable(plot, onPick);
      }
    },
    mark() {
      plot?.redraw(false);
    },
    remove() {
      resizing.disconnect();
      stop();
      plot?.destroy();
      figure.remove();
    },
  };
}

function settings({ x, series, whole, fromZero, top, ticks, marked, sync }) {
  const label = ticks?.label ?? number;
  const axis = { stroke: () => colour("--quiet"), font: FONT, grid: { stroke: () => colour("--grid"), width: 1 }, ticks: { show: false } };
  return {
    cursor: { y: false, drag: { x: true, y: false }, sync: sync ? { key: sync, setSeries: false } : undefined, points: { size: 7 } },
    scales: { x: { time: false, range: xRange(series) }, y: { range: fromZero ? (_, low, high) => rangeWithZero(low, Math.max(high ?? 0, top?.() ?? 0)) : undefined } },
    axes: [
      { ...axis, size: 28, gap: 4, incrs: whole ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6] : undefined,
        splits: ticks && ((_plot, _axis, low, high) => ticks.at(low, high)), values: (_, xs) => xs.map(label) },
      { ...axis, size: 62, gap: 6, values: (_, ys) => ys.map(number) },
    ],
    series: [
      { label: x, value: (_, value) => (value === null ? "" : label(value)) },
      ...series.map(({ label, colour: property, kind, dash }) => ({
        label,
        dash,
        paths: PATHS[kind],
        width: kind === "line" ? 2 : 0,
        points: { show: false },
        stroke: () => colour(property),
        fill: kind === "line" ? undefined : () => colour(`${property}-fill`),
        value: (_, value) => (value === null || value === undefined ? "" : number(value)),
      })),
    ],
    hooks: { draw: marked ? [plot => drawMark(plot, marked())] : [] },
  };
}

/** Bars need room on both sides. */
function xRange(series) {
  if (series.every(({ kind }) => kind === "line")) return undefined;
  return (plot, low, high) => {
    const xs = plot.data[0];
    const step = xs.length > 1 ? xs[1] - xs[0] : 1;
    return [low - step / 2, high + step / 2];
  };
}

function rangeWithZero(low, high) {
  const bottom = Math.min(0, low ?? 0);
  const top = Math.max(0, high ?? 1);
  const room = (top - bottom) * 0.06 || 1;
  return [bottom < 0 ? bottom - room : 0, top > 0 || bottom === 0 ? top + room : 0];
}

function drawMark(plot, x) {
  if (x === null || x === undefined) return;
  const { ctx, bbox } = plot;
  const at = Math.round(plot.valToPos(x, "x", true)) + 0.5;
  if (at < bbox.left || at > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = colour("--mark");
  ctx.setLineDash([3, 3]);
  ctx.beginPath();
  ctx.moveTo(at, bbox.top);
  ctx.lineTo(at, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** A click picks; a drag zooms. */
function pickable(plot, onPick) {
  let pressed = 0;
  plot.over.classList.add("pickable");
  plot.over.addEventListener("mousedown", event => (pressed = event.clientX));
  plot.over.addEventListener("click", event => {
    const { idx } = plot.cursor;
    if (idx !== null && idx !== undefined && Math.abs(event.clientX - pressed) < CLICK_PIXELS) onPick(idx);
  });
}

/** The numbers 0, 1, 2, … up to a length: channels, or with a start, steps. */
export function upTo(length, start = 0) {
  return Float64Array.from({ length }, (_, i) => i + start);
}

export function fromTo(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low === high ? `all ${number(low)}` : `from ${number(low)} to ${number(high)}`;
}
