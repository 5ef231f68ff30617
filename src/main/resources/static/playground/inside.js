// The landing view: a small batch, and every number of its forward and backward pass. The service computes, and stores nothing.

import { copyProgram } from "./actions.js";
import { actions, perform } from "./api.js";
import { panelOf, showNumber, arrows } from "./cells.js";
import { SAMPLES, sample } from "./data.js";
import { button, choice, h, say } from "./dom.js";
import { MOST_CHANNELS, MOST_ROWS, START, example, fromQuery, gradients, toQuery } from "./link.js";
import { attempt, clearProblem, showProblem } from "./problems.js";
import { PROGRAMS } from "./programs.js";
import { showRunning } from "./running.js";
import { isPerChannel, indirectSources, keyOf, panels, roundingError, sources, workedOut } from "./steps.js";
import { stripsOf } from "./strips.js";
import { showWelcome } from "./welcome.js";
import { number, plural, short } from "./words.js";

const BUMP = 10;
const SETTLED_MS = 300;
const AGREES = 1e-6;
const HINT = "Point at a number, or move to it with Tab and the arrow keys, to see what it was computed from.";

/** @param begin see welcome.js */
export function showInside(host, query, begin) {
  const view = new Inside(host, fromQuery(query), begin);
  view.build();
  view.refresh();
  return () => view.end();
}

class Inside {
  #ended = false;
  #busy = false;
  #again = false;
  #settled = null;
  #marked = [];
  #pool = null;
  #results = null;
  #language = null;

  constructor(host, state, begin) {
    this.state = state;
    this.host = host;
    this.flow = h("div", { class: "flow" });
    this.moved = h("p", { class: "callout", "data-moved": true, hidden: true });
    this.gap = h("output", { class: "gap", "data-gap": true });
    this.readout = h("p", { class: "readout", "data-readout": true }, HINT);
    this.checks = h("ul", { class: "checks", "data-checks": true });
    this.code = h("pre", { class: "code", tabindex: "0", hidden: true, "aria-label": "Program of this batch" });
    this.running = showRunning({ step: count => this.step(count), reset: () => this.startOver() });
    this.controls = this.makeControls();
    host.classList.add("inside");
    host.append(
      h("header", { class: "intro" },
        h("p", { class: "eyebrow" }, "Inside a batch"),
        h("h1", {}, "See what batch normalization does to your numbers"),
        h("p", { class: "lead" }, "Change a number, drag a dot, move a slider; point at a result to see where it comes from. Nothing is stored.")),
      h("div", { class: "problems" }),
      this.controls.element, this.flow, this.running.element, this.makeTools(), h("section", { class: "card start" }));
    showWelcome(host.lastChild, begin);
    this.flow.addEventListener("mouseover", event => this.trace(event.target.closest(".cell")));
    this.flow.addEventListener("mouseleave", () => this.trace(document.activeElement.closest?.(".cell")));
    this.flow.addEventListener("focusin", event => this.trace(event.target.closest(".cell"), true));
    this.flow.addEventListener("focusout", () => this.trace(null));
    this.flow.addEventListener("keydown", arrows);
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#settled);
  }

  // --- controls ---------------------------------------------------------------------------------------------------------

