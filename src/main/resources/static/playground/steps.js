// The steps of a batch normalization: the name of each, its formula, and what each of its numbers is computed from.
//
// A number has an address `{step, row, channel}`; the row is null where there is one number per channel. `knobs` are gamma, beta
// and epsilon, the same for all channels here.

import { formula, hat, over, root, row, squared, sub, subSquared, sum } from "./formulas.js";
import { short } from "./words.js";

const deviation = () => root(squared("σ"), "+", "ε");
const centered = () => row(sub("x", "i"), "−", "μ");

/** Steps with one number per channel. The others have one for each element of the batch. */
const PER_CHANNEL = new Set(["mean", "var", "std", "dbeta", "dgamma", "running_mean", "running_var", "unbiased_var", "before_mean", "before_var"]);

export const SYMBOLS = {
  input: "x", mean: "μ", centered: "(x−μ)", var: "σ²", std: "√(σ²+ε)", xhat: "x̂", output: "y",
  grad_output: "dy", dbeta: "dβ", dgamma: "dγ", dx: "dx", gamma: "γ", beta: "β", epsilon: "ε", momentum: "α",
  before_mean: "running mean", before_var: "running variance",
};

/**
 * The panels in the order of computation: `{id, title, about, rows: [{step, formula}]}`.
 *
 * @param mode train or infer
 */
export function panels(mode) {
  const train = mode === "train";
  return {
    forward: [
      { id: "input", title: "The batch", about: "One row per sample, one column per channel. Type, or drag a dot below.",
        rows: [{ step: "input", formula: formula("x i", sub("x", "i")) }] },
      { id: "mean", title: train ? "Mean" : "Running mean", about: train ? "Of each channel, over the batch." : "A constant: the batch does not change it.",
        rows: [{ step: "mean", formula: train
          ? formula("mu equals one over m times the sum of x i", "μ", "=", over("1", "m"), sum(sub("x", "i")))
          : formula("mu equals the running mean", "μ", "=", sub("μ", "run")) }] },
      { id: "centered", title: "Centered", about: train ? "Every column now sums to 0." : "Distance from the running mean.",
        rows: [{ step: "centered", formula: formula("x i minus mu", centered()) }] },
      { id: "var", title: train ? "Variance" : "Running variance", about: "ε keeps the root away from 0.",
        rows: [
          { step: "var", formula: train
            ? formula("sigma squared equals one over m times the sum of x i minus mu squared", squared("σ"), "=", over("1", "m"), sum(squared(row("(", centered(), ")"))))
            : formula("sigma squared equals the running variance", squared("σ"), "=", subSquared("σ", "run")) },
          { step: "std", formula: formula("the square root of sigma squared plus epsilon", deviation()) },
        ] },
      { id: "xhat", title: "Normalized", about: train ? "Every column: mean 0, variance σ²/(σ²+ε)." : "Mean 0, variance 1 only if the running statistics fit.",
        rows: [{ step: "xhat", formula: formula("x hat i equals x i minus mu over the root of sigma squared plus epsilon", sub(hat("x"), "i"), "=", over(centered(), deviation())) }] },
      { id: "output", title: "Output", about: "What the next layer gets.",
        rows: [{ step: "output", formula: formula("y i equals gamma times x hat i plus beta", sub("y", "i"), "=", "γ", "·", sub(hat("x"), "i"), "+", "β") }] },
    ],
    backward: [
      { id: "grad_output", title: "Gradient of the output", about: "What comes back from the loss. Type your own.",
        rows: [{ step: "grad_output", formula: formula("d y i equals the derivative of L by y i", sub("dy", "i"), "=", over("∂L", sub("∂y", "i"))) }] },
      { id: "parameters", title: "Gradients of β and γ", about: "What the optimizer gets.",
        rows: [
          { step: "dbeta", formula: formula("d beta equals the sum of d y i", "dβ", "=", sum(sub("dy", "i"))) },
          { step: "dgamma", formula: formula("d gamma equals the sum of d y i times x hat i", "dγ", "=", sum(sub("dy", "i"), "·", sub(hat("x"), "i"))) },
        ] },
      { id: "dx", title: "Gradient of the input", about: train
        ? "Every sample moves μ and σ², so each dx depends on every dy of its channel."
        : "Statistics are constants: each dx depends on its own dy alone.",
        rows: [{ step: "dx", formula: train
          ? formula("d x i equals gamma over the root of sigma squared plus epsilon, times d y i minus d beta over m minus x hat i times d gamma over m",
            sub("dx", "i"), "=", over("γ", deviation()), row("(", sub("dy", "i"), "−", over("dβ", "m"), "−", sub(hat("x"), "i"), over("dγ", "m"), ")"))
          : formula("d x i equals gamma over the root of sigma squared plus epsilon, times d y i", sub("dx", "i"), "=", over("γ", deviation()), "·", sub("dy", "i")) }] },
    ],
  };
}

export function isPerChannel(step) {
  return PER_CHANNEL.has(step);
}

