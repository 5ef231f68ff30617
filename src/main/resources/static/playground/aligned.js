// Values of a channel in panels one above the other, over one axis. Fewer than 100 are dots, each with a line to the same sample in the
// next panel; more are counted in bins.

import { axisOf } from "./axis.js";
import { h, svg } from "./dom.js";
import { number, short } from "./words.js";

const MOST_DOTS = 100;
const BINS = 48;
/** Room at the left for what counts the values of a bin; dots need none. */
const COUNTS = 46;
const LEFT = 14;
const RIGHT = 14;
const PANEL = 84;
const LABEL = 18;
const LINKS = 52;
const AXIS = 44;
const DOT = 4;
const TICK_PIXELS = 76;
const REACH = 24;

/** @returns `{show(panels, options), remove()}`; see `show` */
export function alignedPanels(host, title) {
  const picture = svg("svg", { class: "aligned", role: "img", "aria-label": title });
  const tip = h("div", { class: "tip", hidden: true });
  const figure = h("figure", { class: "aligned-figure" }, picture, tip);
  host.append(figure);
  let shown = null;
  let drawing = null;

  const render = () => {
    tip.hidden = true;
    if (shown && figure.clientWidth > 0) drawing = draw(picture, figure.clientWidth, shown);
  };
  const resizing = new ResizeObserver(render);
  resizing.observe(figure);
  picture.addEventListener("pointermove", event => point(event));
  picture.addEventListener("pointerleave", () => point(null));

  function point(event) {
    picture.querySelectorAll(".marked").forEach(part => part.classList.remove("marked"));
    const box = picture.getBoundingClientRect();
    const found = event && drawing?.find(event.clientX - box.left, event.clientY - box.top);
    tip.hidden = !found;
    if (!found) return;
    found.parts.forEach(part => part.classList.add("marked"));
    tip.textContent = found.words;
    tip.style.left = `${Math.min(Math.max(0, found.x - tip.offsetWidth / 2), box.width - tip.offsetWidth)}px`;
    tip.style.top = `${Math.max(0, found.y - tip.offsetHeight - 10)}px`;
  }

  return {
    /**
     * @param panels `{label, kind, values, words}` from the top: kind names the colour; values may be null, which shows words alone
     * @param axis what the axis is, in words
     * @param isLogarithmic whether it is a symmetric logarithm
     */
    show(panels, { axis, isLogarithmic }) {
      shown = { panels, axis, isLogarithmic };
      picture.setAttribute("aria-label", `${title}: ${panels.map(({ label, words }) => `${label}, ${words}`).join("; ")}`);
      render();
    },
    remove() {
      resizing.disconnect();
      figure.remove();
    },
  };
}

function draw(picture, width, { panels, axis: name, isLogarithmic }) {
  const sets = panels.map(({ values }) => values).filter(values => values !== null);
  const isFew = sets.every(values => values.length < MOST_DOTS);
  const axis = axisOf(sets, isLogarithmic);
  const left = isFew ? LEFT : COUNTS;
  const right = width - RIGHT;
  const x = value => left + axis.share(value) * (right - left);
  const tops = panels.map((_, i) => i * (PANEL + (isFew ? LINKS : LABEL + 16)) + LABEL);
  // Dots of the last panel hang from its top, so that the lines between the panels are free.
  const bases = tops.map((top, i) => (isFew && i > 0 && i === tops.length - 1 ? top : top + PANEL));
  const bottom = tops.at(-1) + PANEL;
  const height = bottom + AXIS;
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  picture.setAttribute("width", width);
  picture.setAttribute("height", height);
  picture.replaceChildren(
    ...axis.ticks(Math.max(2, Math.floor((right - left) / TICK_PIXELS))).flatMap(value => [
      svg("line", { class: "grid-line", x1: x(value), x2: x(value), y1: tops[0], y2: bottom }),
      svg("text", { class: "tick", x: x(value), y: bottom + 16 }, short(value)),
    ]),
    svg("text", { class: "axis-title", x: (left + right) / 2, y: bottom + 36 }, isLogarithmic ? `${name} (symmetric logarithm)` : name),
    ...panels.flatMap(({ label, kind, words }, i) => [
      svg("text", { class: `panel-label of-${kind}`, x: left, y: bases[i] === tops[i] ? tops[i] + PANEL - 4 : tops[i] - 6 }, label, svg("tspan", { class: "panel-words", dx: 8 }, words)),
      svg("line", { class: "base-line", x1: left, x2: right, y1: bases[i], y2: bases[i] }),
    ]));
  return isFew ? drawDots(picture, panels, tops, bases, x) : drawBins(picture, panels, tops, axis, x);
}

