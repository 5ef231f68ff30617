// Chooses the view by the address: `#/` inside a batch, `#/new`, `#/import`, `#/compare`, `#/check`, `#/layers/NAME`, `#/layers/NAME/try`.

import { showActions } from "./actions.js";
import { showCheck } from "./check.js";
import { showCompare } from "./compare.js";
import { isLost } from "./connection.js";
import { showCreate } from "./create.js";
import { importDropped, showImport } from "./import.js";
import { showInside } from "./inside.js";
import { startKey } from "./key.js";
import { showLayer } from "./layer.js";
import { showLayers } from "./layers.js";
import { startScopes } from "./scope.js";
import { startTheme } from "./theme.js";
import { showTry } from "./try.js";

const main = document.getElementById("main");
startScopes();
startTheme(document.getElementById("theme"));
showActions(document.getElementById("actions"));
const layers = showLayers(document.getElementById("layers"));
let end = () => {};
let turn = 0;
let isWhole = false; // whether the view has loaded, and holds state that a visitor would miss

async function show() {
  const mine = ++turn;
  isWhole = false;
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [kind, name, part] = path.split("/");
  end();
  end = () => {};
  main.replaceChildren();
  const host = document.createElement("div");
  host.className = "view";
  main.append(host);
  document.body.dataset.view = kind || "inside";
  document.title = name ? `${name} · Batch normalization` : "Batch normalization, to look at";
  layers.select(name ?? null);
  const done = await view(host, kind, name, part, new URLSearchParams(query));
  if (mine !== turn) return done?.();
  end = done ?? end;
  isWhole = !isLost() && (kind === "new" || kind === "import" || kind === "compare" || part === "try");
}

function view(host, kind, name, part, query) {
  if (kind === "new") return showCreate(host, { features: query.get("features"), name: query.get("name") }, layer => created(layer, query.get("then")));
  if (kind === "import") return showImport(host, layers.refresh);
  if (kind === "compare") return showCompare(host);
  if (kind === "check") return showCheck(host, query);
  if (kind === "layers" && part === "try") return showTry(host, name, query.get("sample"));
  if (kind === "layers" && name) return showLayer(host, name, { deleted: () => { layers.refresh(); location.hash = "#/"; } });
  return showInside(host, query, (layer, sample) => { layers.refresh(); location.hash = `#/layers/${layer}/try?sample=${sample}`; });
}

/** @param then "try" for the view of data through the layer */
function created(name, then) {
  layers.refresh();
  location.hash = then === "try" ? `#/layers/${name}/try` : `#/layers/${name}`;
}

/** After another key: every view and the list may show something else. */
function showAgain() {
  layers.refresh();
  show();
}

startKey(document.getElementById("key"), showAgain);
document.querySelector(".skip").addEventListener("click", event => {
  event.preventDefault(); // an address of its own would be another view
  main.focus();
  main.scrollIntoView();
});
importDropped();
addEventListener("serviceback", () => isWhole || show());
addEventListener("hashchange", () => {
  show();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
});
addEventListener("keydown", event => {
  if (event.key === "/" && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    document.querySelector("#layers input").focus();
  }
});
layers.refresh();
show();
