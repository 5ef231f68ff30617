// Try it: data through a layer, a press of a button at a time.

import { Bench, GRADIENTS } from "./bench.js";
import { showConvergence } from "./convergence.js";
import { showBeforeAndAfter, showModes } from "./distribution.js";
import { h, button, choice, field, say } from "./dom.js";
import { showGradients } from "./gradients.js";
import { attempt } from "./problems.js";
import { showProgress } from "./progress.js";
import { showSource } from "./source.js";
import { showTiles } from "./tiles.js";
import { count, plural } from "./words.js";

const REDRAW_MS = 100;
const LONGEST_LIST = 300;

/** @returns a function that ends it */
export async function showTry(host, name, sampleName) {
  const bench = new Bench(name);
  const controls = h("section", { class: "card controls", "aria-label": "Steps", hidden: true });
  const results = h("div", { class: "results" });
  const progress = showProgress();
  let running = null;

  host.append(h("div", { class: "problems" }),
    h("div", { class: "row spread" }, h("h1", {}, "Try ", name), h("a", { class: "button quiet", href: `#/layers/${name}` }, "Back to the layer")));
  if (!(await attempt(host, async () => { await bench.load(); return true; }))) return () => {};
  const source = showSource(host, async dataset => {
    running?.abort();
    bench.use(dataset);
    controls.hidden = false;
    fillControls();
    draw();
  });
  host.append(controls, results);

  const pick = channel => {
    bench.channel = channel;
    fillChannel();
    draw();
  };
  const panels = [
    showBeforeAndAfter(results, bench), showModes(results, bench), showConvergence(results, bench),
    showGradients(results, bench, pick), showTiles(results, bench),
  ];
  const draw = () => {
    backward.disabled = !bench.trained?.context;
    where.textContent = bench.dataset ? `batch ${bench.next % bench.batches + 1} of ${bench.batches} is next` : "";
    panels.forEach(panel => panel.draw());
  };
  const act = action => attempt(controls, async () => { await action(); draw(); });

  const rows = h("input", { type: "number", name: "rows", min: 1 });
  const steps = h("input", { type: "number", name: "steps", min: 1, max: 10000, value: 100 });
  const channel = h("div", { class: "field" });
  const kind = choice(Object.entries(GRADIENTS).map(([key, { label }]) => [key, label]), "noise", { name: "gradient" });
  const where = h("span", { class: "hint" });
  const backward = button("Backward", () => act(() => bench.backward(kind.value)), { disabled: true });
  const run = button("Run 100 steps", () => act(runSteps), { class: "run" });
  rows.addEventListener("change", () => {
    bench.useRows(Math.min(Math.max(1, Math.floor(Number(rows.value)) || 1), bench.dataset.shape[0]));
    rows.value = bench.rows;
    draw();
  });
  steps.addEventListener("input", () => (run.textContent = `Run ${plural(Number(steps.value), "step")}`));

  async function runSteps() {
    running = new AbortController();
    const total = Number(steps.value);
    let drawn = 0;
    progress.start(total, () => running.abort());
    try {
      await bench.run(total, running.signal, done => {
        progress.at(done);
        if (performance.now() - drawn > REDRAW_MS) {
          drawn = performance.now();
          draw();
        }
      });
      say(`${total} steps done.`);
    } finally {
      progress.end();
      draw();
    }
  }

  controls.append(
    h("div", { class: "problems" }),
    h("div", { class: "row" },
      button("Train step", () => act(() => bench.train()), { class: "primary" }), run,
      button("Infer", () => act(() => bench.infer())), backward,
      button("Reset statistics", () => act(() => bench.reset()), { class: "quiet" }), where),
    progress.element,
    h("div", { class: "fields" },
      channel, field("Rows per batch", rows), field("Steps of a run", steps), field("Gradient of the output", kind)));

  function fillControls() {
    rows.value = bench.rows;
    rows.max = bench.dataset.shape[0];
    controls.querySelector(".misfit")?.remove();
    const { features } = bench.layer;
    if (features !== null && features !== bench.channels) {
      controls.prepend(h("p", { class: "callout misfit" },
        `This layer has ${plural(features, "channel")}, the data ${count(bench.channels)}. `,
        h("a", { href: `#/new?features=${bench.channels}` }, `Make a layer with ${bench.channels}`), "."));
    }
    fillChannel();
  }

  function fillChannel() {
    const { names } = bench.dataset;
    const named = names?.length === bench.channels;
    bench.channelName = named ? names[bench.channel] : `channel ${bench.channel}`;
    const control = bench.channels <= LONGEST_LIST
      ? choice(Array.from({ length: bench.channels }, (_, i) => [String(i), named ? `${i} · ${names[i]}` : String(i)]), String(bench.channel), { name: "channel" })
      : h("input", { type: "number", name: "channel", min: 0, max: bench.channels - 1, value: bench.channel });
    control.addEventListener("change", () => pick(Math.min(Math.max(0, Math.floor(Number(control.value)) || 0), bench.channels - 1)));
    channel.replaceChildren(...field("Channel to look at", control).children);
  }

  draw();
  if (sampleName) await source.take(sampleName);
  return () => {
    running?.abort();
    panels.forEach(panel => panel.remove());
  };
}
