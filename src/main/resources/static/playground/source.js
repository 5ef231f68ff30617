// Choosing data: a bundled sample, a file that is dropped or opened, or pasted text.

import { SAMPLES, fromFile, fromText, sample } from "./data.js";
import { h, button } from "./dom.js";
import { attempt } from "./problems.js";
import { count, shapeOf } from "./words.js";

const LONGEST_SHOWN = 100_000;

/** @param chosen told a dataset */
export function showSource(host, chosen) {
  const text = h("textarea", { name: "data", rows: 4, spellcheck: "false", "aria-label": "Numbers as CSV or JSON", placeholder: "[[1, 2], [3, 4], [5, 6]]   or   1,2⏎3,4⏎5,6" });
  const file = h("input", { type: "file", accept: ".csv,.json,.npy,.txt,.gz", class: "unseen", tabindex: "-1", "aria-label": "A file of numbers" });
  const loaded = h("p", { class: "loaded", role: "status" });
  const samples = h("div", { class: "samples" }, Object.entries(SAMPLES).map(([name, { title, about }]) =>
    button([h("strong", {}, title), h("span", { class: "hint" }, about)], () => take(() => sample(name)), { class: "sample", "data-sample": name })));
  const panel = h("section", { class: "card source", "aria-label": "Data" },
    h("h2", {}, "Data"), h("div", { class: "problems" }), samples,
    h("details", {}, h("summary", {}, "Or your own: drop a file anywhere here, open one, or paste"),
      text,
      h("div", { class: "row" }, button("Use these numbers", () => take(() => fromText(text.value))), button("Open a file …", () => file.click(), { class: "quiet" }), file,
        h("span", { class: "hint" }, "CSV, JSON or .npy; the first axis is the batch"))),
    loaded);
  host.append(panel);

  const take = loading => attempt(panel, async () => {
    panel.classList.add("busy");
    try {
      const dataset = await loading();
      loaded.textContent = `${dataset.title}: ${shapeOf(dataset)}, ${count(dataset.data.length)} numbers, ${dataset.datatype}.`;
      samples.querySelectorAll(".sample").forEach(card => card.setAttribute("aria-pressed", String(card.dataset.sample === dataset.sample)));
      await chosen(dataset);
    } finally {
      panel.classList.remove("busy");
    }
  });

  file.addEventListener("change", () => file.files[0] && take(() => fromFile(file.files[0])).then(() => (file.value = "")));
  text.addEventListener("paste", event => {
    const pasted = event.clipboardData.getData("text");
    if (pasted.length < LONGEST_SHOWN) return;
    event.preventDefault(); // a text field with a million numbers would make the page stall
    take(() => fromText(pasted));
  });
  panel.addEventListener("dragover", event => { event.preventDefault(); panel.classList.add("over"); });
  panel.addEventListener("dragleave", () => panel.classList.remove("over"));
  panel.addEventListener("drop", event => {
    event.preventDefault();
    panel.classList.remove("over");
    const [dropped] = event.dataTransfer.files;
    take(() => (dropped ? fromFile(dropped) : fromText(event.dataTransfer.getData("text"))));
  });
  return { take: name => take(() => sample(name)) };
}
