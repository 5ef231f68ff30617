// The list of layers: live, searched by name, a page at a time.

import { actions, perform } from "./api.js";
import { h, button } from "./dom.js";
import { ago, plural } from "./words.js";
import { clearProblem, showProblem } from "./problems.js";

const PAGE = 100;
const LONGEST_PAGE = 1000;
const EVERY_MS = 2000;

export function showLayers(host) {
  const search = h("input", { type: "search", placeholder: "Search by name", "aria-label": "Search layers by name", name: "search" });
  const list = h("ul", { class: "layers" });
  const note = h("p", { class: "hint", role: "status" });
  let wanted = PAGE;
  let current = null;
  let running = null;
  let again = false;

  const more = button("Show more", () => { wanted += PAGE; return refresh(); }, { class: "quiet small", hidden: true });
  host.append(
    h("div", { class: "row spread" }, h("h2", {}, "Layers"), h("a", { class: "button primary small", href: "#/new" }, "New layer")),
    h("div", { class: "problems" }), search, list, note, more);

  search.addEventListener("input", () => { wanted = PAGE; refresh(); });
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  setInterval(() => document.hidden || refresh(), EVERY_MS);

  /** One at a time; whoever asks meanwhile gets one more. */
  function refresh() {
    if (running) {
      again = true;
      return running;
    }
    running = load().finally(() => {
      running = null;
      if (again) {
        again = false;
        refresh();
      }
    });
    return running;
  }

  async function load() {
    try {
      const { found, isAll } = await find(search.value.trim(), wanted);
      clearProblem(host);
      render(found, isAll);
    } catch (error) {
      showProblem(host, error);
    }
  }

  function render(found, isAll) {
    const known = new Map([...list.children].map(item => [item.dataset.name, item]));
    list.replaceChildren(...found.map(layer => {
      const item = known.get(layer.name) ?? newItem(layer.name);
      fill(item, layer, layer.name === current);
      return item;
    }));
    more.hidden = isAll;
    note.textContent = found.length > 0 ? "" : search.value ? "No layer has that in its name." : "No layers yet.";
    host.dataset.count = found.length;
  }

  return {
    refresh,
    select(name) {
      current = name;
      for (const item of list.children) mark(item, item.dataset.name === name);
    },
  };
}

/** The first so many layers whose name holds a text, and whether there are no others. */
async function find(text, wanted) {
  const found = [];
  let after = null;
  do {
    const { body } = await perform(actions.layers(text || wanted > PAGE ? LONGEST_PAGE : PAGE, after), { quietly: true });
    found.push(...body.layers.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase())));
    after = body.next;
  } while (after !== null && found.length < wanted);
  return { found: found.slice(0, wanted), isAll: after === null && found.length <= wanted };
}

function newItem(name) {
  return h("li", { "data-name": name }, h("a", { href: `#/layers/${name}` },
    h("span", { class: "layer-name" }, name), h("span", { class: "hint" }), h("span", { class: "hint updated" })));
}

function fill(item, layer, isCurrent) {
  const [, facts, updated] = item.firstChild.children;
  const features = layer.features === null ? "channels undecided" : plural(layer.features, "channel");
  facts.textContent = `${layer.convention} · ${features}`;
  updated.textContent = `${plural(layer.num_batches_tracked, "batch", "batches")} · ${ago(layer.updated_at)}`;
  if (item.dataset.version && item.dataset.version !== String(layer.version)) {
    item.classList.remove("changed");
    void item.offsetWidth; // begins the animation anew
    item.classList.add("changed");
  }
  item.dataset.version = layer.version;
  mark(item, isCurrent);
}

function mark(item, isCurrent) {
  if (isCurrent) item.firstChild.setAttribute("aria-current", "page");
  else item.firstChild.removeAttribute("aria-current");
}
