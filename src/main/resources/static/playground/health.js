// How a layer is doing, where the service has an opinion about it.

import { offers, perform } from "./api.js";
import { h, terms } from "./dom.js";
import { number } from "./words.js";

export function showHealth(host, name, signal) {
  const panel = h("section", { class: "card", hidden: true, "aria-label": "Health" });
  host.append(panel);
  return {
    async refresh() {
      try {
        if (!(await offers("/layers/{name}/health"))) return;
        const { body } = await perform({ title: `Health of ${name}`, method: "GET", path: `/layers/${name}/health` }, { quietly: true, signal });
        const warnings = body.warnings ?? [];
        panel.replaceChildren(h("h2", {}, "Health"),
          warnings.length === 0 ? h("p", { class: "callout good" }, "Nothing to worry about.") : h("ul", { class: "warnings" }, warnings.map(warning => h("li", {}, sentence(warning)))),
          terms(Object.entries(body).filter(([, value]) => isSimple(value)).map(([fact, value]) => [fact.replaceAll("_", " "), shown(value)])));
        panel.hidden = false;
      } catch {
        panel.hidden = true;
      }
    },
  };
}

function isSimple(value) {
  return value !== null && typeof value !== "object";
}

function shown(value) {
  return typeof value === "number" ? number(value) : typeof value === "boolean" ? (value ? "yes" : "no") : value;
}

function sentence(warning) {
  return typeof warning === "string" ? warning : warning.detail ?? warning.message ?? JSON.stringify(warning);
}
