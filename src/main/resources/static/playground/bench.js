// An experiment with one layer: its data, where in the data it is, and the responses of the service. Knows nothing of the page.

import { actions, perform, vector } from "./api.js";
import { batch, batches } from "./data.js";
import { layout, moments, valuesOf } from "./channels.js";
import { record } from "./actions.js";

/** Numbers of the running statistics that are kept for their curves. */
const LARGEST_HISTORY = 4_000_000;

export class Bench {
  constructor(name) {
    this.name = name;
    this.rows = 32;
    this.channel = 0;
    this.progress = null;
    this.forget();
  }

  /** Forgets the responses, not the data. */
  forget() {
    this.next = 0;
    this.history = [];
    this.begin();
  }

  /** Takes up the next batch, of which nothing is computed yet. */
  begin() {
    this.input = this.dataset ? batch(this.dataset, this.rows, this.next) : null;
    this.trained = null;
    this.inferred = null;
    this.gradients = null;
    this.last = null;
  }

  async load() {
    this.layer = (await perform(actions.layer(this.name))).body;
    this.remember();
  }

  use(dataset) {
    this.dataset = dataset;
    this.channel = dataset.channel ?? 0;
    this.rows = Math.min(32, dataset.shape[0]);
    this.population = moments(dataset, layout(dataset.shape, this.layer.config));
    this.forget();
    this.remember();
  }

  useRows(rows) {
    this.rows = rows;
    this.begin();
  }

  get channels() {
    return this.dataset ? layout(this.dataset.shape, this.layer.config).channels : 0;
  }

  get batches() {
    return batches(this.dataset, this.rows);
  }

  /** All values of the chosen channel. */
  chosen(array) {
    return valuesOf(array, layout(array.shape, this.layer.config), this.channel);
  }

  boxOf = array => layout(array.shape, this.layer.config);

  /** One training step on the next batch, then inference on the same one: the two modes side by side. */
  async train() {
    const input = batch(this.dataset, this.rows, this.next);
    const { body } = await perform(actions.train(this.name, input, { save_context: true }));
    this.took(input, body);
    await this.infer();
    this.last = "training";
  }

  /** Inference on the batch that is shown. */
  async infer(how) {
    const { body } = await perform(actions.infer(this.name, this.input), how);
    this.inferred = { input: this.input, output: body.output };
    this.last = "inference";
  }

  /** Many steps, batch after batch, told one by one; the last one can be followed by a backward. */
  async run(steps, signal, told) {
    const started = performance.now();
    const first = this.next % this.batches;
    let done = 0;
    this.inferred = null; // of the running statistics before the run
    this.progress = { done, steps };
    try {
      for (; done < steps; done++) {
        const input = batch(this.dataset, this.rows, this.next);
        const action = actions.train(this.name, input, { save_context: done === steps - 1 });
        this.took(input, (await perform(action, { signal, quietly: true })).body);
        this.progress.done = done + 1;
        told(done + 1);
      }
    } catch (error) {
      await this.catchUp().catch(() => {}); // the error of the run is the one to show
      throw error;
    } finally {
      this.progress = null;
      if (done > 0) this.ran(done, first, performance.now() - started);
    }
    await this.infer({ quietly: true });
    this.last = "training";
  }

  /** After a run that ended early: a step may have been counted whose response was not read. */
  async catchUp() {
    if (!this.trained) return;
    this.layer = (await perform(actions.layer(this.name), { quietly: true })).body;
    this.remember();
    await this.infer({ quietly: true });
    this.last = "training";
  }

  ran(steps, first, milliseconds) {
    const { dataset, rows, batches: all, name } = this;
    const loop = { path: `/layers/${name}/forward-train?save_context=false`, dataset, rows, batches: all, steps, first };
    record(`${steps} training steps on ${name}`, [loop, actions.layer(name)], { status: 200, milliseconds });
  }

  took(input, answer) {
    const { layer } = this;
    if (layer.features === null) this.decide(answer.running_mean?.data.length ?? this.channels);
    layer.running_mean = answer.running_mean?.data ?? null;
    layer.running_var = answer.running_var?.data ?? null;
    layer.num_batches_tracked = answer.num_batches_tracked;
    layer.config.alpha = answer.alpha;
    this.next++;
    this.input = input;
    this.trained = { input, output: answer.output, context: answer.context_id };
    this.gradients = null;
    this.remember();
  }

  /** The first batch of a layer decides its features; the running statistics begin then. */
  decide(features) {
    const { layer } = this;
    layer.features = features;
    if (!layer.config.track_running_stats) return;
    layer.running_mean = new Float64Array(features);
    layer.running_var = new Float64Array(features).fill(layer.config.initial_running_var);
    this.remember();
  }

  /** Adds a point to the curves; where they are long, every second point is enough. */
  remember() {
    const { running_mean: mean, running_var: variance, num_batches_tracked: batches } = this.layer;
    if (!mean || this.history.at(-1)?.batches === batches) return;
    if ((this.history.length + 1) * mean.length * 2 > LARGEST_HISTORY) this.history = this.history.filter((_, i) => i % 2 === 0);
    this.history.push({ mean: vector(mean), variance: vector(variance), batches });
  }

  /** What the initial values still weigh in the running statistics: (1 − α)ᵗ, as `health` has it. */
  get initialShare() {
    const { config, num_batches_tracked: counted } = this.layer;
    if (counted === 0) return 1;
    return config.momentum === null ? 0 : (1 - config.alpha) ** counted;
  }

  /** The gradients of the last training step, for a gradient of the loss with respect to its output. */
  async backward(kind) {
    const { input, output, context } = this.trained;
    const gradient = { ...input, data: GRADIENTS[kind].of(output.data) };
    const { body } = await perform(actions.backward(this.name, context, gradient));
    this.gradients = { kind, output: gradient, input: body.grad_input, gamma: body.grad_gamma?.data ?? null, beta: body.grad_beta?.data ?? null };
  }

  async reset() {
    this.layer = (await perform(actions.reset(this.name))).body;
    this.forget();
    this.remember();
  }
}

/** Gradients of a loss with respect to the output. */
export const GRADIENTS = {
  noise: {
    label: "random noise",
    lesson: "The input's gradient is divided by the channel's standard deviation: a channel of large numbers gets a small gradient.",
    of: output => output.map(normals()),
  },
  output: {
    label: "the output (loss ½ Σ y²)",
    lesson: "Moving or scaling the input does not change Σ y²: normalization undoes both. The input's gradient is nearly 0; only ε keeps it from being exactly 0.",
    of: output => output.slice(),
  },
  ones: {
    label: "ones (loss Σ y)",
    lesson: "The sum of a channel's outputs is m·β, whatever the input. The gradients of the input and of γ are 0; β has m, the number of values.",
    of: output => output.map(() => 1),
  },
};

/** Normally distributed numbers, always the same (Box and Muller). */
function normals() {
  let state = 7;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 1) / (2 ** 32 + 1);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
