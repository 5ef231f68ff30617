// How a tensor falls into channels, and plain statistics of them: what the page compares the service's answers with.

/** The tensor as a row-major box [outer, channels, inner], after the layer's scope and channel axis. */
export function layout(shape, config) {
  const product = dimensions => dimensions.reduce((a, b) => a * b, 1);
  if (config.scope === "per_activation") return { outer: shape[0], channels: product(shape.slice(1)), inner: 1 };
  const axis = config.channel_axis < 0 ? shape.length + config.channel_axis : config.channel_axis;
  return { outer: product(shape.slice(0, axis)), channels: shape[axis] ?? 0, inner: product(shape.slice(axis + 1)) };
}

/** All values of one channel. */
export function valuesOf(array, { outer, channels, inner }, channel) {
  const values = new Float64Array(outer * inner);
  for (let o = 0, to = 0; o < outer; o++) {
    const from = (o * channels + channel) * inner;
    for (let i = 0; i < inner; i++) values[to++] = array.data[from + i];
  }
  return values;
}

/** Mean and biased variance of every channel, in two passes; `count` values each. */
export function moments(array, box) {
  const count = box.outer * box.inner;
  const mean = perChannel(array, box, value => value).map(sum => sum / count);
  const variance = perChannel(array, box, (value, channel) => (value - mean[channel]) ** 2).map(sum => sum / count);
  return { count, mean, variance };
}

/** The root of the mean square of every channel. */
export function rootMeanSquares(array, box) {
  return perChannel(array, box, value => value * value).map(sum => Math.sqrt(sum / (box.outer * box.inner)));
}

/** The largest size of a value in every channel. */
export function largestOfChannels({ data }, { outer, channels, inner }) {
  const largest = new Float64Array(channels);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < inner; i++) largest[channel] = Math.max(largest[channel], Math.abs(data[at++]));
    }
  }
  return largest;
}

function perChannel({ data }, { outer, channels, inner }, of) {
  const sums = new Float64Array(channels);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < inner; i++) sums[channel] += of(data[at++], channel);
    }
  }
  return sums;
}

export function meanAndDeviation(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
