// Batch normalization as a beginner may write it: PyTorch's convention, rows of channels, no library.

export const RANKS = [2];
const EPSILON = 1e-5;
const MOMENTUM = 0.1;
const columns = x => x[0].map((_, c) => x.map(row => row[c]));
const sum = values => values.reduce((a, b) => a + b, 0);

function statistics(x) {
  const mean = columns(x).map(column => sum(column) / x.length);
  return { mean, variance: columns(x).map((column, c) => sum(column.map(v => (v - mean[c]) ** 2)) / x.length) };
}

/** The output and the running statistics after the batch. */
export function train(x, gamma, beta, runningMean, runningVar) {
  const { mean, variance } = statistics(x);
  const bessel = x.length / (x.length - 1);
  return [
    infer(x, gamma, beta, mean, variance),
    runningMean.map((r, c) => r + MOMENTUM * (mean[c] - r)),
    runningVar.map((r, c) => r + MOMENTUM * (variance[c] * bessel - r)),
  ];
}

export function infer(x, gamma, beta, mean, variance) {
  return x.map(row => row.map((v, c) => gamma[c] * (v - mean[c]) / Math.sqrt(variance[c] + EPSILON) + beta[c]));
}

/** The gradients by the input, gamma and beta of a training batch. */
export function backward(x, dy, gamma) {
  const { mean, variance } = statistics(x);
  const xhat = infer(x, gamma.map(() => 1), gamma.map(() => 0), mean, variance);
  const dbeta = columns(dy).map(sum);
  const dgamma = columns(dy).map((column, c) => sum(column.map((d, row) => d * xhat[row][c])));
  const m = x.length;
  const dx = dy.map((row, r) => row.map((d, c) =>
    gamma[c] / Math.sqrt(variance[c] + EPSILON) * (d - dbeta[c] / m - xhat[r][c] * dgamma[c] / m)));
  return [dx, dgamma, dbeta];
}
