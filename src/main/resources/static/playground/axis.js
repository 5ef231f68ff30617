// Axes of values: linear, or a symmetric logarithm, which is linear near zero and logarithmic on both sides of it.

/** The ratio of sizes from which one linear axis hides the smaller values. */
const WIDE = 100;
/** The part of the smaller set's largest value that is still on the linear part. */
const LINEAR = 0.1;
const ROOM = 0.04;

function sizeOf(values) {
  return values.reduce((size, value) => (Number.isFinite(value) ? Math.max(size, Math.abs(value)) : size), 0);
}

/** Whether the sets differ so much in size that a linear axis shows one of them as a point. */
export function differWidely(sets) {
  const sizes = sets.map(sizeOf).filter(size => size > 0);
  return sizes.length > 1 && Math.max(...sizes) >= WIDE * Math.min(...sizes);
}

/**
 * An axis over all values of the sets.
 *
 * @returns `{share, at, ticks}`: where a value is, from 0 to 1; the value there; round values that are so far apart that `most` of them fit
 */
export function axisOf(sets, isLogarithmic) {
  const unit = LINEAR * Math.min(...sets.map(sizeOf).filter(size => size > 0));
  const [bend, straighten] = isLogarithmic && Number.isFinite(unit)
    ? [value => Math.asinh(value / unit), place => unit * Math.sinh(place)] : [value => value, place => place];
  const [least, most] = extent(sets);
  const room = ROOM * (bend(most) - bend(least));
  const low = bend(least) - room;
  const high = bend(most) + room;
  return {
    share: value => (bend(value) - low) / (high - low),
    at: share => straighten(low + share * (high - low)),
    ticks: count => (isLogarithmic && Number.isFinite(unit) ? powers(least, most, unit, count) : steps(straighten(low), straighten(high), count)),
  };
}

function extent(sets) {
  let low = Infinity;
  let high = -Infinity;
  for (const values of sets) {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low === Infinity) return [-1, 1];
  return high > low ? [low, high] : [low - Math.max(0.5, Math.abs(low) / 2), high + Math.max(0.5, Math.abs(high) / 2)];
}

/** Multiples of 1, 2 or 5 times a power of ten. */
function steps(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** 0 and powers of ten on both sides, every second or third where they are many. */
function powers(low, high, unit, count) {
  const least = Math.ceil(Math.log10(unit));
  const sides = Math.floor(Math.log10(Math.max(-low, high))) - least + 1;
  const stride = Math.max(1, Math.ceil((low < 0 && high > 0 ? 2 * sides : sides) / count));
  const sizes = Array.from({ length: Math.max(1, Math.ceil(sides / stride)) }, (_, i) => Number(`1e${least + i * stride}`));
  return [...sizes.map(size => -size).reverse(), 0, ...sizes].filter(value => value >= low && value <= high);
}
