// The arithmetic of five teaching texts, faults included: examples for “Check my implementation”.

const X = [[1, 2], [3, 4], [5, 6]];
const LATER = [[2, 9], [4, 1], [9, 3]];
const DY = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.7]];
const COLUMNS = [0, 1];

const mean = rows => COLUMNS.map(c => rows.reduce((total, cells) => total + cells[c], 0) / rows.length);
const map = (rows, cell) => rows.map((cells, i) => cells.map((value, c) => cell(value, c, i)));

/** The NumPy class of the book. */
class BookClass {
  runningMean = [0, 0];
  runningVar = [0, 0];

  /** @param complete whether the running variance has the batch's term */
  forward(x, complete = false) {
    const mu = mean(x);
    const centered = map(x, (value, c) => value - mu[c]);
    const variance = mean(map(centered, value => value ** 2));
    this.std = variance.map(value => Math.sqrt(value + 10e-7));
    this.xhat = map(centered, (value, c) => value / this.std[c]);
    this.runningMean = mu.map((value, c) => 0.9 * this.runningMean[c] + 0.1 * value);
    this.runningVar = variance.map((value, c) => 0.9 * this.runningVar[c] + (complete ? 0.1 * value : 0));
    return this.xhat;
  }

  backward(dy) {
    const sum = mean(dy);
    const product = mean(map(dy, (value, c, i) => value * this.xhat[i][c]));
    return map(dy, (value, c, i) => (value - sum[c] - this.xhat[i][c] * product[c]) / this.std[c]);
  }
}

function book(complete) {
  const net = new BookClass();
  const output = net.forward(X, complete);
  return {
    input: X, output, epsilon: 1e-6, momentum: 0.9, mode: "train", convention: "deep-learning-from-scratch",
    running_mean_before: [0, 0], running_var_before: [0, 0], running_mean_after: net.runningMean, running_var_after: net.runningVar,
  };
}

function lastForward() {
  const net = new BookClass();
  net.forward(X);
  net.forward(LATER);
  return { input: X, other_input: LATER, grad_output: DY, grad_input: net.backward(DY), convention: "deep-learning-from-scratch" };
}

function plainPython() {
  const mu = mean(X);
  const variance = mean(map(X, (value, c) => (value - mu[c]) ** 2));
  return { input: X, output: map(X, (value, c) => (value - mu[c]) / Math.sqrt(variance[c] + 1e-5)), epsilon: 1e-5 };
}

function testBranch() {
  const { input, output } = plainPython();
  return { input, output, epsilon: 1e-5, mode: "infer", convention: "tensorflow-1", running_mean_before: [0.003, 0.004], running_var_before: [0.0026, 0.0026] };
}

/** By the name in the page's address. */
export const TEXTS = {
  book: {
    title: "NumPy class of the book", about: "running_var never grows", evidence: () => book(false),
    code: "self.running_mean = self.momentum * self.running_mean + (1-self.momentum) * mu\nself.running_var = self.momentum * self.running_var",
  },
  "book-cache": {
    title: "the same class, two forwards", about: "the cache of the last one", evidence: lastForward,
    code: "net.forward(x1)\nnet.forward(x2)\nnet.backward(dy1)   # uses self.xc and self.std of x2",
  },
  "book-2d": {
    title: "the same class, 2-D", about: "its formulas are right", evidence: () => book(true),
    code: "self.running_var = self.momentum * self.running_var + (1-self.momentum) * var",
  },
  "plain-python": {
    title: "plain Python lists", about: "one batch, right", evidence: plainPython,
    code: "y[i][j] = gamma * (x[i][j] - mean[j]) / (var[j] + 1e-5) ** 0.5 + beta",
  },
  "tensorflow-1": {
    title: "TensorFlow 1", about: "a test branch on batch statistics", evidence: testBranch,
    code: "mean, var = tf.nn.moments(z, [0])   # in the test branch too\nreturn tf.nn.batch_normalization(z, mean, var, beta, gamma, 1e-5)",
  },
};
