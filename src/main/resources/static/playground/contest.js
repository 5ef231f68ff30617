// The same batches through several conventions: one layer of each, for as long as it takes.

import { record } from "./actions.js";
import { actions, perform, vector } from "./api.js";
import { batch, batches } from "./data.js";
import { moments } from "./channels.js";

/** Axes as every convention reads them alike: one row, one sample; one column, one channel. */
export function asColumns(dataset) {
  const rows = dataset.shape[0];
  return { ...dataset, shape: [rows, dataset.data.length / rows] };
}

export class Contest {
  /** @param dataset of two axes */
  constructor(conventions, dataset, rows, steps) {
    Object.assign(this, { conventions, dataset, rows, steps });
    const tag = Math.random().toString(36).slice(2, 8);
    this.layers = new Map(conventions.map(convention => [convention, `compare-${tag}-${convention}`]));
    this.population = moments(dataset, { outer: dataset.shape[0], channels: dataset.shape[1], inner: 1 });
    /** By convention, the running statistics before the first step and after each. */
    this.histories = new Map(conventions.map(convention => [convention, []]));
  }

  /** @param told the number of steps that are done */
  async run(signal, told) {
    const started = performance.now();
    const made = [];
    let done = 0;
    try {
      for (const [convention, name] of this.layers) {
        const { body } = await perform(actions.create(this.settings(convention)), { quietly: true, signal });
        made.push(name);
        this.histories.get(convention).push({ mean: vector(body.running_mean), variance: vector(body.running_var) });
      }
      for (; done < this.steps; done++) {
        await this.step(batch(this.dataset, this.rows, done), signal);
        told(done + 1);
      }
    } finally {
      this.left = await removed(made);
      if (done > 0) record(`Compare ${this.conventions.length} conventions over ${done} steps`, this.program(done), { status: 200, milliseconds: performance.now() - started });
    }
  }

  settings(convention) {
    return { name: this.layers.get(convention), convention, features: this.dataset.shape[1] };
  }

  /** All conventions side by side. */
  async step(input, signal) {
    const answers = await Promise.all([...this.layers.values()].map(name =>
      perform(actions.train(name, input, { save_context: false }), { quietly: true, signal })));
    this.conventions.forEach((convention, i) => {
      const { running_mean, running_var } = answers[i].body;
      this.histories.get(convention).push({ mean: running_mean.data, variance: running_var.data });
    });
  }

  program(steps) {
    const { dataset, rows } = this;
    return this.conventions.flatMap(convention => {
      const name = this.layers.get(convention);
      const path = `/layers/${name}/forward-train?save_context=false`;
      return [
        actions.create(this.settings(convention)),
        { path, dataset, rows, batches: batches(dataset, rows), first: 0, steps },
        actions.layer(name),
        actions.remove(name),
      ];
    });
  }
}

/** @returns the names of layers that could not be deleted: that needs the scope "admin" */
async function removed(names) {
  const left = [];
  for (const name of names) {
    await perform(actions.remove(name), { quietly: true }).catch(() => left.push(name));
  }
  return left;
}
