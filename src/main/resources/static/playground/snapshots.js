// Snapshots of a layer, where the service keeps them: take one, go back to one.

import { offers, perform } from "./api.js";
import { h, button } from "./dom.js";
import { attempt } from "./problems.js";
import { ago } from "./words.js";

export function showSnapshots(host, name, signal, changed) {
  const panel = h("section", { class: "card", hidden: true, "aria-label": "Snapshots" });
  const list = h("ul", { class: "snapshots" });
  const path = `/layers/${name}/snapshots`;

  const take = button("Take a snapshot", () => attempt(panel, async () => {
    await perform({ title: `Snapshot of ${name}`, method: "POST", path, json: {} });
    await refresh();
  }), { class: "small" });
  panel.append(h("div", { class: "row spread" }, h("h2", {}, "Snapshots"), take), h("div", { class: "problems" }), list);
  host.append(panel);

  const restore = id => attempt(panel, async () => {
    await perform({ title: `Restore ${name} to ${id}`, method: "POST", path: `${path}/${id}/restore` });
    await changed();
  });

  async function refresh() {
    try {
      if (!(await offers("/layers/{name}/snapshots"))) return;
      const { body } = await perform({ title: `Snapshots of ${name}`, method: "GET", path }, { quietly: true, signal });
      const items = (body.snapshots ?? []).map(snapshot => {
        const id = snapshot.id ?? snapshot.name ?? snapshot.snapshot_id;
        return h("li", { class: "row spread" },
          h("span", {}, h("strong", {}, id), h("span", { class: "hint" }, ` version ${snapshot.version}, ${ago(snapshot.created_at)}`)),
          button("Restore", () => restore(id), { class: "quiet small" }));
      });
      list.replaceChildren(...(items.length > 0 ? items : [h("li", { class: "hint" }, "None yet. One costs a few numbers per channel.")]));
      panel.hidden = false;
    } catch {
      panel.hidden = true;
    }
  }

  return { refresh };
}
