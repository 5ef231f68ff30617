// Choosing data: a bundled sample, a file that is dropped or opened, or pasted text. One line once there is some.

import { SAMPLES, fromFile, fromText, sample } from "./data.js";
import { h, button } from "./dom.js";
import { attempt } from "./problems.js";
import { count, shapeOf } from "./words.js";

const LONGEST_SHOWN = 100_000;

/** The data that was chosen last, in whatever view: it outlives the view, not the page. */
let kept = null;

/**
 * @param chosen called with a dataset
 * @returns `{take(sample), resume(fits)}`
 */
export function showSource(host, chosen) {
  const text = h("textarea", { name: "data", rows: 4, spellcheck: "false", "aria-label": "Numbers as CSV or JSON", placeholder: "[[1, 2], [3, 4], [5, 6]]   or   1,2⏎3,4⏎5,6" });
  const file = h("input", { type: "file", accept: ".csv,.json,.npy,.txt,.gz", class: "unseen", tabindex: "-1", "aria-label": "A file of numbers" });
  const loaded = h("span", { class: "loaded", role: "status" });
  const problems = h("div", { class: "problems" });
  const samples = h("div", { class: "samples" }, Object.entries(SAMPLES).map(([name, { title, about }]) =>
    button([h("strong", {}, title), h("span", { class: "hint" }, about)], () => take(() => sample(name)), { class: "sample", "data-sample": name })));
  const own = h("details", {}, h("summary", {}, "Or your own: drop a file anywhere here, open one, or paste"),
    text,
    h("div", { class: "row" }, button("Use these numbers", () => take(without => fromText(text.value, without))), button("Open a file …", () => file.click(), { class: "quiet" }), file,
      h("span", { class: "hint" }, "CSV, JSON or .npy; the first axis is the batch")));
  const panel = h("details", { class: "card source", open: true, "aria-label": "Data" },
    h("summary", {}, h("strong", {}, "Data"), loaded, h("span", { class: "hint change" }, "Change")),
    problems, samples, own);
  host.append(panel);

  const take = (loading, without = []) => attempt(panel, async () => {
    panel.classList.add("busy");
    try {
      await use(await loading(without));
    } catch (error) {
      if (error.columns) offerWithout(error, loading, without);
      throw error;
    } finally {
      panel.classList.remove("busy");
    }
  });

  async function use(dataset) {
    kept = dataset;
    loaded.textContent = [`${dataset.title}: ${shapeOf(dataset)}, ${count(dataset.data.length)} numbers, ${dataset.datatype}.`, ...dataset.notes ?? []].join(" ");
    samples.querySelectorAll(".sample").forEach(card => card.setAttribute("aria-pressed", String(card.dataset.sample === dataset.sample)));
    panel.querySelector(".offer")?.remove();
    await chosen(dataset);
    panel.open = false;
  }

  /** Columns of words, such as labels: the rest can be used. */
  function offerWithout({ columns }, loading, without) {
    panel.querySelector(".offer")?.remove();
    const which = columns.length === 1 ? `column ${columns[0] + 1}` : `columns ${columns.map(column => column + 1).join(" and ")}`;
    problems.after(h("p", { class: "offer row" }, button(`Leave out ${which}`, () => take(loading, [...without, ...columns]), { class: "primary small" })));
    panel.open = true;
  }

  file.addEventListener("change", () => {
    const [opened] = file.files;
    if (opened) take(without => fromFile(opened, without)).then(() => (file.value = ""));
  });
  text.addEventListener("paste", event => {
    const pasted = event.clipboardData.getData("text");
    if (pasted.length < LONGEST_SHOWN) return;
    event.preventDefault(); // a text field with a million numbers would make the page stall
    take(without => fromText(pasted, without));
  });
  panel.addEventListener("dragover", event => { event.preventDefault(); panel.classList.add("over"); });
  panel.addEventListener("dragleave", () => panel.classList.remove("over"));
  panel.addEventListener("drop", event => {
    event.preventDefault();
    panel.classList.remove("over");
    const [dropped] = event.dataTransfer.files;
    const pasted = event.dataTransfer.getData("text");
    take(without => (dropped ? fromFile(dropped, without) : fromText(pasted, without)));
  });
  return {
    take: name => take(() => sample(name)),
    /** Takes up the data of before, if there is some and it fits. */
    resume: fits => (kept && fits(kept) ? take(async () => kept) : undefined),
  };
}
