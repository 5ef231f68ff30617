// Check my implementation: numbers in, and which convention or which mistake explains them.

import { actions, perform } from "./api.js";
import { h, button, choice, field, say } from "./dom.js";
import { mathOf } from "./mathtext.js";
import { parseBytes, parseText } from "./parse.js";
import { attempt, clearProblem } from "./problems.js";
import { TEXTS } from "./texts.js";
import { number } from "./words.js";

const TENSORS = [["input", "x, the input"], ["output", "y, your output"]];
const MORE_TENSORS = [["grad_output", "dy"], ["grad_input", "dx, your gradient"], ["other_input", "x of another forward"]];
const VECTORS = [
  ["gamma", "γ"], ["beta", "β"], ["running_mean_before", "running mean before"], ["running_var_before", "running variance before"],
  ["running_mean_after", "running mean after"], ["running_var_after", "running variance after"], ["grad_gamma", "dγ"], ["grad_beta", "dβ"],
];
const ASPECTS = { forward: "Forward pass", running_update: "Running statistics", backward: "Backward pass" };
const LONGEST_SHOWN = 20_000;

export async function showCheck(host, query) {
  const view = new Check(host);
  await view.start(query.get("example"));
}

class Check {
  #controls = new Map();
  #arrays = new Map();

  constructor(host) {
    this.code = h("pre", { class: "code", tabindex: "0", hidden: true, "aria-label": "Code of the example" });
    this.result = h("section", { class: "results", "data-result": true, "aria-live": "polite" });
    this.form = h("section", { class: "card", "aria-label": "Your numbers" });
    this.convention = h("select", { name: "convention" }, h("option", { value: "" }, "any"));
    this.mode = choice([["", "either"], ["train", "training"], ["infer", "inference"]], "", { name: "mode" });
    host.append(
      h("h1", {}, "Check my implementation"),
      h("p", { class: "lead" }, "Paste the numbers of your batch normalization. The service finds the convention, or the mistake, that gives them. Nothing is stored."),
      this.form, this.result);
    this.#build();
  }

