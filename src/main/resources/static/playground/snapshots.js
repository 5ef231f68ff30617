// Snapshots of a layer: take one, see what has changed since, go back to it.

import { perform } from "./api.js";
import { h, button } from "./dom.js";
import { attempt } from "./problems.js";
import { ago, number, plural } from "./words.js";

/** @param changed called when the layer is another */
export function showSnapshots(host, name, signal, changed) {
  const list = h("ul", { class: "snapshots" });
  const label = h("input", { name: "label", placeholder: "a label, if you like", "aria-label": "Label of the snapshot", maxlength: 100 });
  const path = `/layers/${name}/snapshots`;
  const notes = new Map(); // by a snapshot's id: what has changed since, once asked; outlives the list's items
  const act = action => attempt(panel, async () => {
    await action();
    await refresh();
  });
  const take = button("Take a snapshot", () => act(async () => {
    await perform({ title: `Take a snapshot of ${name}`, method: "POST", path, json: label.value ? { label: label.value } : {} });
    label.value = "";
  }), { "data-needs": "train" });
  const panel = h("section", { class: "card", hidden: true, "aria-label": "Snapshots" },
    h("h2", {}, "Snapshots"), h("div", { class: "problems" }), list, h("div", { class: "row fill" }, label, take));
  host.append(panel);

  function item({ id, label: text, taken_at, num_batches_tracked }) {
    const restore = () => act(async () => {
      await perform({ title: `Restore snapshot ${id} of ${name}`, method: "POST", path: `${path}/${id}/restore` });
      await changed();
    });
    const compare = () => attempt(panel, () => compareWith(id));
    const remove = () => act(() => perform({ title: `Delete snapshot ${id} of ${name}`, method: "DELETE", path: `${path}/${id}` }));
    return h("li", {},
      h("div", { class: "row spread" },
        h("span", {}, h("strong", {}, text || `Snapshot ${id}`), h("span", { class: "hint" }, ` ${plural(num_batches_tracked, "batch", "batches")}, ${ago(taken_at)}`)),
        h("span", { class: "row" }, button("What changed", compare, { class: "quiet small" }), button("Restore", restore, { class: "small", "data-needs": "train" }), button("Delete", remove, { class: "quiet small", "data-needs": "admin" }))),
      note(id));
  }

  function note(id) {
    if (!notes.has(id)) notes.set(id, h("span", { class: "hint" }));
    return notes.get(id);
  }

  async function compareWith(id, how) {
    const { body } = await perform({ title: `Compare snapshot ${id} of ${name}`, method: "GET", path: `${path}/compare?from=${id}` }, how);
    note(id).textContent = differences(body);
  }

  async function refresh() {
    try {
      const { body } = await perform({ title: `Snapshots of ${name}`, method: "GET", path }, { quietly: true, signal });
      list.replaceChildren(...(body.snapshots.length > 0 ? body.snapshots.map(item) : [h("li", { class: "hint" }, "None yet. One keeps all that the layer knows, to come back to.")]));
      panel.hidden = false;
      const asked = body.snapshots.filter(({ id }) => note(id).textContent);
      await Promise.allSettled(asked.map(({ id }) => compareWith(id, { quietly: true, signal }))); // one that is gone by now keeps its words
    } catch {
      panel.hidden = true; // the layer's own view says what is wrong
    }
  }

  return { refresh };
}

function differences({ vectors, knobs }) {
  const changed = vectors.filter(({ max_difference }) => max_difference !== 0);
  const parts = changed.map(({ vector, max_difference, channel }) => `${vector} by up to ${number(Number(max_difference))} (channel ${channel})`);
  if (knobs.length > 0) parts.push(plural(knobs.length, "knob"));
  return parts.length === 0 ? "Nothing has changed since." : `Changed since: ${parts.join(", ")}.`;
}
