// One HTTP request and its answer, on the page or in a worker.

import { decodeNpz, encodeNpy } from "./npy.js";

/**
 * @param array travels as .npy, and a file as it is, in place of `json`
 * @returns `{status, etag, body}`, the body a JSON value, the arrays of an .npz, or null
 */
export async function request({ url, method, headers, json, array, file }, signal) {
  const body = file ?? (array ? encodeNpy(array) : json && JSON.stringify(json));
  const answer = await fetch(url, { method, headers, body, signal, cache: "no-store" });
  return { status: answer.status, etag: answer.headers.get("ETag"), scope: answer.headers.get("Granted-Scope"), body: await bodyOf(answer) };
}

async function bodyOf(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (type.startsWith("application/x-npz")) return decodeNpz(new Uint8Array(await answer.arrayBuffer()));
  return /json/.test(type) ? answer.json() : null;
}
