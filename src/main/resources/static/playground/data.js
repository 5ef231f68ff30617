// Where batches come from: bundled samples, files, pasted text. Rows are shuffled once, by a fixed seed, so that batches of a
// sorted file look alike and every run is the same.

import { Asked } from "./workers.js";

export const SAMPLES = {
  "breast-cancer": {
    title: "Breast cancer",
    about: "569 rows of 30 measurements of cell nuclei. Their means run from 0.004 to 880: what normalization is for.",
  },
  wine: {
    title: "Wine",
    about: "178 Italian wines, 13 chemical measurements each, from hue to proline.",
  },
  digits: {
    title: "Digits",
    about: "1,797 handwritten digits of 8×8 pixels; every pixel is a channel.",
    channel: 20,
    image: { height: 8, width: 8 },
  },
};

const parser = new Asked(new URL("./parse.worker.js", import.meta.url));

function parse(bytes, compressed, without = []) {
  return parser.ask({ bytes, compressed, without }, [bytes.buffer]);
}

export async function sample(name) {
  const answer = await fetch(new URL(`./samples/${name}.csv.gz`, import.meta.url));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const { title, image, channel } = SAMPLES[name];
  return { sample: name, title, image, channel, ...shuffled(await parse(bytes, true)), notes: [] };
}

/** @param without columns of a CSV to leave out */
export async function fromFile(file, without) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { title: file.name, ...shuffled(await parse(bytes, file.name.endsWith(".gz"), without)) };
}

export async function fromText(text, without) {
  return { title: "Pasted numbers", ...shuffled(await parse(new TextEncoder().encode(text), false, without)) };
}

/** The rows in an order of chance that is always the same (Fisher and Yates; a linear congruence of Numerical Recipes). */
function shuffled(array) {
  const rows = array.shape[0];
  const width = array.data.length / rows;
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  let state = 1;
  for (let i = rows - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const data = new array.data.constructor(array.data.length);
  order.forEach((from, to) => data.set(array.data.subarray(from * width, (from + 1) * width), to * width));
  return { ...array, data };
}

/** Batch number `index` of so many rows, from the front again after the last whole one. No copy. */
export function batch(dataset, rows, index) {
  const all = dataset.shape[0];
  const size = Math.min(rows, all);
  const width = dataset.data.length / all;
  const start = (index % batches(dataset, rows)) * size;
  return {
    shape: [size, ...dataset.shape.slice(1)],
    datatype: dataset.datatype,
    data: dataset.data.subarray(start * width, (start + size) * width),
  };
}

export function batches(dataset, rows) {
  return Math.max(1, Math.floor(dataset.shape[0] / rows));
}

