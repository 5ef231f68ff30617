// Try it: data through a layer, a press of a button at a time.

import { actions, perform } from "./api.js";
import { Bench, GRADIENTS } from "./bench.js";
import { layout } from "./channels.js";
import { showConvergence } from "./convergence.js";
import { showBeforeAndAfter, showModes } from "./distribution.js";
import { h, button, choice, field, say } from "./dom.js";
import { showGradients } from "./gradients.js";
import { whole } from "./limits.js";
import { attempt } from "./problems.js";
import { showProgress } from "./progress.js";
import { showSource } from "./source.js";
import { showTiles } from "./tiles.js";
import { count, plural } from "./words.js";

const REDRAW_MS = 100;
const LONGEST_LIST = 300;
const MOST_STEPS = 10_000;
/** The width from which the controls stand beside the results, as in try.css. */
const WIDE = "(min-width: 1200px)";

/** @returns a function that ends it */
export async function showTry(host, name, sampleName) {
  const bench = new Bench(name);
  host.append(h("div", { class: "problems" }),
    h("div", { class: "row spread" }, h("h1", {}, "Try ", name), h("a", { class: "button quiet", href: `#/layers/${name}` }, "Back to the layer")));
  if (!(await attempt(host, async () => { await bench.load(); return true; }))) return () => {};
  const controls = new Controls(bench, () => draw());
  const results = h("div", { class: "results" });
  const source = showSource(host, dataset => {
    controls.stop();
    bench.use(dataset);
    controls.fill();
    draw();
  });
  host.append(h("div", { class: "bench" }, controls.element, results));
  const pick = channel => controls.pick(channel);
  const panels = [
    showBeforeAndAfter(results, bench), showModes(results, bench), showConvergence(results, bench),
    showGradients(results, bench, pick), showTiles(results, bench),
  ];
  const draw = () => {
    controls.show();
    panels.forEach(panel => panel.draw());
  };

  draw();
  if (sampleName) await source.take(sampleName);
  else await source.resume(dataset => [null, layout(dataset.shape, bench.layer.config).channels].includes(bench.layer.features));
  return () => {
    controls.stop();
    panels.forEach(panel => panel.remove());
  };
}

class Controls {
  #running = null;
  #before = null;

  /** @param draw shows the bench anew */
  constructor(bench, draw) {
    this.bench = bench;
    this.draw = draw;
    this.progress = showProgress();
    this.rows = h("input", { type: "number", name: "rows", min: 1 });
    this.steps = h("input", { type: "number", name: "steps", min: 1, max: MOST_STEPS, value: 100 });
    this.kind = choice(Object.entries(GRADIENTS).map(([key, { label }]) => [key, label]), "noise", { name: "gradient" });
    this.channel = h("div", { class: "field" });
    this.where = h("span", { class: "hint where" });
    this.misfit = h("div", {});
    this.undo = h("p", { class: "callout row", hidden: true }, "The running statistics are at their initial values. ",
      button("Undo", () => this.act(() => this.restore()), { class: "small" }));
    this.backward = button("Backward", () => this.act(() => bench.backward(this.kind.value)), { disabled: true, "data-needs": "train" });
    this.runButton = button("Run 100 steps", () => this.act(() => this.run()), { class: "run", "data-needs": "train" });
    this.others = [
      button("Train step", () => this.act(() => bench.train()), { class: "primary", "data-needs": "train" }),
      button("Infer", () => this.act(() => bench.infer())),
      button("Reset statistics", () => this.act(() => this.reset()), { class: "quiet", "data-needs": "train" }),
    ];
    this.rows.addEventListener("change", () => this.act(() => bench.useRows(whole(this.rows, "Rows per batch", 1, bench.dataset.shape[0]))));
    this.steps.addEventListener("input", () => {
      const steps = Number(this.steps.value);
      this.runButton.textContent = Number.isInteger(steps) && steps > 0 ? `Run ${plural(steps, "step")}` : "Run";
    });
    this.element = this.#assemble();
  }