  #build() {
    const tensor = ([name, label]) => this.#area(name, label, 4, "[[1, 2], [3, 4], [5, 6]]");
    const vector = ([name, label]) => this.#area(name, label, 1, "1, 1");
    this.form.append(
      h("div", { class: "problems" }),
      h("div", { class: "row", role: "group", "aria-label": "Examples from teaching texts" }, h("span", { class: "hint" }, "Coming from a tutorial?"),
        Object.entries(TEXTS).map(([name, { title, about }]) => h("a", { class: "chip", href: `#/check?example=${name}`, title: about, "data-example": name }, title))),
      this.code,
      h("div", { class: "grid" }, TENSORS.map(tensor)),
      h("details", {}, h("summary", {}, "γ, β, ε, running statistics, gradients"),
        h("div", { class: "grid" }, VECTORS.map(vector), this.#line("epsilon", "ε"), this.#line("momentum", "momentum"),
          field("Mode", this.mode), field("Convention", this.convention)),
        h("div", { class: "grid" }, MORE_TENSORS.map(tensor))),
      h("div", { class: "row" }, button("Check", () => this.check(), { class: "primary" }),
        h("span", { class: "hint" }, "CSV, JSON or a dropped .npy, .csv or .json file in each field")));
  }

  #area(name, label, rows, placeholder) {
    const control = h("textarea", { name, rows, spellcheck: "false", placeholder });
    control.addEventListener("input", () => this.#arrays.delete(name));
    control.addEventListener("dragover", event => event.preventDefault());
    control.addEventListener("drop", event => {
      const [file] = event.dataTransfer.files;
      if (!file) return;
      event.preventDefault();
      attempt(this.form, async () => this.#take(name, parseBytes(new Uint8Array(await file.arrayBuffer()))));
    });
    this.#controls.set(name, control);
    return field(label, control);
  }

  #line(name, label) {
    const control = h("input", { name, inputmode: "decimal" });
    this.#controls.set(name, control);
    return field(label, control);
  }

  /** Keeps a file's array; a long one is shown by its shape alone. */
  #take(name, array) {
    const { shape, data } = array;
    const control = this.#controls.get(name);
    control.value = data.length <= LONGEST_SHOWN ? JSON.stringify({ shape, data: [...data] }) : `${shape.join(" × ")} numbers of a file`;
    this.#arrays.set(name, array);
  }

  async start(example) {
    const conventions = await attempt(this.form, () => perform(actions.conventions(), { quietly: true }));
    conventions?.body.conventions.forEach(({ convention }) => this.convention.append(h("option", { value: convention }, convention)));
    if (!Object.hasOwn(TEXTS, example ?? "")) return;
    const { code, evidence } = TEXTS[example];
    this.code.textContent = code;
    this.code.hidden = false;
    this.form.querySelector(`[data-example="${example}"]`).setAttribute("aria-current", "true");
    for (const [name, value] of Object.entries(evidence())) {
      if (name === "mode" || name === "convention") this[name].value = value;
      else this.#controls.get(name).value = typeof value === "number" ? value : JSON.stringify(value);
    }
    this.form.querySelector("details").open = true;
    await this.check();
  }

  /** What is in the fields, as the body of a request. */
  evidence() {
    const body = {};
    for (const [name, control] of this.#controls) {
      if (control.value.trim() === "") continue;
      body[name] = this.#read(name, control);
    }
    if (this.mode.value) body.mode = this.mode.value;
    if (this.convention.value) body.convention = this.convention.value;
    return body;
  }

  #read(name, control) {
    try {
      if (control.tagName === "INPUT") return finite(Number(control.value));
      const { shape, data, datatype } = this.#arrays.get(name) ?? parseText(control.value);
      return VECTORS.some(([vector]) => vector === name) ? Array.from(data) : { shape, datatype, data: Array.from(data) };
    } catch (error) {
      throw Object.assign(new Error(error.message), { field: name });
    }
  }

  async check() {
    clearProblem(this.form);
    this.result.replaceChildren();
    const answer = await attempt(this.form, () => perform(actions.diagnose(this.evidence())));
    if (!answer) return;
    const { verdict, explanations, indistinguishable, to_tell_apart: contrasts } = answer.body;
    this.result.append(
      h("div", { class: "card" }, h("h2", {}, "Verdict"), h("p", { class: "callout", "data-verdict": true }, verdict),
        indistinguishable.map((names, i) => h("p", { class: "hint" }, `This data does not tell ${names.join(", ")} apart. To tell them apart, send ${contrasts[i]}.`))),
      ...explanations.map(shown));
    say(verdict);
  }
}

function finite(value) {
  if (!Number.isFinite(value)) throw new Error("This is not a number.");
  return value;
}

/** One explanation: your formula beside the right one, and the number where it shows most. */
function shown({ aspect, mistake, formula, right_formula: right, remedy, worst, max_error: error, ulps, precision }) {
  const wrong = mistake !== null;
  return h("article", { class: "card", "data-aspect": aspect, "data-mistake": mistake ?? "" },
    h("h3", {}, `${ASPECTS[aspect]}: ${wrong ? mistake : "right"}`),
    h("div", { class: "grid" },
      h("div", { "data-formula": true }, h("p", { class: "hint" }, mistake === "unknown" ? "Nearest formula" : "Your formula"), mathOf(formula)),
      wrong && h("div", { "data-formula": true }, h("p", { class: "hint" }, "Right formula"), mathOf(right))),
    wrong && worst && h("p", {}, `It shows most at ${worst.tensor}[${worst.index.join("][")}]: ${number(worst.found)}, right is ${number(worst.expected)}.`),
    wrong && h("p", {}, h("strong", {}, "Remedy: "), `${remedy}.`),
    h("p", { class: "hint" }, `The formula gives your numbers up to ${number(error)}, ${number(ulps)} ulps of ${precision}.`));
}
