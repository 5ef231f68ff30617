// What the key permits. A control with `data-needs` is disabled, with the reason, while the key lacks that scope.

const SCOPES = ["infer", "train", "admin"];
const WITHOUT_KEY = null;
let granted = WITHOUT_KEY;

/** @param scope as the service reports it; null where it requires no credentials */
export function grant(scope) {
  if (scope === granted) return;
  granted = scope;
  document.querySelectorAll("[data-needs]").forEach(mark);
  document.getElementById("scope").textContent = granted === "infer"
    ? "This key has the scope infer: it reads layers and infers. Controls that need more are disabled." : "";
  dispatchEvent(new Event("scopechange"));
}

export function grantedScope() {
  return granted;
}

export function startScopes() {
  new MutationObserver(changes => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.dataset.needs) mark(node);
        node.querySelectorAll("[data-needs]").forEach(mark);
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
}

function mark(control) {
  const { needs } = control.dataset;
  const lacks = granted !== WITHOUT_KEY && SCOPES.indexOf(granted) < SCOPES.indexOf(needs);
  if (lacks === control.hasAttribute("data-lacks")) return;
  control.toggleAttribute("data-lacks", lacks);
  control.title = lacks ? `Needs a key with the scope ${needs}.` : "";
  if (control.tagName === "A") disableLink(control, lacks);
  else control.disabled = lacks;
}

/** A link without an address cannot be followed. */
function disableLink(link, lacks) {
  if (lacks) {
    link.dataset.address = link.getAttribute("href");
    link.removeAttribute("href");
    link.setAttribute("role", "link");
    link.setAttribute("aria-disabled", "true");
  } else {
    link.setAttribute("href", link.dataset.address);
    link.removeAttribute("role");
    link.removeAttribute("aria-disabled");
  }
}
