// Formulas in MathML, built by function calls: `sub("x", "i")`. A text becomes an identifier, a number or an operator.

const MATHML = "http://www.w3.org/1998/Math/MathML";

function element(tag, ...children) {
  const made = document.createElementNS(MATHML, tag);
  made.append(...children.map(node));
  return made;
}

function node(part) {
  if (typeof part !== "string") return part;
  const tag = /^[\d.]+$/.test(part) ? "mn" : /^[=+−·()Σ,|]$/.test(part) ? "mo" : "mi";
  const leaf = document.createElementNS(MATHML, tag);
  leaf.textContent = part;
  return leaf;
}

export const row = (...parts) => element("mrow", ...parts);
export const over = (top, bottom) => element("mfrac", node(top), node(bottom));
export const root = (...parts) => element("msqrt", ...parts);
export const sub = (base, index) => element("msub", node(base), node(index));
export const subSquared = (base, index) => element("msubsup", node(base), node(index), node("2"));
export const squared = base => element("msup", node(base), node("2"));
export const hat = base => {
  const accent = node("^");
  const made = element("mover", node(base), accent);
  made.setAttribute("accent", "true");
  return made;
};

/** A sum over the batch. */
export const sum = (...parts) => {
  const sign = element("munder", node("Σ"), node("i"));
  return row(sign, ...parts);
};

/**
 * @param spoken the formula in words, for programs that read the page out and know no MathML
 */
export function formula(spoken, ...parts) {
  const math = element("math", ...parts);
  math.setAttribute("alttext", spoken);
  return math;
}