function drawDots(picture, panels, tops, bases, x) {
  const placed = panels.map(({ values }, i) => values && piles(Array.from(values, x), bases[i], bases[i] === tops[i] ? 1 : -1));
  const samples = Array.from(placed.find(places => places !== null), (_, sample) => ({ sample, parts: [], places: [] }));
  for (const { sample, parts, places } of samples) {
    for (let i = 0; i + 1 < panels.length; i++) {
      const [from, to] = [placed[i]?.[sample], placed[i + 1]?.[sample]];
      if (from && to) parts.push(svg("line", { class: `link of-${panels[i + 1].kind}`, x1: from.x, y1: bases[i], x2: to.x, y2: bases[i + 1] }));
    }
    panels.forEach(({ kind }, i) => {
      const place = placed[i]?.[sample];
      if (!place) return;
      places.push(place);
      parts.push(svg("circle", { class: `dot of-${kind}`, cx: place.x, cy: place.y, r: DOT }));
    });
  }
  picture.append(...samples.flatMap(({ parts }) => parts));
  return { find: (left, top) => nearest(samples, panels, left, top) };
}

/** Dots at the same place are piled up; null for a value that is not finite. */
function piles(xs, base, direction) {
  const heights = new Map();
  const levels = xs.map(place => {
    if (!Number.isFinite(place)) return null;
    const pile = Math.round(place / (2 * DOT));
    heights.set(pile, (heights.get(pile) ?? 0) + 1);
    return heights.get(pile) - 1;
  });
  const highest = Math.max(1, ...heights.values());
  const step = Math.min(2 * DOT, (PANEL - LABEL - DOT) / highest);
  return xs.map((place, i) => (levels[i] === null ? null : { x: place, y: base + direction * (DOT + 1 + levels[i] * step) }));
}

function nearest(samples, panels, left, top) {
  let best = null;
  for (const each of samples) {
    for (const place of each.places) {
      const distance = Math.hypot(place.x - left, place.y - top);
      if (distance < (best?.distance ?? REACH)) best = { ...each, ...place, distance };
    }
  }
  const words = panels.filter(({ values }) => values !== null).map(({ label, values }) => `${label} ${number(values[best?.sample])}`);
  return best && { ...best, words: `value ${best.sample}: ${words.join(", ")}` };
}

function drawBins(picture, panels, tops, axis, x) {
  const counts = panels.map(({ values }) => values && tally(values, axis));
  const most = Math.max(...counts.filter(each => each !== null).map(each => Math.max(...each)));
  const edge = bin => x(axis.at(bin / BINS));
  const bars = Array.from({ length: BINS }, (_, bin) => counts.map((each, i) => {
    if (!each || each[bin] === 0) return null;
    const height = (each[bin] / most) * (PANEL - 4);
    return svg("rect", { class: `bin of-${panels[i].kind}`, x: edge(bin), width: Math.max(1, edge(bin + 1) - edge(bin) - 0.5), y: tops[i] + PANEL - height, height });
  }).filter(part => part !== null));
  picture.append(
    ...tops.flatMap((top, i) => (counts[i] ? [
      svg("text", { class: "tick count", x: COUNTS - 6, y: top + 10 }, short(most)),
      svg("text", { class: "tick count", x: COUNTS - 6, y: top + PANEL }, "0"),
      svg("text", { class: "axis-title", transform: `translate(12 ${top + PANEL / 2}) rotate(-90)` }, "values"),
    ] : [])),
    ...bars.flat());
  return {
    find(left) {
      const bin = Array.from({ length: BINS }, (_, i) => i).find(i => left >= edge(i) && left < edge(i + 1));
      if (bin === undefined) return null;
      const words = panels.flatMap(({ label }, i) => (counts[i] ? [`${label} ${counts[i][bin]}`] : []));
      return { parts: bars[bin], x: left, y: tops[0] + PANEL / 2, words: `${short(axis.at(bin / BINS))} to ${short(axis.at((bin + 1) / BINS))}: ${words.join(", ")}` };
    },
  };
}

function tally(values, axis) {
  const counts = new Float64Array(BINS);
  for (const value of values) {
    if (Number.isFinite(value)) counts[Math.min(BINS - 1, Math.max(0, Math.floor(axis.share(value) * BINS)))]++;
  }
  return counts;
}