  makeControls() {
    const { state } = this;
    const knobs = new Map();
    const slider = (name, label, about, { min, max, step, to = Number, from = Number, value = () => state[name], change }) => {
      const shown = h("output", {});
      const input = h("input", { type: "range", name, min, max, step, "aria-label": about ? `${label}, ${about}` : label });
      const show = () => {
        input.value = from(value());
        shown.textContent = short(value());
        input.setAttribute("aria-valuetext", short(value()));
      };
      input.addEventListener("input", () => change(to(Number(input.value))));
      const element = h("label", { class: "knob", "data-step": name }, h("span", { class: "row spread" }, h("span", {}, h("strong", {}, label), ` ${about}`), shown), input);
      knobs.set(name, { element, show });
      return element;
    };
    const knob = (name, label, about, range) => slider(name, label, about, { ...range, change: value => this.set({ [name]: value }) });
    const modes = [["train", "Training"], ["infer", "Inference"]].map(([mode, label]) => {
      const input = h("input", { type: "radio", name: "mode", value: mode, on: { change: () => this.set({ mode }, true) } });
      return { mode, input, element: h("label", { class: "mode" }, input, h("span", {}, label)) };
    });
    const data = choice([["example", "Example numbers"], ...Object.entries(SAMPLES).map(([name, { title }]) => [name, `Rows of ${title.toLowerCase()}`])],
      state.data, { name: "source", "aria-label": "Where the batch comes from" });
    data.addEventListener("change", () => this.choose(data.value));
    const sizes = rows => this.resize(rows, state.input[0].length);
    const widths = channels => this.resize(state.input.length, channels);
    const element = h("section", { class: "card controls", "aria-label": "Controls" },
      h("div", { class: "switch" },
        h("div", { class: "modes", role: "radiogroup", "aria-label": "Mode" }, modes.map(mode => mode.element)),
        h("p", { class: "difference" }, h("span", { class: "hint" }, "The modes differ by up to"), this.gap),
        h("div", { class: "row data" }, h("span", { class: "select" }, data),
          button("+10 on one sample", () => this.bump(this.state.bump === null ? 0 : this.state.bump), { "data-bump": true, "aria-pressed": "false" }),
          button("Reset", () => this.reset(), { class: "quiet" }))),
      h("div", { class: "knobs" },
        knob("gamma", "γ", "scale", { min: -3, max: 3, step: 0.1 }),
        knob("beta", "β", "shift", { min: -3, max: 3, step: 0.1 }),
        knob("epsilon", "ε", "under the root", { min: -8, max: 0, step: 0.5, to: power => Number((10 ** power).toPrecision(2)), from: value => Math.log10(value || 1e-8) }),
        knob("momentum", "momentum", "", { min: 0, max: 1, step: 0.01 }),
        slider("rows", "Batch size m", "", { min: 1, max: MOST_ROWS, step: 1, value: () => state.input.length, change: sizes }),
        slider("channels", "Channels", "", { min: 1, max: MOST_CHANNELS, step: 1, value: () => state.input[0].length, change: widths })));
    return {
      element,
      knobs,
      show: () => {
        knobs.forEach(({ show }) => show());
        modes.forEach(({ mode, input }) => { input.checked = mode === state.mode; });
        data.value = state.data;
        element.querySelector("[data-bump]").setAttribute("aria-pressed", String(state.bump !== null));
      },
    };
  }

  makeTools() {
    return h("section", { class: "grid tools" },
      h("div", { class: "card", "aria-label": "Gradient check" },
        h("h2", {}, "Is the backward pass right?"),
        h("p", { class: "hint" }, "Moves every number a little in both directions, and compares the change of Σ dy·y with the gradient."),
        h("div", { class: "row" }, button("Check my backward", () => attempt(this.host, () => this.check()), { class: "primary small" })),
        this.checks),
      h("div", { class: "card", "aria-label": "Copy" },
        h("h2", {}, "Take it with you"),
        h("p", { class: "hint" }, "The same batch as a program, or as a link: the address of this page holds everything you see."),
        h("div", { class: "row" },
          Object.keys(PROGRAMS).map(language => button(`Copy as ${language}`, () => this.copy(language), { class: "small", "data-copy": language })),
          button("Copy the link", () => this.copyLink(), { class: "quiet small" })),
        this.code));
  }

  // --- state ------------------------------------------------------------------------------------------------------------

