// Elements by a function call, text always as text.

/**
 * An element with attributes, listeners (`on: {click: …}`) and children; null and false are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "value" || name === "checked" || name === "disabled" || name === "open") {
      element[name] = value;
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** An SVG element with attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat());
  return element;
}

/** A button that does something; while it does, it cannot be pressed again. */
export function button(label, action, attributes = {}) {
  const element = h("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", async () => {
    if (element.getAttribute("aria-busy") === "true") return;
    element.setAttribute("aria-busy", "true");
    try {
      await action();
    } finally {
      element.removeAttribute("aria-busy");
    }
  });
  return element;
}

let fields = 0;

/** A label, its control, and a sentence about it below. */
export function field(label, control, hint = null) {
  const id = `field-${++fields}`;
  control.id = id;
  const note = hint === null ? null : h("p", { class: "hint", id: `${id}-hint` }, hint);
  if (note) control.setAttribute("aria-describedby", note.id);
  return h("div", { class: control.type === "checkbox" ? "field checkbox" : "field" }, h("label", { for: id }, label), control, note);
}

/** A choice among words; an option is a word or `[word, label]`. */
export function choice(options, selected, attributes = {}) {
  const select = h("select", attributes, options.map(option => {
    const [value, label] = Array.isArray(option) ? option : [option, option];
    return h("option", { value }, label);
  }));
  select.value = selected;
  return select;
}

/** Terms and their meanings: `[term, meaning]`. */
export function terms(pairs) {
  return h("dl", { class: "terms" }, pairs.map(([term, meaning]) => h("div", {}, h("dt", {}, term), h("dd", {}, meaning))));
}

/** The head of a table with a heading for each column; the corner above row headings is "". */
export function headings(texts) {
  return h("thead", {}, h("tr", {}, texts.map(text => (text === "" ? h("td") : h("th", { scope: "col" }, text)))));
}

/** For ears: read out by a screen reader, at its next pause. */
export function say(sentence) {
  document.getElementById("said").textContent = sentence;
}