/** The addresses that a number is computed from directly; a knob's address has neither row nor channel. */
export function sources({ step, row: r, channel }, mode, rows) {
  const one = name => ({ step: name, row: isPerChannel(name) ? null : r, channel });
  const column = name => Array.from({ length: rows }, (_, i) => ({ step: name, row: i, channel }));
  const knob = name => ({ step: name, row: null, channel: null });
  const train = mode === "train";
  switch (step) {
    case "mean": return train ? column("input") : [one("before_mean")];
    case "centered": return [one("input"), one("mean")];
    case "var": return train ? column("centered") : [one("before_var")];
    case "std": return [one("var"), knob("epsilon")];
    case "xhat": return [one("centered"), one("std")];
    case "output": return [one("xhat"), knob("gamma"), knob("beta")];
    case "dbeta": return column("grad_output");
    case "dgamma": return [...column("grad_output"), ...column("xhat")];
    case "dx": return train
      ? [one("grad_output"), one("dbeta"), one("dgamma"), one("xhat"), one("std"), knob("gamma")]
      : [one("grad_output"), one("std"), knob("gamma")];
    default: return [];
  }
}

/** The sources of the sources, without the direct ones. */
export function indirectSources(address, mode, rows) {
  const seen = new Map([[keyOf(address), address]]);
  let edge = sources(address, mode, rows);
  const direct = new Set(edge.map(keyOf));
  const found = [];
  while (edge.length > 0) {
    const fresh = edge.filter(each => !seen.has(keyOf(each)));
    fresh.forEach(each => seen.set(keyOf(each), each));
    found.push(...fresh.filter(each => !direct.has(keyOf(each))));
    edge = fresh.flatMap(each => sources(each, mode, rows));
  }
  return found;
}

export function keyOf({ step, row: r, channel }) {
  return `${step}/${r ?? ""}/${channel ?? ""}`;
}

/**
 * A number's formula with the numbers in it, as a line of text.
 *
 * @param at finds the number at an address
 */
export function workedOut(address, mode, rows, at) {
  const { step, row: r, channel } = address;
  const of = name => short(at({ step: name, row: isPerChannel(name) ? null : r, channel }));
  const list = name => terms(Array.from({ length: rows }, (_, i) => at({ step: name, row: i, channel })));
  const place = isPerChannel(step) ? `[channel ${channel}]` : `[sample ${r}, channel ${channel}]`;
  const result = short(at(address));
  const right = rightSide(step, mode === "train", of, list, rows);
  return `${SYMBOLS[step] ?? step} ${place} = ${right === null ? "" : `${right} = `}${result}`;
}

function rightSide(step, train, of, list, rows) {
  switch (step) {
    case "mean": return train ? `(${list("input").join(" + ")}) / ${rows}` : "running mean";
    case "centered": return `${of("input")} − ${signed(of("mean"))}`;
    case "var": return train ? `(${list("centered").map(term => `${signed(term)}²`).join(" + ")}) / ${rows}` : "running variance";
    case "std": return `√(${of("var")} + ${of("epsilon")})`;
    case "xhat": return `${of("centered")} / ${of("std")}`;
    case "output": return `${of("gamma")} · ${signed(of("xhat"))} + ${signed(of("beta"))}`;
    case "dbeta": return list("grad_output").map(signed).join(" + ");
    case "dgamma": return products(list("grad_output"), list("xhat"));
    case "dx": return train
      ? `${of("gamma")} / ${of("std")} · (${of("grad_output")} − ${signed(of("dbeta"))}/${rows} − ${signed(of("xhat"))} · ${signed(of("dgamma"))}/${rows})`
      : `${of("gamma")} / ${of("std")} · ${signed(of("grad_output"))}`;
    default: return null;
  }
}

function products(left, right) {
  return left.map((term, i) => (term === "…" ? term : `${signed(term)}·${signed(right[i])}`)).join(" + ");
}

/** The first three and the last of many. */
function terms(values) {
  const texts = values.map(short);
  return texts.length <= 6 ? texts : [...texts.slice(0, 3), "…", texts.at(-1)];
}

function signed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

const SPACING = 2 ** -52;

/**
 * Below which a number of a step is the rounding error of the terms that cancelled.
 *
 * @param values of all steps by name
 */
export function roundingError(step, channel, values, knobs) {
  const largest = name => values[name].reduce((size, line) => Math.max(size, Math.abs(line[channel])), 0);
  const m = values.input.length;
  const error = 4 * SPACING * m;
  const std = values.std?.[channel] ?? 1;
  switch (step) {
    case "centered": return error * largest("input");
    case "xhat": return (error * largest("input")) / std;
    case "output": return (error * largest("input") * Math.abs(knobs.gamma)) / std;
    case "dbeta": return error * largest("grad_output");
    case "dgamma": return error * largest("grad_output") * Math.max(1, largest("xhat"));
    case "dx": return ((error * Math.abs(knobs.gamma)) / std) * largest("grad_output") * Math.max(1, largest("xhat") ** 2);
    default: return 0;
  }
}
