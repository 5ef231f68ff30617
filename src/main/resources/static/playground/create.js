// A new layer: a convention, and each of its knobs explained, to turn or to leave.

import { actions, perform } from "./api.js";
import { h, button, choice, field } from "./dom.js";
import { numeric } from "./limits.js";
import { attempt } from "./problems.js";
import { KNOBS, alphaInWords, number, weightOf } from "./words.js";

const CHOICES = {
  momentum_meaning: ["new_weight", "old_weight"],
  running_variance: ["biased", "unbiased"],
  scope: ["spatial", "per_activation"],
  single_value: ["reject", "zero_variance"],
  non_finite: ["reject", "propagate"],
};
const NUMBERS = ["epsilon", "epsilon_floor", "momentum", "channel_axis", "statistics_blend", "virtual_batch_size", "r_max", "d_max"];
const SWITCHES = ["zero_debias", "scale", "shift", "track_running_stats", "freeze_statistics", "freeze_parameters"];

/** @param suggested `{name, features}`, each may be null */
export async function showCreate(host, suggested, created) {
  const answer = await attempt(host, () => perform(actions.conventions()));
  if (!answer) return;
  const conventions = answer.body.conventions;
  const name = h("input", { name: "name", required: true, autocomplete: "off", spellcheck: "false", placeholder: "encoder.bn1", value: suggested.name ?? "" });
  const convention = choice(conventions.map(preset => [preset.convention, `${preset.convention} — ${preset.from}`]), conventions[0].convention, { name: "convention" });
  const channels = h("input", { name: "features", type: "number", min: 1, placeholder: "the first batch decides", value: suggested.features ?? "" });
  const knobs = controls();
  const words = h("p", { class: "callout" });
  const preset = () => conventions.find(candidate => candidate.convention === convention.value);

  const takePreset = () => {
    for (const [knob, control] of Object.entries(knobs)) {
      if (SWITCHES.includes(knob)) control.checked = preset()[knob];
      else control.value = preset()[knob] ?? "";
    }
    explain();
  };
  const explain = () => {
    const now = { ...preset(), ...turned(knobs, preset()) };
    const epsilon = Number.isFinite(now.epsilon) ? `ε is ${number(now.epsilon)}` : "ε must be a number";
    words.textContent = `${alphaInWords({ ...now, alpha: alphaOf(now) })} ${epsilon}, a running variance starts at ${number(now.initial_running_var)}.`;
  };
  convention.addEventListener("change", takePreset);

  const form = h("form", { class: "form card", novalidate: true, on: { input: explain, submit: event => { event.preventDefault(); submit.click(); } } },
    h("h1", {}, "New layer"),
    h("div", { class: "problems" }),
    h("div", { class: "fields" },
      field("Name", name, "A letter or digit, then letters, digits, dots, hyphens, underscores."),
      field("Channels", channels, "How many features a batch has; empty lets the first batch decide.")),
    field("Convention", convention, "What a framework does when nobody says otherwise. Every knob below comes from it."),
    words,
    h("details", {}, h("summary", {}, "Turn a knob"),
      h("div", { class: "fields" }, Object.entries(knobs).map(([knob, control]) => field(knob, control, KNOBS[knob])))));
  const submit = button("Create the layer", () => attempt(form, async () => {
    const layer = { name: name.value.trim(), convention: convention.value, ...turned(knobs, preset()) };
    if (channels.value !== "") layer.features = Number(channels.value);
    await perform(actions.create(layer));
    created(layer.name);
  }), { class: "primary", "data-needs": "train" });
  form.append(h("div", { class: "row end" }, h("a", { class: "button quiet", href: "#/" }, "Cancel"), submit));
  host.append(form);
  takePreset();
  name.focus();
}

function controls() {
  const controls = {};
  for (const knob of Object.keys(KNOBS)) {
    if (knob in CHOICES) controls[knob] = choice(CHOICES[knob], CHOICES[knob][0], { name: knob });
    else if (NUMBERS.includes(knob)) controls[knob] = h("input", { name: knob, inputmode: "decimal" });
    else controls[knob] = h("input", { name: knob, type: "checkbox" });
  }
  return controls;
}

/** The knobs that are not as the convention has them. */
function turned(knobs, preset) {
  const changed = {};
  for (const [knob, control] of Object.entries(knobs)) {
    const value = SWITCHES.includes(knob) ? control.checked : NUMBERS.includes(knob) ? numeric(control.value) : control.value;
    if (value !== preset[knob]) changed[knob] = value;
  }
  return changed;
}

/** The weight of the first batch; NaN for what is no number. */
function alphaOf(knobs) {
  if (typeof knobs.momentum === "string") return NaN;
  return knobs.momentum === null || knobs.zero_debias ? 1 : weightOf(knobs);
}
