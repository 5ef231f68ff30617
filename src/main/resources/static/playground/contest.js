// The same batches through several conventions, one channel at a time. The service computes each step from the running statistics of the
// one before, and stores nothing.

import { record } from "./actions.js";
import { actions, perform } from "./api.js";
import { batch } from "./data.js";
import { layout, moments, valuesOf } from "./channels.js";

/** The largest batch that the service explains. */
export const MOST_ROWS = 10_000;

/** Conventions that treat a channel alike: `{names, preset}`; what only concerns the axes does not count here. */
export function alike(presets) {
  const groups = new Map();
  for (const preset of presets) {
    const { alpha, running_variance: variance, initial_running_var: start, epsilon } = preset;
    const key = [Number(alpha.toPrecision(12)), variance, start, epsilon].join("/");
    if (!groups.has(key)) groups.set(key, { names: [], preset });
    groups.get(key).names.push(preset.convention);
  }
  return [...groups.values()];
}

/** One channel of a dataset as a dataset: by the axis that most conventions agree on, the second. */
export function channelOf(dataset, channel) {
  const box = layout(dataset.shape, { scope: "spatial", channel_axis: 1 });
  const data = valuesOf(dataset, box, channel);
  return { shape: [dataset.shape[0], data.length / dataset.shape[0]], datatype: "FP64", data: Float64Array.from(data) };
}

export class Contest {
  /**
   * @param groups of `alike`
   * @param values of `channelOf`
   */
  constructor(groups, values, rows, steps) {
    Object.assign(this, { groups, values, rows, steps });
    const { mean: [mean], variance: [variance] } = moments(values, { outer: 1, channels: 1, inner: values.data.length });
    this.population = { mean, variance };
    /** By group, the running statistics before the first step and after each. */
    this.histories = groups.map(({ preset }) => [{ mean: 0, variance: preset.initial_running_var }]);
  }

  /** @param told called with the number of steps that are done */
  async run(signal, told) {
    const started = performance.now();
    let last = [];
    try {
      for (let done = 0; done < this.steps; done++) {
        last = this.groups.map((_, i) => this.request(i, done));
        await Promise.all(last.map((request, i) => this.step(i, request, signal)));
        told(done + 1);
      }
    } finally {
      const { length } = this.histories[0];
      if (length > 1) record(`Step ${length - 1} of ${this.groups.length} conventions`, last.map(actions.explain), { status: 200, milliseconds: performance.now() - started });
    }
  }

  request(group, step) {
    const { mean, variance } = this.histories[group].at(-1);
    const { data } = batch(this.values, this.rows, step);
    return {
      convention: this.groups[group].names[0],
      input: Array.from(data, value => [value]),
      running_mean: [mean], running_var: [variance],
    };
  }

  async step(group, request, signal) {
    const { body } = await perform(actions.explain(request), { quietly: true, signal });
    const value = name => Number(body.steps.find(step => step.name === name).value[0]);
    this.histories[group].push({ mean: value("running_mean"), variance: value("running_var") });
  }

  /**
   * How far outputs of inference with running statistics are from those with the statistics of the whole data: the root of the mean square
   * over the data, of (x−rm)/√(rv+ε) − (x−m)/√(v+ε).
   */
  error(group, { mean, variance }) {
    const { epsilon } = this.groups[group].preset;
    const { population } = this;
    const scale = 1 / Math.sqrt(variance + epsilon);
    const right = 1 / Math.sqrt(population.variance + epsilon);
    return Math.hypot((population.mean - mean) * scale, Math.sqrt(population.variance) * (scale - right));
  }
}
