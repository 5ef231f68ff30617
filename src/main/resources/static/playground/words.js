// Numbers, times and knobs as people say them.

/** Six digits, without trailing zeros. */
export function number(value) {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return value.toExponential(4).replace(/\.?0+e/, "e").replaceAll("-", "−");
  return String(Number(value.toPrecision(6))).replaceAll("-", "−");
}

/** Four digits, for cells and sentences where the exact number stands elsewhere. */
export function short(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return number(value);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(1).replace(".0e", "e").replace("e+", "e").replaceAll("-", "−");
  return String(Number(size < 1e4 ? value.toPrecision(4) : value.toFixed(0))).replaceAll("-", "−");
}

/** Three digits, for cells. */
export function brief(value) {
  return Math.abs(value) < 1000 ? short(Number(value.toPrecision(3))) : short(Number(value.toFixed(0)));
}

export function count(value) {
  return value.toLocaleString("en");
}

export function plural(value, noun, nouns = `${noun}s`) {
  return `${count(value)} ${value === 1 ? noun : nouns}`;
}

export function percent(share) {
  return `${number(Number((share * 100).toPrecision(4)))} %`;
}

export function shapeOf(array) {
  return array.shape.join(" × ");
}

/** How long ago, from a time in RFC 3339. */
export function ago(time) {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return plural(Math.floor(seconds / 86400), "day") + " ago";
}

/** What the weight of a batch means for the running statistics. */
export function alphaInWords(config) {
  if (!config.track_running_stats) return "No running statistics: inference normalizes with the batch's own.";
  if (config.momentum === null) return `Every batch counts the same; the next one counts ${percent(config.alpha)}.`;
  if (!(config.alpha >= 0 && config.alpha <= 1)) return "The momentum must be a number from 0 to 1, or empty.";
  if (config.alpha === 0) return "Batches count nothing: the running statistics stay as they are.";
  if (config.alpha === 1 && !config.zero_debias) return "Only the last batch counts.";
  if (config.zero_debias) return `The next batch counts ${percent(config.alpha)}; later ones less, down to ${percent(weightOf(config))}.`;
  const half = Math.ceil(Math.log(0.5) / Math.log(1 - config.alpha));
  return `Each batch counts ${percent(config.alpha)}; after ${plural(half, "batch", "batches")} half of the statistics is new.`;
}

/** The weight of a new batch in a plain exponential average. */
export function weightOf({ momentum, momentum_meaning }) {
  return Number((momentum_meaning === "new_weight" ? momentum : 1 - momentum).toPrecision(12));
}

/** What each knob does, as the form and the layer's page explain it. */
export const KNOBS = {
  epsilon: "Added to a variance before its root, so that a constant channel does not divide by zero.",
  epsilon_floor: "A smaller epsilon is raised to this; 0, never.",
  momentum: "Between 0 and 1; empty averages all batches alike. Frameworks disagree about which weight it is.",
  momentum_meaning: "new_weight: the new batch's (PyTorch). old_weight: what the running value keeps (nearly everyone else).",
  zero_debias: "Divides an average that started at 0 by the weight of its batches: the first batch counts fully, later ones less and less.",
  running_variance: "Which variance is averaged: biased M2/m, or unbiased M2/(m−1).",
  scope: "spatial: one mean per channel, over all positions. per_activation: one per position.",
  channel_axis: "Which axis holds the channels; −1 is the last.",
  scale: "Whether there is a gamma.",
  shift: "Whether there is a beta.",
  track_running_stats: "Without, inference normalizes with the batch's own statistics.",
  single_value: "What one value per channel does in training: reject it, or count it as variance 0.",
  non_finite: "What NaN or infinity does in training: reject the batch, or let it into the statistics.",
  freeze_statistics: "The running statistics stay as they are, whatever is trained.",
  freeze_parameters: "gamma and beta stay as they are: backward has no gradients for them.",
  statistics_blend: "How much of the batch's own statistics inference takes: 0 none, 1 only those.",
  virtual_batch_size: "Ghost batches: so many rows at a time are normalized on their own; empty, the whole batch.",
  r_max: "Batch Renorm: how far its r may be from 1; empty, without.",
  d_max: "Batch Renorm: how far its d may be from 0; empty, without.",
};
