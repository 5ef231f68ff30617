// What went wrong as sentences, with the field marked that it is about.

import { h, say } from "./dom.js";

/** Takes away what `showProblem` showed. */
export function clearProblem(host) {
  host.querySelectorAll(".problem").forEach(shown => shown.remove());
  host.querySelectorAll("[aria-invalid]").forEach(control => {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-errormessage");
  });
}

/**
 * @param host where to say it: below the control of the problem's field, or else at the host's `.problems` or its start
 * @param error a Problem of api.js, or any error with a message
 */
export function showProblem(host, error) {
  if (error.name === "AbortError") return;
  clearProblem(host);
  if (error.status === 0) return; // the banner reports it
  const control = error.field ? host.querySelector(`[name="${CSS.escape(error.field)}"]`) : null;
  const sentence = h("div", { class: "problem", role: "alert", id: "problem" },
    error.title ? h("strong", {}, `${error.title}. `) : null,
    asSentence(error.detail || (error.title ? "" : error.message)));
  if (control) {
    control.closest("details")?.setAttribute("open", "");
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-errormessage", "problem");
    (control.closest(".field") ?? control.parentElement).append(sentence);
    control.focus();
  } else {
    (host.querySelector(".problems") ?? host).prepend(sentence);
  }
  say(sentence.textContent);
}

function asSentence(text) {
  if (!text) return "";
  const sentence = text[0].toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** Runs what may fail, and shows what did. */
export async function attempt(host, action) {
  clearProblem(host);
  try {
    return await action();
  } catch (error) {
    showProblem(host, error);
    return undefined;
  }
}
