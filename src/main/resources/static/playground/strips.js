// One picture per channel: the samples as dots on the axis of x, and where normalization puts them on the axis of y. A dot of x
// can be dragged.

import { h, svg } from "./dom.js";
import { short } from "./words.js";

const WIDTH = 340;
const HEIGHT = 128;
const MARGIN = 18;
const TOP = 38;
const BOTTOM = 92;
const MOST_COLOURED = 9;

/** @param moved called with a row, a channel and the new x while a dot is dragged */
export function stripsOf(rows, channels, moved) {
  const strips = Array.from({ length: channels }, (_, channel) => stripOf(channel, rows, (r, x) => moved(r, channel, x)));
  return {
    element: h("div", { class: "strips" }, strips.map(({ element }) => element)),
    show: shown => strips.forEach(strip => strip.show(shown)),
    mark: row => strips.forEach(strip => strip.mark(row)),
  };
}

function stripOf(channel, rows, moved) {
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `Channel ${channel}: x above, y below` });
  const band = svg("rect", { class: "band", y: TOP - 9, height: 18 });
  const mean = svg("line", { class: "mean", y1: TOP - 14, y2: TOP + 14 });
  const zero = svg("line", { class: "mean", y1: BOTTOM - 14, y2: BOTTOM + 14 });
  const unit = svg("rect", { class: "band", y: BOTTOM - 9, height: 18 });
  const labels = { mean: svg("text", { y: TOP - 19, class: "tick" }), zero: svg("text", { y: BOTTOM + 26, class: "tick" }) };
  const samples = Array.from({ length: rows }, (_, r) => {
    const colour = rows > MOST_COLOURED ? "line-2" : `line-${r + 1}`;
    return {
      link: svg("line", { class: `link ${colour}`, y1: TOP, y2: BOTTOM }),
      from: svg("circle", { class: `dot from ${colour}`, cy: TOP, r: rows > 16 ? 4 : 6.5 }),
      to: svg("circle", { class: `dot ${colour}`, cy: BOTTOM, r: rows > 16 ? 3.5 : 5.5 }),
    };
  });
  picture.append(band, unit,
    svg("line", { class: "axis", x1: MARGIN - 8, x2: WIDTH - MARGIN + 8, y1: TOP, y2: TOP }),
    svg("line", { class: "axis", x1: MARGIN - 8, x2: WIDTH - MARGIN + 8, y1: BOTTOM, y2: BOTTOM }),
    mean, zero, ...samples.map(({ link }) => link), ...samples.flatMap(({ from, to }) => [to, from]),
    labels.mean, labels.zero,
    svg("text", { x: 4, y: TOP - 19, class: "name" }, "x"), svg("text", { x: 4, y: BOTTOM + 26, class: "name" }, "y"));

  let domain = null;
  let dragged = null;
  const scale = ([low, high], value) => MARGIN + ((value - low) / (high - low)) * (WIDTH - 2 * MARGIN);

  samples.forEach(({ from }, r) => {
    from.addEventListener("pointerdown", event => {
      from.setPointerCapture(event.pointerId);
      dragged = r;
      event.preventDefault();
    });
    from.addEventListener("pointermove", event => {
      if (dragged !== r) return;
      const box = picture.getBoundingClientRect();
      const at = (((event.clientX - box.left) / box.width) * WIDTH - MARGIN) / (WIDTH - 2 * MARGIN);
      const [low, high] = domain;
      moved(r, rounded(low + Math.min(1, Math.max(0, at)) * (high - low), high - low));
    });
    const release = () => { dragged = null; };
    from.addEventListener("pointerup", release);
    from.addEventListener("pointercancel", release);
  });

  const caption = h("figcaption", { class: "hint" });
  return {
    element: h("figure", { class: "strip" }, picture, caption),
    /** @param values of the steps by name, the batch's numbers as rows */
    show({ input, mean: means, std, output, gamma, beta }) {
      const xs = input.map(line => line[channel]);
      const ys = output.map(line => line[channel]);
      const centre = means[channel];
      const spread = std[channel];
      if (dragged === null) {
        const low = Math.min(...xs, centre - spread);
        const high = Math.max(...xs, centre + spread);
        const room = (high - low || 1) * 0.15;
        domain = [low - room, high + room];
      }
      const reach = Math.max(2.2, ...ys.map(Math.abs)) * 1.05;
      const range = [-reach, reach];
      place(band, domain, centre - spread, centre + spread);
      place(unit, range, beta - Math.abs(gamma), beta + Math.abs(gamma));
      stand(mean, scale(domain, centre));
      stand(zero, scale(range, beta));
      write(labels.mean, scale(domain, centre), `μ ${short(centre)}`);
      write(labels.zero, scale(range, beta), `β ${short(beta)}`);
      samples.forEach(({ link, from, to }, r) => {
        const left = scale(domain, xs[r]);
        const right = scale(range, ys[r]);
        link.setAttribute("x1", left);
        link.setAttribute("x2", right);
        from.setAttribute("cx", left);
        to.setAttribute("cx", right);
      });
      caption.textContent = `Channel ${channel}: ${short(Math.min(...xs))} … ${short(Math.max(...xs))} becomes ${short(Math.min(...ys))} … ${short(Math.max(...ys))}`;
    },
    mark(row) {
      samples.forEach(({ link, from, to }, r) => [link, from, to].forEach(part => part.classList.toggle("marked", r === row)));
    },
  };

  function place(rectangle, [low, high], from, to) {
    const left = Math.max(0, scale([low, high], from));
    rectangle.setAttribute("x", left);
    rectangle.setAttribute("width", Math.max(0, Math.min(WIDTH, scale([low, high], to)) - left));
  }

  function stand(line, x) {
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  }

  function write(label, x, text) {
    label.setAttribute("x", Math.min(WIDTH - 34, Math.max(34, x)));
    label.textContent = text;
  }
}

/** To a hundredth of the range, so that cells stay short. */
function rounded(value, range) {
  const digits = Math.min(12, Math.max(0, Math.ceil(2 - Math.log10(range))));
  return Number(value.toFixed(digits));
}
