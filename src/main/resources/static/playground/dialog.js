// Questions in a dialog.

import { h } from "./dom.js";

/** @returns whether the visitor confirmed; Enter and Escape keep things as they are */
export function confirmed({ title, text, yes, no }) {
  return new Promise(resolve => {
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
      h("form", { method: "dialog" },
        h("h2", { id: "confirm-title" }, title),
        h("p", { id: "confirm-text" }, text),
        h("div", { class: "row end" },
          h("button", { value: "", class: "quiet", autofocus: true }, no),
          h("button", { value: "yes", class: "danger" }, yes))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
