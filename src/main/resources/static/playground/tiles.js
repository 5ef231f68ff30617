// Batches of images, before and after, as tiles of grey.

import { h } from "./dom.js";
import { number } from "./words.js";

const SHOWN = 32;
const COLUMNS = 8;
const GAP = 1;

export function showTiles(host, bench) {
  const row = h("div", { class: "tiles" });
  const panel = h("section", { class: "card", "aria-label": "Images" }, h("h2", {}, "The batch as images"),
    h("p", { class: "callout" }, "Each pixel is normalized by its own mean and variance over the batch. What is nearly the same in every image fades into grey; a stroke where few have one stands out."), row);
  host.append(panel);
  return {
    draw() {
      const size = bench.dataset && imageSize(bench.dataset);
      panel.hidden = !size || !bench.input;
      if (panel.hidden) return;
      const shown = [["before", bench.input]];
      if (bench.trained?.input === bench.input) shown.push(["after, training", bench.trained.output]);
      if (bench.inferred?.input === bench.input) shown.push(["after, inference", bench.inferred.output]);
      row.replaceChildren(...shown.map(([title, array]) => tiles(title, array, size)));
    },
    remove() {},
  };
}

/** Height and width of one sample, where it is one image of one colour. */
function imageSize({ shape, image }) {
  if (image) return image;
  if (shape.length === 3) return { height: shape[1], width: shape[2] };
  if (shape.length === 4 && shape[1] === 1) return { height: shape[2], width: shape[3] };
  if (shape.length === 4 && shape[3] === 1) return { height: shape[1], width: shape[2] };
  return null;
}

function tiles(title, array, { height, width }) {
  const images = Math.min(SHOWN, array.shape[0]);
  const values = array.data.subarray(0, images * height * width);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const canvas = h("canvas", {
    width: COLUMNS * (width + GAP) - GAP, height: Math.ceil(images / COLUMNS) * (height + GAP) - GAP,
    role: "img", "aria-label": `${images} images ${title}, black is ${number(low)}, white is ${number(high)}`,
  });
  const context = canvas.getContext("2d");
  const scale = high > low ? 255 / (high - low) : 0;
  for (let i = 0; i < images; i++) {
    const pixels = context.createImageData(width, height);
    for (let p = 0; p < width * height; p++) {
      const grey = (values[i * width * height + p] - low) * scale;
      pixels.data.set([grey, grey, grey, 255], p * 4);
    }
    context.putImageData(pixels, (i % COLUMNS) * (width + GAP), Math.floor(i / COLUMNS) * (height + GAP));
  }
  return h("figure", { class: "tile" }, canvas, h("figcaption", {}, h("strong", {}, title), h("span", { class: "hint" }, `black ${number(low)}, white ${number(high)}`)));
}