  #assemble() {
    const [train, infer, reset] = this.others;
    return h("section", { class: "card controls", "aria-label": "Steps", hidden: true },
      h("div", { class: "problems" }), this.misfit,
      h("div", { class: "row presses" }, train, this.runButton, infer, this.backward, reset),
      this.progress.element, this.undo, this.where, this.channel,
      h("details", { class: "more", open: matchMedia(WIDE).matches }, h("summary", {}, "Rows, steps, gradient"),
        h("div", { class: "fields" }, field("Rows per batch", this.rows), field("Steps of a run", this.steps), field("Gradient of the output", this.kind))));
  }

  act(action) {
    this.undo.hidden = true;
    return attempt(this.element, async () => { await action(); this.draw(); });
  }

  stop() {
    this.#running?.abort();
  }

  async run() {
    const total = whole(this.steps, "Steps of a run", 1, MOST_STEPS);
    const { bench, progress } = this;
    this.#running = new AbortController();
    let drawn = 0;
    progress.start(total, () => this.stop());
    try {
      await bench.run(total, this.#running.signal, done => {
        progress.at(done);
        if (performance.now() - drawn > REDRAW_MS) {
          drawn = performance.now();
          this.draw();
        }
      });
      say(`${total} steps done.`);
    } finally {
      progress.end();
      this.draw();
    }
  }

  /** A reset can be undone until the next action. */
  async reset() {
    const { running_mean, running_var, num_batches_tracked } = this.bench.layer;
    this.#before = running_mean && { running_mean: [...running_mean], running_var: [...running_var], num_batches_tracked };
    await this.bench.reset();
    this.undo.hidden = !this.#before;
  }

  async restore() {
    await perform(actions.patch(this.bench.name, this.#before));
    await this.bench.load();
    this.bench.forget();
    this.bench.remember();
  }

  pick(channel) {
    this.bench.channel = channel;
    this.fillChannel();
    this.draw();
  }

  show() {
    const { bench } = this;
    this.element.hidden = !bench.dataset;
    const isRunning = bench.progress !== null;
    const lacks = control => control.hasAttribute("data-lacks"); // the key does not permit it
    this.others.forEach(control => { control.disabled = isRunning || lacks(control); });
    this.backward.disabled = isRunning || !bench.trained?.context || lacks(this.backward);
    this.where.textContent = bench.dataset ? `Batch ${bench.next % bench.batches + 1} of ${bench.batches} is next.` : "";
  }

  fill() {
    const { bench } = this;
    this.rows.value = bench.rows;
    this.rows.max = bench.dataset.shape[0];
    const { features } = bench.layer;
    this.misfit.replaceChildren(...(features === null || features === bench.channels ? [] : [h("p", { class: "callout misfit" },
      `This layer has ${plural(features, "channel")}, the data ${count(bench.channels)}. `,
      h("a", { href: `#/new?features=${bench.channels}&then=try` }, `Make a layer with ${bench.channels}`), "; the data is kept.")]));
    this.fillChannel();
  }

  fillChannel() {
    const { bench } = this;
    const { names } = bench.dataset;
    const named = names?.length === bench.channels;
    bench.channelName = named && names[bench.channel] ? names[bench.channel] : `channel ${bench.channel}`;
    const control = bench.channels <= LONGEST_LIST
      ? choice(Array.from({ length: bench.channels }, (_, i) => [String(i), named ? `${i} · ${names[i]}` : String(i)]), String(bench.channel), { name: "channel" })
      : h("input", { type: "number", name: "channel", min: 0, max: bench.channels - 1, value: bench.channel });
    control.addEventListener("change", () => attempt(this.element, async () => this.pick(whole(control, "The channel", 0, bench.channels - 1))));
    this.channel.replaceChildren(...field("Channel to look at", control).children);
  }
}
