// Compare conventions: the running statistics that PyTorch, Keras, ONNX, the book and others make of the same batches, and what that
// means for inference.

import { actions, perform } from "./api.js";
import { layout } from "./channels.js";
import { Contest, MOST_ROWS, alike, channelOf } from "./contest.js";
import { showContest } from "./comparison.js";
import { h, button, choice, field, say } from "./dom.js";
import { whole } from "./limits.js";
import { attempt } from "./problems.js";
import { showProgress } from "./progress.js";
import { showSource } from "./source.js";
import { number, percent } from "./words.js";

const FIRST = ["pytorch", "keras", "onnx", "deep-learning-from-scratch"];
const REDRAW_MS = 100;
const MOST_STEPS = 1000;
/** The lines of base.css in an order in which neighbours differ. */
const LINES = [1, 2, 3, 4, 5, 8, 7, 6, 9, 10, 11, 12, 13, 14, 15, 16].map(line => `line-${line}`);

/** @returns a function that ends it */
export async function showCompare(host) {
  host.append(h("h1", {}, "Compare conventions"),
    h("p", { class: "lead" }, "The same batches, by the rules of each convention. They differ in what a batch counts, which variance they average, where they begin, and ε. So their running statistics differ, and with them inference. Nothing is stored."));
  const problems = h("div", { class: "problems" });
  host.append(problems);
  const answer = await attempt(host, () => perform(actions.conventions(), { quietly: true }));
  if (!answer) return () => {};
  const view = new Comparison(host, alike(answer.body.conventions.filter(preset => preset.track_running_stats)));
  await view.start();
  return () => view.end();
}

class Comparison {
  #running = null;
  #shown = null;
  #again = false;

  constructor(host, groups) {
    this.groups = groups;
    this.boxes = groups.map(({ names }) => h("input", { type: "checkbox", name: "conventions", value: names[0], checked: names.some(name => FIRST.includes(name)) }));
    this.rows = h("input", { type: "number", name: "rows", min: 2, value: 32 });
    this.steps = h("input", { type: "number", name: "steps", min: 1, max: MOST_STEPS, value: 40 });
    this.channel = choice([], "", { name: "channel" });
    this.progress = showProgress();
    this.results = h("div", { class: "results" });
    this.channel.addEventListener("change", () => this.press());
    const chips = groups.map(({ names, preset }, i) => h("label", { class: "chip rule" }, this.boxes[i], h("i", { class: `swatch ${LINES[i % LINES.length]}` }),
      h("span", {}, h("strong", {}, names.join(" · ")), h("span", { class: "hint" }, rule(preset)))));
    this.form = h("section", { class: "card controls", "aria-label": "What to compare" },
      h("div", { class: "problems" }),
      h("div", { class: "row presses" }, button("Run", () => this.press(), { class: "primary" })),
      this.progress.element,
      field("Channel to look at", this.channel),
      h("details", { class: "more", open: matchMedia("(min-width: 1200px)").matches }, h("summary", {}, "Conventions, rows, steps"),
        h("div", { class: "fields" }, field("Rows per batch", this.rows), field("Steps", this.steps)),
        h("fieldset", {}, h("legend", {}, "Conventions; equal ones together"), h("div", { class: "chips" }, chips))));
    this.source = showSource(host, dataset => this.use(dataset));
    host.append(h("div", { class: "bench" }, this.form, this.results));
  }

  start() {
    return this.source.resume(() => true) ?? this.source.take("breast-cancer");
  }

  use(dataset) {
    this.dataset = dataset;
    const { channels } = layout(dataset.shape, { scope: "spatial", channel_axis: 1 });
    const named = dataset.names?.length === channels;
    this.names = Array.from({ length: channels }, (_, i) => (named && dataset.names[i] ? dataset.names[i] : `channel ${i}`));
    this.channel.replaceChildren(...this.names.map((name, i) => h("option", { value: i }, named ? `${i} · ${name}` : name)));
    this.channel.value = String(dataset.channel ?? 0);
    this.rows.value = Math.min(32, dataset.shape[0]);
    this.press();
  }

  /** Begins anew, also while a run is under way. */
  async press() {
    this.#running?.abort();
    if (this.#again) return;
    this.#again = true;
    while (this.#running) await new Promise(resolve => setTimeout(resolve, 20));
    this.#again = false;
    await attempt(this.form, () => this.run());
  }

  async run() {
    const chosen = this.groups.filter((_, i) => this.boxes[i].checked);
    if (chosen.length === 0) throw new Error("Choose at least one convention.");
    const values = channelOf(this.dataset, Number(this.channel.value));
    const perSample = values.data.length / values.shape[0];
    const most = Math.min(values.shape[0], Math.floor(MOST_ROWS / perSample));
    const rows = whole(this.rows, "Rows per batch", perSample > 1 ? 1 : 2, most);
    const contest = new Contest(chosen, values, rows, whole(this.steps, "Steps", 1, MOST_STEPS));
    const name = this.names[Number(this.channel.value)];
    this.#shown?.remove();
    this.#shown = showContest(this.results, contest, chosen.map(group => `--${LINES[this.groups.indexOf(group) % LINES.length]}`), name);
    this.#running = new AbortController();
    let drawn = 0;
    this.progress.start(contest.steps, () => this.#running?.abort());
    try {
      await contest.run(this.#running.signal, done => {
        this.progress.at(done);
        if (performance.now() - drawn > REDRAW_MS) {
          drawn = performance.now();
          this.#shown.draw();
        }
      });
      say("The comparison is done.");
    } finally {
      this.progress.end();
      this.#running = null;
      this.#shown?.draw();
    }
  }

  end() {
    this.#running?.abort();
    this.#shown?.remove();
    this.#shown = null;
  }
}

/** The rules of a convention in a few words. */
function rule({ alpha, running_variance: variance, initial_running_var: start, epsilon }) {
  return `${percent(alpha)} a batch, ${variance}, from ${start}, ε ${number(epsilon)}`;
}
