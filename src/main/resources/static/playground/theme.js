// Light, dark, or as the system has it; remembered by the browser.

const STORED = "batchnorm-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const changed = new Set();

export function startTheme(button) {
  apply(localStorage.getItem(STORED) ?? "auto", button);
  button.addEventListener("click", () => apply(NEXT[localStorage.getItem(STORED) ?? "auto"], button));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
}

function apply(theme, button) {
  localStorage.setItem(STORED, theme);
  document.documentElement.dataset.theme = theme;
  button.textContent = { auto: "◐ Auto", light: "○ Light", dark: "● Dark" }[theme];
  button.setAttribute("aria-label", `Colours: ${theme}. Change to ${NEXT[theme]}.`);
  tell();
}

function tell() {
  resolved.clear();
  changed.forEach(listener => listener());
}

/** Calls back when colours change; the answer ends that. */
export function onColours(listener) {
  changed.add(listener);
  return () => changed.delete(listener);
}

const probe = document.createElement("span");
const resolved = new Map();

/** A colour of base.css by its custom property, as canvas understands it. */
export function colour(property) {
  if (!resolved.has(property)) {
    if (!probe.isConnected) {
      probe.hidden = true;
      document.body.append(probe);
    }
    probe.style.color = `var(${property})`;
    resolved.set(property, getComputedStyle(probe).color);
  }
  return resolved.get(property);
}
