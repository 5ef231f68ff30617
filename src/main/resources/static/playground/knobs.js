// The knobs of a layer that a form changes: epsilon and momentum.

import { h, button, field } from "./dom.js";
import { numeric } from "./limits.js";
import { attempt } from "./problems.js";
import { KNOBS } from "./words.js";

const EDITED = ["epsilon", "momentum"];

/** @param save called with a function from the layer to a merge patch */
export function showKnobs(save) {
  const inputs = Object.fromEntries(EDITED.map(knob => [knob, h("input", { name: knob, inputmode: "decimal", autocomplete: "off" })]));
  let shown = {};
  const isChanged = knob => inputs[knob].value.trim() !== text(shown[knob]);
  const mark = () => (actions.hidden = !EDITED.some(isChanged));
  const discard = () => {
    for (const knob of EDITED) inputs[knob].value = text(shown[knob]);
    mark();
  };
  const submit = () => attempt(element, async () => {
    const patch = Object.fromEntries(EDITED.filter(isChanged).map(knob => [knob, numeric(inputs[knob].value)]));
    await save(() => patch);
    discard(); // what was saved, as the service writes it
  });
  const actions = h("div", { class: "row", hidden: true }, button("Save", submit, { class: "primary", "data-needs": "train" }), button("Discard", discard, { class: "quiet" }));
  const element = h("form", { class: "stack", novalidate: true, "aria-label": "Change knobs", on: { input: mark, submit: event => { event.preventDefault(); submit(); } } },
    h("div", { class: "problems" }),
    h("div", { class: "fields" }, EDITED.map(knob => field(knob, inputs[knob], KNOBS[knob]))),
    actions);
  return {
    element,
    /** Keeps what is being edited. */
    show(config) {
      for (const knob of EDITED) {
        if (!isChanged(knob) || shown[knob] === undefined) inputs[knob].value = text(config[knob]);
        shown[knob] = config[knob];
      }
      mark();
    },
  };
}

function text(value) {
  return value === null || value === undefined ? "" : String(value);
}
