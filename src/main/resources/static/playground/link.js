// The state of the view “Inside a batch” as the query of the page's address, and back. Only what differs from the start stands there.

export const MOST_ROWS = 64;
export const MOST_CHANNELS = 6;
export const START = { gamma: 1, beta: 0, epsilon: 1e-5, momentum: 0.1, mode: "train" };

// Channels of different location and spread: what normalization is for.
const ROWS = [[1, 10, -1.2, 4, 101, 0.2], [2, 30, -0.4, -3, 99, 0.1], [3, 20, -0.9, 0, 100, 0.4], [6, 60, -1.5, 1, 100.5, 0.3]];
const GRADIENTS = [[1, -0.5, 0.5, 0, 1, -1], [0, 0.5, -1, 1, 0, 0.5], [-0.5, 0, 0, 0.5, 0.5, 0], [0.5, 1, 0.5, -1, -1, 0.5]];
const CENTRES = [[3, 2, 1], [30, 20, 0], [-1, 0.5, 1], [0, 3, 1], [100, 1, 1], [0.25, 0.1, 2]];

/** So many rows and channels of the example; beyond the fourth row they are drawn, always the same. */
export function example(rows, channels) {
  return table(rows, channels, (r, c) => {
    if (r < ROWS.length) return ROWS[r][c];
    const [centre, spread, digits] = CENTRES[c];
    return Number((centre + spread * drawn(r, c)).toFixed(digits));
  });
}

export function gradients(rows, channels) {
  return table(rows, channels, (r, c) => (r < GRADIENTS.length ? GRADIENTS[r][c] : Math.round(2 * drawn(r, c + 7)) / 2));
}

/** Roughly normal: three uniform numbers, added. The mixing is the finalizer of MurmurHash3. */
function drawn(r, c) {
  let total = 0;
  for (let i = 1; i <= 3; i++) {
    let bits = Math.imul(r * 64 + c * 4 + i, 0x9e3779b1);
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    total += ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32 - 0.5;
  }
  return 2 * total;
}

function table(rows, channels, number) {
  return Array.from({ length: rows }, (_, r) => Array.from({ length: channels }, (_, c) => number(r, c)));
}

export function start(rows = 4, channels = 2) {
  return {
    ...START, data: "example", input: example(rows, channels), gradOutput: gradients(rows, channels),
    bump: null, runningMean: Array(channels).fill(0), runningVar: Array(channels).fill(1), steps: 0, share: 1,
  };
}

/** @param query of the address; what is not readable there is as at the start */
export function fromQuery(query) {
  const input = rowsOf(query.get("x"), MOST_CHANNELS) ?? example(size(query, "n", 4, MOST_ROWS), size(query, "c", 2, MOST_CHANNELS));
  const state = start(input.length, input[0].length);
  state.input = input;
  const gradOutput = rowsOf(query.get("dy"), MOST_CHANNELS);
  if (gradOutput && sameShape(gradOutput, input)) state.gradOutput = gradOutput;
  for (const [name, lowest, highest] of [["gamma", -3, 3], ["beta", -3, 3], ["epsilon", 1e-8, 1], ["momentum", 0, 1]]) {
    const value = Number(query.get(name) ?? NaN);
    if (value >= lowest && value <= highest) state[name] = value;
  }
  if (query.get("mode") === "infer") state.mode = "infer";
  if (/^[a-z-]+$/.test(query.get("data") ?? "")) state.data = query.get("data");
  const bump = Number(query.get("bump") ?? NaN);
  if (Number.isInteger(bump) && bump >= 0 && bump < input.length) state.bump = bump;
  readRunning(state, query);
  return state;
}

function readRunning(state, query) {
  const mean = rowsOf(query.get("rm"), MOST_CHANNELS)?.[0];
  const variance = rowsOf(query.get("rv"), MOST_CHANNELS)?.[0];
  const channels = state.input[0].length;
  if (mean?.length === channels && variance?.length === channels && variance.every(value => value >= 0)) {
    state.runningMean = mean;
    state.runningVar = variance;
    state.steps = size(query, "steps", 0, 1e6);
    const share = Number(query.get("share") ?? NaN);
    state.share = share >= 0 && share <= 1 ? share : 1;
  }
}

export function toQuery(state) {
  const query = [];
  const rows = state.input.length;
  const channels = state.input[0].length;
  const standard = start(rows, channels);
  if (text(state.input) !== text(standard.input)) query.push(`x=${text(state.input)}`);
  else if (rows !== 4 || channels !== 2) query.push(`n=${rows}`, `c=${channels}`);
  if (text(state.gradOutput) !== text(standard.gradOutput)) query.push(`dy=${text(state.gradOutput)}`);
  for (const name of ["gamma", "beta", "epsilon", "momentum", "mode", "data"]) {
    if (state[name] !== standard[name]) query.push(`${name}=${state[name]}`);
  }
  if (state.bump !== null) query.push(`bump=${state.bump}`);
  if (state.steps > 0) query.push(`steps=${state.steps}`, `share=${state.share}`, `rm=${text([state.runningMean])}`, `rv=${text([state.runningVar])}`);
  return query.join("&");
}

function text(rows) {
  return rows.map(line => line.join(",")).join(";");
}

function rowsOf(written, mostChannels) {
  if (!written) return null;
  const rows = written.split(";").slice(0, MOST_ROWS).map(line => line.split(",").map(cell => (cell.trim() === "" ? NaN : Number(cell))));
  const width = rows[0].length;
  const valid = width <= mostChannels && rows.every(line => line.length === width && line.every(Number.isFinite));
  return valid ? rows : null;
}

function sameShape(left, right) {
  return left.length === right.length && left[0].length === right[0].length;
}

function size(query, name, otherwise, most) {
  const value = Number(query.get(name) ?? NaN);
  return Number.isInteger(value) && value >= 1 && value <= most ? value : otherwise;
}