  set(change, rebuild = false) {
    Object.assign(this.state, change);
    this.checks.replaceChildren();
    if (rebuild) this.build();
    this.refresh();
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => this.settle(), SETTLED_MS);
  }

  /** Not at each movement of a slider: browsers allow few changes of the address in a second. */
  settle() {
    if (this.#ended) return;
    this.writeLink();
    if (this.#results) say(this.moved.hidden ? `Training and inference differ by up to ${short(this.#results.gap)}.` : this.moved.textContent);
  }

  writeLink() {
    const query = toQuery(this.state);
    history.replaceState(history.state, "", query ? `#/?${query}` : "#/");
  }

  edit({ step, row, channel }, control) {
    const value = control.value.trim() === "" ? NaN : Number(control.value);
    if (!Number.isFinite(value)) {
      control.setAttribute("aria-invalid", "true");
      return;
    }
    control.removeAttribute("aria-invalid");
    const field = step === "input" ? "input" : "gradOutput";
    const shift = step === "input" && row === this.state.bump ? BUMP : 0;
    this.set({ [field]: replaced(this.state[field], row, channel, value - shift) });
  }

  bump(row) {
    this.set({ bump: this.state.bump === row ? null : row });
  }

  reset() {
    Object.assign(this.state, fromQuery(new URLSearchParams()));
    this.#pool = null;
    this.set({}, true);
  }

  startOver() {
    const channels = this.state.input[0].length;
    this.set({ runningMean: Array(channels).fill(0), runningVar: Array(channels).fill(1), steps: 0, share: 1 });
  }

  async choose(data) {
    const { length: rows, 0: { length: channels } } = this.state.input;
    this.state.data = data;
    this.#pool = null;
    await attempt(this.host, async () => {
      const pool = await this.pool();
      Object.assign(this.state, { input: pool(rows, channels), bump: null });
      this.startOver();
    });
  }

  async resize(rows, channels) {
    const { input, gradOutput } = this.state;
    await attempt(this.host, async () => {
      const fresh = (await this.pool())(rows, channels);
      const change = {
        input: merged(fresh, input),
        gradOutput: merged(gradients(rows, channels), gradOutput),
        bump: this.state.bump < rows ? this.state.bump : null,
      };
      if (channels !== input[0].length) Object.assign(change, { runningMean: Array(channels).fill(0), runningVar: Array(channels).fill(1), steps: 0, share: 1 });
      this.set(change, true);
    });
  }

  /** Gives so many rows and channels of the data that was chosen. */
  async pool() {
    if (this.state.data === "example" || !(this.state.data in SAMPLES)) return example;
    if (!this.#pool) {
      const { shape, data, channel = 0 } = await sample(this.state.data);
      this.#pool = (rows, channels) => Array.from({ length: rows }, (_, r) =>
        Array.from({ length: channels }, (_, c) => Number(data[r * shape[1] + channel + c].toPrecision(6))));
    }
    return this.#pool;
  }

  // --- computing --------------------------------------------------------------------------------------------------------

  effective() {
    return this.state.input.map((line, r) => (r === this.state.bump ? line.map(value => value + BUMP) : line));
  }

  request(mode = this.state.mode, input = this.effective()) {
    const { gamma, beta, epsilon, momentum, gradOutput, runningMean, runningVar } = this.state;
    const channels = input[0].length;
    return {
      input, grad_output: gradOutput, mode, epsilon, momentum,
      ...(input.length === 1 ? { single_value: "zero_variance" } : {}),
      gamma: Array(channels).fill(gamma), beta: Array(channels).fill(beta), running_mean: runningMean, running_var: runningVar,
    };
  }

  async explain(request) {
    const { body } = await perform(actions.explain(request), { quietly: true });
    return Object.fromEntries(body.steps.map(({ name, value }) => [name, numbers(value)]));
  }

  /** One computation at a time; changes meanwhile make one more. */
  async refresh() {
    this.controls.show();
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    do {
      this.#again = false;
      try {
        await this.compute();
        if (!this.#again) clearProblem(this.host);
      } catch (error) {
        if (!this.#ended && !this.#again) showProblem(this.host, error);
      }
      await new Promise(requestAnimationFrame);
    } while (this.#again && !this.#ended);
    this.#busy = false;
  }

  async compute() {
    const { mode, bump, input } = this.state;
    const request = this.request();
    const [train, infer, before] = await Promise.all([
      this.explain(this.request("train")), this.explain(this.request("infer")),
      bump === null ? null : this.explain(this.request(mode, input)),
    ]);
    if (this.#ended || request.mode !== this.mode || request.input.length !== this.rows || request.input[0].length !== this.channels) return;
    const values = { ...(mode === "train" ? train : infer), input: request.input, grad_output: request.grad_output };
    this.#results = { values, train, before, gap: largestDifference(train.output, infer.output) };
    this.show(request);
  }

  async step(count) {
    await attempt(this.host, async () => {
      for (let i = 0; i < count && !this.#ended; i++) {
        const { running_mean: mean, running_var: variance } = await this.explain(this.request("train"));
        if (mean.length !== this.state.input[0].length) return;
        this.state.steps += 1;
        this.state.share *= 1 - this.state.momentum;
        this.running.record({ mean, variance }, this.state.steps);
        this.set({ runningMean: mean, runningVar: variance });
      }
      say(`${plural(this.state.steps, "training step")} so far.`);
    });
  }

  async check() {
    const { body } = await perform(actions.checkGradients(this.request()), { quietly: true });
    const names = { grad_input: "dx", grad_gamma: "dγ", grad_beta: "dβ" };
    this.checks.replaceChildren(...body.tensors.map(({ tensor, max_relative_error: error, checked }) => {
      const agrees = error < AGREES;
      return h("li", { class: agrees ? "agrees" : "differs", "data-tensor": tensor },
        h("strong", {}, `${agrees ? "✓" : "✗"} ${names[tensor]}`),
        ` ${plural(checked, "number")}, within ${short(error)} of central differences`);
    }));
    say(this.checks.textContent);
  }

  copy(language) {
    this.#language = language;
    return copyProgram(language, PROGRAMS[language](this.request()), this.code);
  }

  copyLink() {
    this.writeLink();
    this.#language = null;
    return copyProgram("a link", location.href, this.code);
  }

  // --- showing ----------------------------------------------------------------------------------------------------------

  build() {
    const { input, mode } = this.state;
    const channels = input[0].length;
    this.rows = input.length;
    this.channels = channels;
    this.mode = mode;
    this.#results = null;
    this.cells = new Map();
    this.notes = new Map();
    const edit = (address, control) => this.edit(address, control);
    const bump = r => button("+10", () => this.bump(r), { class: "bump", "data-row": r, "aria-label": `Add 10 to sample ${r}`, "aria-pressed": "false" });
    const made = panel => {
      const editable = panel.id === "input" || panel.id === "grad_output";
      const { element, cells, note } = panelOf(panel, input.length, channels, editable ? { edit, extra: panel.id === "input" ? bump : null } : {});
      cells.forEach((cell, key) => this.cells.set(key, cell));
      panel.rows.forEach(({ step }) => this.notes.set(step, note));
      return element;
    };
    const { forward, backward } = panels(mode);
    this.strips = stripsOf(input.length, channels, (row, channel, x) =>
      this.set({ input: replaced(this.state.input, row, channel, row === this.state.bump ? x - BUMP : x) }));
    this.flow.dataset.wide = channels > 2 ? "true" : "false";
    this.flow.replaceChildren(
      h("section", { class: "pass", "aria-label": "Forward" }, h("h2", {}, "Forward"), h("div", { class: "panels" }, forward.map(made)), this.moved, this.strips.element),
      h("section", { class: "pass", "aria-label": "Backward" },
        h("div", { class: "row spread" }, h("h2", {}, "Backward"),
          h("div", { class: "row" }, h("span", { class: "hint" }, "dy:"), ...this.presets())),
        h("div", { class: "panels" }, backward.map(made))),
      this.readout);
    for (const name of ["gamma", "beta", "epsilon"]) this.cells.set(keyOf({ step: name, row: null, channel: null }), this.controls.knobs.get(name).element);
  }

  presets() {
    const fill = number => () => {
      const { length: rows, 0: { length: channels } } = this.state.input;
      this.set({ gradOutput: Array.from({ length: rows }, (_, r) => Array.from({ length: channels }, (_, c) => number(r, c))) });
    };
    const { input } = this.state;
    const mixed = gradients(input.length, input[0].length);
    return [
      button("all 1", fill(() => 1), { class: "quiet small" }),
      button("one output only", fill(r => (r === 0 ? 1 : 0)), { class: "quiet small" }),
      button("mixed", fill((r, c) => mixed[r][c]), { class: "quiet small" }),
    ];
  }

  at({ step, row, channel }) {
    if (channel === null || step in START) return this.state[step];
    if (step === "before_mean") return this.state.runningMean[channel];
    if (step === "before_var") return this.state.runningVar[channel];
    const value = this.#results.values[step];
    return row === null ? value[channel] : value[row][channel];
  }

  show(request) {
    const { values, train, before, gap } = this.#results;
    const { gamma, beta, bump } = this.state;
    const noisy = new Map();
    for (const [step, value] of Object.entries(values)) {
      if (!this.notes.has(step)) continue;
      const lines = isPerChannel(step) ? [value] : value;
      lines[0].forEach((_, channel) => {
        // A channel has its own shades: channels differ by orders of magnitude.
        const largest = lines.reduce((size, line) => Math.max(size, Math.abs(line[channel])), 0);
        const noise = roundingError(step, channel, values, { gamma });
        lines.forEach((line, r) => {
          const row = isPerChannel(step) ? null : r;
          const cell = this.cells.get(keyOf({ step, row, channel }));
          if (!cell) return;
          const was = step === "output" && before ? before.output[r][channel] : null;
          if (showNumber(cell, line[channel], isPerChannel(step) ? 0 : Math.abs(line[channel]) / largest, noise, was)) noisy.set(this.notes.get(step), true);
        });
      });
    }
    new Set(this.notes.values()).forEach(note => { note.hidden = !noisy.has(note); });
    this.flow.querySelectorAll(".bump").forEach(each => each.setAttribute("aria-pressed", String(Number(each.dataset.row) === bump)));
    this.flow.querySelectorAll(`[data-step=input]`).forEach(cell => cell.classList.toggle("moved", bump !== null && Number(cell.dataset.row) === bump));
    this.gap.textContent = short(gap);
    this.gap.title = number(gap);
    this.showMoved();
    this.strips.show({ ...values, gamma, beta });
    const averaged = train.unbiased_var ?? train.var;
    this.running.show({
      running: { mean: this.state.runningMean, variance: this.state.runningVar }, target: { mean: train.mean, variance: averaged },
      steps: this.state.steps, share: this.state.share, gap,
    });
    if (this.#language && !this.code.hidden) this.code.textContent = PROGRAMS[this.#language](request);
    if (this.traced) this.readout.textContent = this.line(this.traced);
    this.flow.dataset.ready = "true";
  }

  showMoved() {
    const { before, values } = this.#results;
    const { bump, mode, input } = this.state;
    const single = input.length === 1 && mode === "train";
    this.moved.hidden = !before && !single;
    if (single && !before) this.moved.textContent = "A batch of one is its own mean: every output is β, whatever x is. PyTorch refuses to train on it; here its variance counts as 0.";
    if (!before) return;
    const others = values.output.flatMap((line, r) => (r === bump ? [] : line.map((value, c) => Math.abs(value - before.output[r][c]))));
    const count = others.filter(change => change > 1e-12).length;
    const most = others.length > 0 ? Math.max(...others) : 0;
    this.moved.textContent = count > 0
      ? `Sample ${bump} got +10 in every channel, and ${count === others.length ? "all" : `${count} of`} ${plural(others.length, "output")} of other samples moved, by up to ${short(most)}: in training, samples share μ and σ².`
      : `Sample ${bump} got +10 in every channel, and no output of other samples moved${mode === "infer" ? ": in inference, statistics are constants" : ""}.`;
  }

  // --- tracing ----------------------------------------------------------------------------------------------------------

  trace(cell, aloud = false) {
    this.#marked.forEach(element => element.classList.remove("here", "from", "via", "leads"));
    this.#marked = [];
    this.flow.classList.toggle("tracing", Boolean(cell));
    this.traced = null;
    if (!cell || !this.#results) {
      this.readout.textContent = HINT;
      this.strips?.mark(null);
      return;
    }
    const address = { step: cell.dataset.step, row: cell.dataset.row === "" ? null : Number(cell.dataset.row), channel: Number(cell.dataset.channel) };
    this.traced = address;
    this.mark([address], "here");
    this.mark(sources(address, this.mode, this.rows), "from");
    this.mark(indirectSources(address, this.mode, this.rows), "via");
    if (cell.matches(".editable")) this.mark(this.dependents(address), "leads");
    this.strips.mark(address.row);
    this.readout.textContent = this.line(address);
    if (aloud && !cell.matches(".editable")) say(this.readout.textContent);
  }

  mark(addresses, name) {
    for (const address of addresses) {
      const element = this.cells.get(keyOf(address));
      if (!element) continue;
      element.classList.add(name);
      this.#marked.push(element);
    }
  }

  /** The numbers shown that change with a number. */
  dependents(address) {
    const key = keyOf(address);
    return [...this.cells.values()].filter(cell => cell.dataset.channel === String(address.channel))
      .map(({ dataset }) => ({ step: dataset.step, row: dataset.row === "" ? null : Number(dataset.row), channel: address.channel }))
      .filter(other => [...sources(other, this.mode, this.rows), ...indirectSources(other, this.mode, this.rows)].some(source => keyOf(source) === key));
  }

  line(address) {
    const text = workedOut(address, this.mode, this.rows, where => this.at(where));
    if (address.step !== "input" && address.step !== "grad_output") return text;
    return `${text}: the numbers that depend on it are marked.`;
  }
}

/** Numbers that are not finite come as words. */
function numbers(value) {
  return Array.isArray(value) ? value.map(numbers) : Number(value);
}

function replaced(rows, row, channel, value) {
  return rows.map((line, r) => (r === row ? line.map((old, c) => (c === channel ? value : old)) : line));
}

/** The fresh table, with the old numbers where there were any. */
function merged(fresh, old) {
  return fresh.map((line, r) => line.map((value, c) => old[r]?.[c] ?? value));
}

function largestDifference(left, right) {
  return left.reduce((most, line, r) => line.reduce((size, value, c) => Math.max(size, Math.abs(value - right[r][c])), most), 0);
}
