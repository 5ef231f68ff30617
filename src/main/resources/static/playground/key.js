// The API key: asked for when the service wants one, kept until the tab is closed.

import { h } from "./dom.js";

const STORED = "batchnorm-api-key";
let open = null;
let declined = false;

export function key() {
  return sessionStorage.getItem(STORED);
}

export function wasDeclined() {
  return declined;
}

/** @returns whether there is a key now; many may ask, one dialog answers them all */
export function askForKey(why) {
  open ??= dialog(why).finally(() => (open = null));
  return open;
}

function dialog(why) {
  return new Promise(resolve => {
    const input = h("input", { type: "password", name: "key", autocomplete: "off", required: true, "aria-describedby": "key-why" });
    const element = h("dialog", { class: "dialog", "aria-labelledby": "key-title" },
      h("form", { method: "dialog" },
        h("h2", { id: "key-title" }, "This service asks who you are"),
        h("p", { id: "key-why" }, why ?? "Its API wants a key."),
        h("label", {}, "API key or token", input),
        h("p", { class: "hint" }, "Kept in this tab only, and gone when you close it."),
        h("div", { class: "row end" },
          h("button", { value: "", formnovalidate: true, class: "quiet" }, "Not now"),
          h("button", { value: "use", class: "primary" }, "Use this key"))));
    element.addEventListener("close", () => {
      declined = element.returnValue !== "use";
      if (!declined) sessionStorage.setItem(STORED, input.value.trim());
      element.remove();
      resolve(!declined);
    });
    document.body.append(element);
    element.showModal();
    input.focus();
  });
}
