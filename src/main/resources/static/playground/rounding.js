// Rounding errors of statistics of a channel: a smaller number says nothing, and is shown as 0 with a note.

import { h } from "./dom.js";
import { number } from "./words.js";

/** The distance of a number near 1 to the next one. */
const SPACING = { FP64: 2 ** -52, FP32: 2 ** -23 };
const TERMS = 4;

export const NOTE = "0 stands for rounding noise: what is left when equal terms cancel.";

function largest(values) {
  return values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
}

/** The rounding error of a mean of values. */
export function errorOfMean(values, datatype) {
  return TERMS * (SPACING[datatype] + values.length * SPACING.FP64) * largest(values);
}

/** The rounding error of the mean of outputs: that of their own sum, and that of the batch's mean, which each of them has. */
export function errorOfOutput(input, output, deviation, datatype) {
  const gain = deviation > 0 ? meanSize(output) / deviation : 0;
  return errorOfMean(output, datatype) + gain * errorOfMean(input, datatype);
}

function meanSize(values) {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/**
 * The rounding errors of the gradients of every channel: x̂ has the error of the batch's mean, in deviations.
 *
 * @param count the number of values of a channel
 * @param deviation √(variance + ε) of every channel
 * @param input the largest |x| of every channel
 * @param gradient the largest |dy| of every channel
 */
export function errorsOfGradients({ count, datatype, gamma, deviation, input, gradient }) {
  const spacing = TERMS * (SPACING[datatype] + SPACING.FP64 * count);
  const normalized = deviation.map((value, c) => Math.max(1, input[c] / value));
  return {
    beta: gradient.map(size => spacing * count * size),
    gamma: gradient.map((size, c) => spacing * count * size * normalized[c]),
    input: gradient.map((size, c) => ((spacing * Math.abs(gamma?.[c] ?? 1)) / deviation[c]) * size * normalized[c]),
  };
}

/** 0 in place of rounding noise. */
export function settled(value, error) {
  return Math.abs(value) <= error ? 0 : value;
}

/** A table cell of a number; noise is shown as 0, with its value as a tooltip. */
export function numberCell(value, error = 0) {
  const isNoise = value !== 0 && settled(value, error) === 0;
  return isNoise ? h("td", { class: "noise", title: `${number(value)}, rounding noise` }, "0") : h("td", {}, number(value));
}
