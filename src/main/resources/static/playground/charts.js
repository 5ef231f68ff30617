// Charts: uPlot in the page's colours, with titles on both axes, a sentence for screen readers, a tooltip, and zoom by dragging.

import uPlot from "./vendor/uplot/uPlot.esm.js";
import { drawEnds, drawMark, tooltip, turns } from "./chartmarks.js";
import { h } from "./dom.js";
import { colour, onColours } from "./theme.js";
import { number } from "./words.js";

const FAMILY = 'Inter, system-ui, "Segoe UI", Roboto, sans-serif';
const FONT = `12px ${FAMILY}`;
const CLICK_PIXELS = 4;
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6];
/** Room for the names at the ends of lines, where the chart is wide enough for them. */
const ENDS = 178;
const WIDE = 560;

/**
 * @param host where to put it
 * @param title above it
 * @param x what its horizontal axis is, in a word
 * @param y the same of its vertical axis; by default the label of the only series
 * @param series `{label, colour, kind: "bars" | "line", dash?}`; colours are custom properties of base.css
 * @param whole whether x counts something
 * @param fromZero whether the vertical axis shows 0
 * @param symlog the size up to which a symmetric-log vertical axis is linear; null for another axis
 * @param logarithmic whether the vertical axis is logarithmic: numbers of 0 are left out
 * @param ends whether lines have their names at their ends
 * @param marked the x that is marked, called at every drawing
 * @param onPick called with the index of an x that was clicked
 * @returns `{show(x, values, sentence), mark(), remove()}`
 */
export function chart(host, options) {
  const { title, height = 180, onPick } = options;
  const sentence = h("span", { class: "hint" });
  const canvas = h("div", { class: "plot", role: "img", "aria-label": title });
  const figure = h("figure", { class: "chart" }, h("figcaption", {}, h("strong", {}, title), sentence), canvas);
  host.append(figure);
  let plot = null;
  const size = () => ({ width: Math.max(200, Math.floor(canvas.clientWidth)), height });
  const resizing = new ResizeObserver(() => plot && canvas.clientWidth > 0 && plot.setSize(size()));
  resizing.observe(canvas);
  const stop = onColours(() => plot?.redraw()) /* bars keep the colours of their paths */;

  return {
    show(xs, values, words) {
      sentence.textContent = words;
      canvas.setAttribute("aria-label", `${title}: ${words}`);
      const data = [xs, ...values];
      if (plot) {
        plot.setData(data);
      } else {
        plot = new uPlot({ ...size(), ...settings(options) }, data, canvas);
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

function settings({ x, y, series, whole = true, fromZero = false, symlog = null, logarithmic = false, ends = false, marked, sync }) {
  const axis = { stroke: () => colour("--quiet"), font: FONT, labelFont: FONT, labelSize: 18, grid: { stroke: () => colour("--grid"), width: 1 }, ticks: { show: false } };
  const format = value => number(Number(value.toPrecision(6)));
  return {
    cursor: { y: false, drag: { x: true, y: false }, sync: sync ? { key: sync, setSeries: false } : undefined, points: { size: 7 } },
    legend: { show: series.length > 1, live: false },
    padding: [12, plot => (ends && plot.width >= WIDE ? ENDS : 14), 0, 0],
    scales: { x: { time: false, range: xRange(series) }, y: scale({ fromZero, symlog, logarithmic }) },
    axes: [
      { ...axis, label: x, size: 26, gap: 4, incrs: whole ? WHOLE : undefined, values: (_, xs) => xs.map(number) },
      { ...axis, label: y ?? series[0].label, size: 62, gap: 6, ...(logarithmic ? { splits: powers, filter: (_, ys) => ys } : {}), values: (_, ys) => ys.map(value => (value === null ? "" : number(value))) },
    ],
    series: [{ label: x }, ...series.map((line, i) => seriesOf(line, series.filter(({ kind }) => kind === "bars").length, i))],
    hooks: hooks({ x, series, ends, marked, format }),
  };
}

function scale({ fromZero, symlog, logarithmic }) {
  if (logarithmic) return { distr: 3 };
  return { ...(symlog === null ? {} : { distr: 4, asinh: symlog }), range: fromZero ? (_, low, high) => rangeWithZero(low, high) : undefined };
}

/** Bars of two series stand side by side. */
function seriesOf({ label, colour: property, kind, dash }, bars, index) {
  const isLine = kind === "line";
  return {
    label,
    dash,
    paths: isLine ? undefined : uPlot.paths.bars({ size: [0.8 / bars, 48 / bars, 1], gap: 0, align: bars === 2 ? 2 * index - 1 : 0 }),
    width: isLine ? 2 : 0,
    points: { show: false },
    stroke: () => colour(property),
    fill: isLine ? undefined : () => colour(`${property}-fill`),
  };
}

function hooks({ x, series, ends, marked, format }) {
  let move = () => {};
  let dashes = [];
  return {
    ready: [plot => (move = tooltip(plot, { x, names: series, format }))],
    setCursor: [() => move()],
    drawClear: [plot => {
      if (!ends) return;
      dashes = turns(plot.data.slice(1).filter((_, i) => !series[i].dash));
      plot.series.slice(1).forEach((line, i) => { line.dash = series[i].dash ?? dashes[i].dash.map(length => length * devicePixelRatio); });
      plot.ctx.lineDashOffset = (dashes[0]?.offset ?? 0) * devicePixelRatio;
    }],
    drawSeries: [(plot, drawn) => { plot.ctx.lineDashOffset = (dashes[drawn]?.offset ?? 0) * devicePixelRatio; }],
    draw: [plot => {
      plot.ctx.lineDashOffset = 0;
      const named = ends && plot.width >= WIDE;
      plot.root.classList.toggle("named", named);
      if (named) drawEnds(plot, series, FAMILY);
      if (marked) drawMark(plot, marked());
    }],
  };
}

/** Powers of ten, every second or third where they are many. */
function powers(_plot, _axis, low, high) {
  const [least, most] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const stride = Math.max(1, Math.ceil((most - least + 1) / 6));
  return Array.from({ length: Math.floor((most - least) / stride) + 1 }, (__, i) => Number(`1e${least + i * stride}`));
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
