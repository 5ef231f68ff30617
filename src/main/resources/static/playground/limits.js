// Numbers that a person types: read, checked, and rejected with the range that is right.

import { count } from "./words.js";

/**
 * A whole number of an input.
 *
 * @param what the input is, as the start of a sentence
 * @throws an error with the input's name as `field`, for `showProblem`
 */
export function whole(input, what, least, most) {
  const value = input.value.trim() === "" ? NaN : Number(input.value);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const given = input.value.trim() === "" ? "nothing" : `“${input.value.trim()}”`;
  throw Object.assign(new Error(`${what} must be a whole number from ${count(least)} to ${count(most)}; ${given} was given.`), { field: input.name });
}

/** A number, null for nothing; the service rejects what is neither, and names what would be right. */
export function numeric(text) {
  if (text.trim() === "") return null;
  return Number.isNaN(Number(text)) ? text : Number(text);
}
