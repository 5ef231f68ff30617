// The API key: requested where the service requires one, kept until the tab is closed or it is forgotten.

import { h } from "./dom.js";
import { grantedScope } from "./scope.js";

const STORED = "batchnorm-api-key";
let open = null;
let declined = false;
let required = false;

export function key() {
  return sessionStorage.getItem(STORED);
}

export function wasDeclined() {
  return declined;
}

/** @returns whether there is a key now; many may ask, one dialog serves them all */
export function askForKey(why) {
  required = true;
  open ??= dialog(why ?? "Its API needs a key.").finally(() => (open = null));
  return open;
}

/** The button that changes or forgets the key; hidden where the service requires none. */
export function startKey(button, changed) {
  const show = () => {
    button.hidden = !required && !key();
    button.textContent = key() ? `Key: ${grantedScope() ?? "not accepted"}` : "Enter a key";
  };
  button.addEventListener("click", async () => {
    if (await askForKey("Another key takes the place of the current one.")) changed();
  });
  addEventListener("scopechange", show);
  addEventListener("keychange", show);
  addEventListener("keyforgotten", changed);
  show();
}

function dialog(why) {
  return new Promise(resolve => {
    const input = h("input", { type: "password", name: "key", autocomplete: "off", required: true, "aria-describedby": "key-why" });
    const end = result => h("button", { type: "button", class: "quiet", on: { click: () => element.close(result) } }, result === "forget" ? "Forget the key" : "Not now");
    const element = h("dialog", { class: "dialog", "aria-labelledby": "key-title" },
      h("form", { method: "dialog" },
        h("h2", { id: "key-title" }, "This service requires a key"),
        h("p", { id: "key-why" }, why),
        h("label", {}, "API key or token", input),
        h("p", { class: "hint" }, "Kept in this tab only, and forgotten when the tab is closed."),
        h("div", { class: "row end" },
          key() ? end("forget") : null, end(""),
          h("button", { value: "use", class: "primary" }, "Use this key"))));
    element.addEventListener("close", () => {
      declined = element.returnValue !== "use";
      if (!declined) sessionStorage.setItem(STORED, input.value.trim());
      if (element.returnValue === "forget") sessionStorage.removeItem(STORED);
      element.remove();
      dispatchEvent(new Event("keychange"));
      resolve(!declined);
      if (element.returnValue === "forget") {
        declined = false;
        dispatchEvent(new Event("keyforgotten"));
      }
    });
    document.body.append(element);
    element.showModal();
    input.focus();
  });
}
