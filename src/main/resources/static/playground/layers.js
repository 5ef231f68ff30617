// The list of layers: live, the latest changed first, grouped by the prefix of their names, searched by name.

import { actions, perform } from "./api.js";
import { h, button } from "./dom.js";
import { ago, plural } from "./words.js";
import { clearProblem, showProblem } from "./problems.js";

const PAGE = 100;
const LONGEST_PAGE = 1000;
const SORTED = 1000; // so many layers are read to find the latest changed; beyond, by name
const EVERY_MS = 2000;

export function showLayers(host) {
  const search = h("input", { type: "search", placeholder: "Search by name", "aria-label": "Search layers by name", name: "search" });
  const list = h("ul", { class: "layers" });
  const note = h("p", { class: "hint", role: "status" });
  let wanted = PAGE;
  let current = null;
  let isInSight = true; // whether the list was scrolled to the current layer
  let running = null;
  let again = false;

  const more = button("Show more", () => { wanted += PAGE; return refresh(); }, { class: "quiet small", hidden: true });
  host.append(
    h("div", { class: "row spread" }, h("h2", {}, "Layers"), h("a", { class: "button primary small", href: "#/new", "data-needs": "train" }, "New layer")),
    h("p", {}, h("a", { class: "quiet-link", href: "#/import", "data-needs": "train" }, "Open a checkpoint")),
    h("div", { class: "problems" }), search, list, note, more);

  search.addEventListener("input", () => { wanted = PAGE; refresh(); });
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  setInterval(() => document.hidden || refresh(), EVERY_MS);

  /** One at a time; a call meanwhile is followed by one more. */
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
    const known = new Map([...list.querySelectorAll("[data-name]")].map(item => [item.dataset.name, item]));
    const focused = document.activeElement?.closest("[data-name]")?.dataset.name;
    list.replaceChildren(...grouped(found).map(({ prefix, layers }) => {
      const items = layers.map(layer => {
        const item = known.get(layer.name) ?? newItem(layer.name);
        fill(item, layer, layer.name === current, prefix);
        return item;
      });
      return prefix === "" ? items[0] : h("li", { class: "group" }, h("ul", { class: "layers", "aria-label": prefix }, items));
    }));
    if (focused) known.get(focused)?.firstChild.focus({ preventScroll: true });
    scroll();
    more.hidden = isAll;
    note.textContent = found.length > 0 ? "" : search.value ? "No layer has that in its name." : "No layers yet.";
    host.dataset.count = found.length;
  }

  function scroll() {
    const item = isInSight ? null : list.querySelector("[aria-current]");
    if (!item) return;
    isInSight = true;
    const { top, bottom } = item.getBoundingClientRect();
    const frame = host.getBoundingClientRect();
    if (top < frame.top || bottom > frame.bottom) host.scrollTop += top - frame.top - frame.height / 3;
    if (list.scrollWidth > list.clientWidth) list.scrollLeft = item.offsetLeft - list.offsetLeft;
  }

  return {
    refresh,
    select(name) {
      current = name;
      isInSight = false;
      list.querySelectorAll("[data-name]").forEach(item => mark(item, item.dataset.name === name));
      scroll();
    },
  };
}

/** The latest changed of the first layers whose name holds a text, and whether there are no others. */
async function find(text, wanted) {
  const found = [];
  let after = null;
  do {
    const { body } = await perform(actions.layers(LONGEST_PAGE, after), { quietly: true });
    found.push(...body.layers.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase())));
    after = body.next;
  } while (after !== null && found.length < Math.max(wanted, SORTED));
  found.sort((a, b) => (a.updated_at < b.updated_at ? 1 : a.updated_at > b.updated_at ? -1 : 0));
  return { found: found.slice(0, wanted), isAll: after === null && found.length <= wanted };
}

/** Layers whose names have the same words up to the last dot, together at the place of their latest; others alone. */
function grouped(layers) {
  const groups = new Map();
  for (const layer of layers) {
    const prefix = layer.name.slice(0, layer.name.lastIndexOf(".") + 1);
    const key = prefix === "" ? `/${layer.name}` : prefix; // no name has a slash
    if (!groups.has(key)) groups.set(key, { prefix, layers: [] });
    groups.get(key).layers.push(layer);
  }
  return [...groups.values()].map(group => (group.layers.length > 1 ? group : { ...group, prefix: "" }));
}

function newItem(name) {
  return h("li", { "data-name": name }, h("a", { href: `#/layers/${name}` },
    h("span", { class: "layer-name" }), h("span", { class: "hint" }), h("span", { class: "hint updated" })));
}

function fill(item, layer, isCurrent, prefix) {
  const [name, facts, updated] = item.firstChild.children;
  if (name.dataset.prefix !== prefix) {
    name.dataset.prefix = prefix;
    name.replaceChildren(prefix === "" ? "" : h("span", { class: "prefix" }, breakable(prefix)), ...breakable(layer.name.slice(prefix.length)));
  }
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

/** A name that may continue on the next line after a dot, hyphen or underscore. */
function breakable(name) {
  return name.split(/(?<=[._-])/).flatMap((part, i) => (i === 0 ? [part] : [h("wbr"), part]));
}

function mark(item, isCurrent) {
  if (isCurrent) item.firstChild.setAttribute("aria-current", "page");
  else item.firstChild.removeAttribute("aria-current");
}
