// Whether the service responds: one banner for every view. The list of layers is the request that is repeated.

let lost = false;

/** Notes that a request had a response, or that the network failed. Fires `serviceback` on the window. */
export function responded(yes) {
  if (lost !== yes) return;
  lost = !yes;
  document.getElementById("lost").textContent = lost ? "The service does not respond. This page keeps trying." : "";
  if (!lost) dispatchEvent(new Event("serviceback"));
}

export function isLost() {
  return lost;
}
