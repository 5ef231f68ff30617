// What is drawn on a chart beside its series: the names of lines at their ends, the values at the pointer, a marked x.

import { h } from "./dom.js";
import { colour } from "./theme.js";

const LABEL_HEIGHT = 15;
const DASH = 10;
/** Relative to a line's largest value: lines that are closer are drawn as one would hide the other. */
const SAME = 1e-9;

/** The names of the lines at their right ends, apart from each other, each in its colour. */
export function drawEnds(plot, names, font) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const ends = names.map(({ label, colour: property }, i) => ({ label, property, at: lastOf(plot.data[i + 1]) }))
    .filter(({ at }) => at !== null)
    .map(end => ({ ...end, y: plot.valToPos(end.at, "y", true) }))
    .sort((a, b) => a.y - b.y);
  const spacing = LABEL_HEIGHT * ratio;
  spread(ends, bbox.top + spacing / 2, bbox.top + bbox.height - spacing / 2, spacing);
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.font = `${12 * ratio}px ${font}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.lineWidth = ratio;
  ctx.setLineDash([]);
  for (const { label, property, y, labelY } of ends) {
    ctx.strokeStyle = ctx.fillStyle = colour(property);
    ctx.beginPath();
    ctx.moveTo(right, y);
    ctx.lineTo(right + 8 * ratio, labelY);
    ctx.stroke();
    ctx.fillText(label, right + 12 * ratio, labelY);
  }
  ctx.restore();
}

function lastOf(values) {
  for (let i = values.length - 1; i >= 0; i--) {
    if (Number.isFinite(values[i])) return values[i];
  }
  return null;
}

/** Moves labels down where they would overlap, and back up where they would leave the chart. */
function spread(ends, top, bottom, spacing) {
  let free = top;
  for (const end of ends) {
    end.labelY = Math.max(free, end.y);
    free = end.labelY + spacing;
  }
  free = bottom;
  for (const end of ends.toReversed()) {
    end.labelY = Math.min(free, end.labelY);
    free = end.labelY - spacing;
  }
}

/** Lines that lie on each other become dashes in turn, so that each is seen. @returns a dash and its offset for each line */
export function turns(lines) {
  const largest = lines.map(values => values.reduce((size, value) => Math.max(size, Math.abs(value ?? 0)), 0));
  const same = (a, b) => lines[a].length === lines[b].length
    && lines[a].every((value, i) => value === lines[b][i] || Math.abs(value - lines[b][i]) <= SAME * largest[a]);
  return lines.map((_, line) => {
    const group = lines.map((__, other) => other).filter(other => same(line, other));
    return group.length === 1 ? { dash: [], offset: 0 } : { dash: [DASH, DASH * (group.length - 1)], offset: -DASH * group.indexOf(line) };
  });
}

/** A tooltip with the values at the pointer; charts that follow the pointer of another have none. */
export function tooltip(plot, { x, names, format }) {
  const tip = h("div", { class: "tip", hidden: true });
  plot.over.append(tip);
  return () => {
    const { idx, left } = plot.cursor;
    const isShown = idx !== null && idx !== undefined && left >= 0 && plot.over.matches(":hover");
    tip.hidden = !isShown;
    if (!isShown) return;
    tip.replaceChildren(h("strong", {}, `${x} ${format(plot.data[0][idx])}`), ...names.map(({ label }, i) => [label, plot.data[i + 1][idx]])
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([label, value]) => h("span", {}, `${label} ${format(value)}`)));
    const isRight = left > plot.over.clientWidth / 2;
    tip.style.left = isRight ? "" : `${left + 14}px`;
    tip.style.right = isRight ? `${plot.over.clientWidth - left + 14}px` : "";
    tip.style.top = "4px";
  };
}

/** A dashed line at an x. */
export function drawMark(plot, x) {
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
