// An experiment with one layer: its data, where in the data it is, and what the service answered. Knows nothing of the page.

import { actions, perform, vector } from "./api.js";
import { batch, batches } from "./data.js";
import { layout, moments, valuesOf } from "./channels.js";
import { record } from "./actions.js";

/** Numbers of the running statistics that are kept over a run. */
const LARGEST_HISTORY = 4_000_000;

export class Bench {
  constructor(name) {
    this.name = name;
    this.rows = 32;
    this.channel = 0;
    this.forget();
  }

  /** Forgets what was answered, not the data. */
  forget() {
    this.next = 0;
    this.input = null;
    this.trained = null;
    this.inferred = null;
    this.gradients = null;
    this.history = [];
  }

  async load() {
    const { body } = await perform(actions.layer(this.name));
    this.layer = body;
    this.remember(vector(body.running_mean), vector(body.running_var));
  }

  use(dataset) {
    this.dataset = dataset;
    this.channel = dataset.channel ?? 0;
    this.rows = Math.min(32, dataset.shape[0]);
    const box = layout(dataset.shape, this.layer.config);
    this.population = moments(dataset, box);
    this.forget();
    this.remember(vector(this.layer.running_mean), vector(this.layer.running_var));
  }

  get channels() {
    return this.dataset ? layout(this.dataset.shape, this.layer.config).channels : 0;
  }

  get batches() {
    return batches(this.dataset, this.rows);
  }

  /** All values of the chosen channel in an array of the batch's shape. */
  chosen(array) {
    return valuesOf(array, layout(array.shape, this.layer.config), this.channel);
  }

  boxOf(array) {
    return layout(array.shape, this.layer.config);
  }

  /** One training step on the next batch, then inference on the same one: the two modes side by side. */
  async train() {
    this.input = batch(this.dataset, this.rows, this.next);
    const { body } = await perform(actions.train(this.name, this.input, { save_context: true }));
    this.next++;
    this.took(body);
    this.gradients = null;
    this.inferred = (await perform(actions.infer(this.name, this.input))).body.output;
    this.last = "training";
  }

  async infer() {
    this.input = this.last === "training" && this.input ? this.input : batch(this.dataset, this.rows, this.next);
    this.inferred = (await perform(actions.infer(this.name, this.input))).body.output;
    this.last = "inference";
  }

  /** Many steps, batch after batch, told one by one; the last one can be followed by a backward. */
  async run(steps, signal, told) {
    const started = performance.now();
    const first = this.next % this.batches;
    let done = 0;
    try {
      for (; done < steps; done++) {
        this.input = batch(this.dataset, this.rows, this.next);
        const action = actions.train(this.name, this.input, { save_context: done === steps - 1 });
        this.took((await perform(action, { signal, quietly: true })).body);
        this.next++;
        told(done + 1);
      }
    } finally {
      if (done > 0) this.ran(done, first, performance.now() - started);
    }
    this.inferred = (await perform(actions.infer(this.name, this.input), { quietly: true })).body.output;
    this.last = "training";
  }

  ran(steps, first, milliseconds) {
    const { dataset, rows, batches: all, name } = this;
    const loop = { path: `/layers/${name}/forward-train?save_context=false`, dataset, rows, batches: all, steps, first };
    record(`${steps} training steps on ${name}`, [loop, actions.layer(name)], { status: 200, milliseconds });
    this.gradients = null;
  }

  took(answer) {
    this.trained = answer;
    this.layer.features ??= this.channels;
    const mean = answer.running_mean?.data ?? null;
    const variance = answer.running_var?.data ?? null;
    if (this.history.length === 0 && mean) this.remember(new Float64Array(mean.length), new Float64Array(mean.length).fill(this.layer.config.initial_running_var));
    this.remember(mean, variance);
  }

  remember(mean, variance) {
    if (mean && (this.history.length + 1) * mean.length * 2 <= LARGEST_HISTORY) this.history.push({ mean, variance });
  }

  /** The gradients of the last training step, for a gradient of the loss with respect to its output. */
  async backward(kind) {
    const gradient = { ...this.input, data: GRADIENTS[kind].of(this.trained.output.data) };
    const { body } = await perform(actions.backward(this.name, this.trained.context_id, gradient));
    this.gradients = { kind, output: gradient, input: body.grad_input, gamma: body.grad_gamma?.data ?? null, beta: body.grad_beta?.data ?? null };
  }

  async reset() {
    this.layer = (await perform(actions.reset(this.name))).body;
    this.forget();
    this.remember(vector(this.layer.running_mean), vector(this.layer.running_var));
  }
}

/** What a loss could ask of the output. */
export const GRADIENTS = {
  noise: {
    label: "random noise",
    lesson: "A channel with a large scale gets a small gradient: the input's gradient is divided by its standard deviation.",
    of: output => output.map(normals()),
  },
  output: {
    label: "the output (loss ½ Σ y²)",
    lesson: "The output's square cannot be made smaller by moving its input: normalization undoes that, so the input's gradient is nearly 0.",
    of: output => output.slice(),
  },
  ones: {
    label: "ones (loss Σ y)",
    lesson: "The sum of a normalized channel is always 0, whatever the input: its gradient is 0, and only beta could change it.",
    of: output => output.map(() => 1),
  },
};

/** Normally distributed numbers, always the same (Box and Muller). */
function normals() {
  let state = 7;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 1) / (2 ** 32 + 1);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
