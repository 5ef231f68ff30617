// Turns a formula of the API, such as "γ · (x - mean) / √(var + ε) + β", into MathML.

import { h } from "./dom.js";
import { formula, over, root, row, sub, subSquared } from "./formulas.js";

const TOKEN = /\s*(\d+(?:\.\d+)?(?:e-?\d+)?|E\[x²?\]²?|[A-Za-zα-ω_]+²?|[Σ√])|\s*([()²·/+\-−=←,])/gu;
const SYMBOLS = {
  mean: () => "μ", var: () => "σ²", xhat: () => "x̂", std: () => "σ",
  running_mean: () => sub("μ", "run"), running_var: () => subSquared("σ", "run"),
};

const COMMA_OUTSIDE_PARENTHESES = /, (?![^()]*\))/;

/** @param text formulas in the symbols of the API, separated by commas; each gets a line */
export function mathOf(text) {
  return text.split(COMMA_OUTSIDE_PARENTHESES).map(each => h("p", { class: "formula" }, formula(each, sentence(new Tokens(each)))));
}

class Tokens {
  #all;
  #at = 0;

  constructor(text) {
    this.#all = [...text.matchAll(TOKEN)].map(match => match[1] ?? match[2]);
  }

  get next() {
    return this.#all[this.#at];
  }

  take() {
    return this.#all[this.#at++];
  }
}

/** Sums, joined by the signs that separate them. */
function sentence(tokens) {
  const parts = [];
  while (tokens.next !== undefined && tokens.next !== ")") {
    parts.push(["=", "←", ",", "+", "-", "−"].includes(tokens.next) ? sign(tokens.take()) : product(tokens));
  }
  return row(...parts);
}

function sign(token) {
  return token === "-" ? "−" : token === "," ? row(",", " ") : token;
}

/** Factors; a fraction has the last factor as its numerator. */
function product(tokens) {
  const factors = [factor(tokens)];
  while (tokens.next !== undefined && !["=", "←", ",", "+", "-", "−", ")"].includes(tokens.next)) {
    if (tokens.next === "/") {
      tokens.take();
      const top = factors.pop();
      factors.push({ math: over(bare(top), bare(factor(tokens))) });
    } else if (tokens.next === "·") {
      factors.push({ math: tokens.take() });
    } else {
      factors.push(factor(tokens));
    }
  }
  return row(...factors.map(({ math }) => math));
}

/** The contents without parentheses, which a fraction does not need. */
function bare({ math, inner }) {
  return inner ?? math;
}

/** @returns {{math, inner?}} the factor, and its contents where it stands in parentheses */
function factor(tokens) {
  const token = tokens.take();
  if (token === "(") {
    const inner = sentence(tokens);
    tokens.take();
    if (tokens.next === "²") return { math: row("(", inner, ")", tokens.take()) };
    return { math: row("(", inner.cloneNode(true), ")"), inner };
  }
  if (token === "√") return { math: root(bare(factor(tokens))) };
  if (token === "Σ") return { math: row("Σ", factor(tokens).math) };
  return { math: SYMBOLS[token]?.() ?? token };
}
