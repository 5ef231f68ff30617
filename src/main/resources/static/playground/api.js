// The only way from this page to the service: its public API, as any client calls it.
//
// An action is {title, method, path, json?, ifMatch?}, {…, upload: {file, type}} or {…, tensor: {field, array}, fields?}:
// tensors travel as .npy and come back as .npz, without a detour through text. What was done is told to `record`, see actions.js.

import { record } from "./actions.js";
import { responded } from "./connection.js";
import { askForKey, key, wasDeclined } from "./key.js";
import { request } from "./request.js";
import { grant } from "./scope.js";
import { Asked } from "./workers.js";

const tensors = new Asked(new URL("./request.worker.js", import.meta.url));

export const API = new URL("api/v1", document.baseURI).href;

/** What the service, or the network, did not do: a problem of RFC 9457 as an exception. */
export class Problem extends Error {
  constructor(status, { type = "", title = "The service refused", detail = "", field = null } = {}) {
    super(detail || title);
    Object.assign(this, { status, title, detail, field, slug: type.split("/").pop() });
  }
}

/**
 * @param signal aborts it
 * @param quietly not recorded, and no dialog for a key once it was declined
 * @param ifNoneMatch an ETag; the answer's body is null when the layer still has it
 */
export async function perform(action, { signal, quietly = false, ifNoneMatch } = {}) {
  const started = performance.now();
  const answer = await ask(action, signal, quietly, ifNoneMatch);
  if (!quietly) record(action.title, [action], { status: answer.status, milliseconds: performance.now() - started });
  if (answer.status >= 400) throw new Problem(answer.status, answer.body ?? {});
  return answer;
}

async function ask(action, signal, quietly, ifNoneMatch) {
  for (;;) {
    const used = key();
    const answer = await send(action, signal, ifNoneMatch);
    responded(true);
    if (answer.status < 400 && used === key()) grant(answer.scope);
    if (answer.status !== 401 || (quietly && wasDeclined())) return answer;
    if (!(await askForKey(answer.body?.detail))) return answer;
  }
}

async function send({ method, path, json, tensor, fields, upload, ifMatch }, signal, ifNoneMatch) {
  const headers = { Accept: tensor ? "application/x-npz, application/problem+json" : "application/json" };
  if (key()) headers.Authorization = `Bearer ${key()}`;
  if (ifNoneMatch) headers["If-None-Match"] = ifNoneMatch;
  if (ifMatch) headers["If-Match"] = ifMatch;
  if (upload) headers["Content-Type"] = upload.type;
  if (json) headers["Content-Type"] = "application/json";
  try {
    if (!tensor) return await request({ url: API + path, method, headers, json, file: upload?.file }, signal);
    headers["Content-Type"] = "application/x-npy";
    const data = tensor.array.data.slice(); // the page keeps its own
    const url = `${API}${path}?${new URLSearchParams(fields)}`;
    return await tensors.ask({ url, method, headers, array: { ...tensor.array, data } }, [data.buffer], signal);
  } catch (error) {
    if (error.name !== "TypeError") throw error; // which is how fetch calls a network that fails
    responded(false);
    throw new Problem(0, { title: "The service does not respond" });
  }
}

/** What the page knows of the API: every operation it uses, as an action. */
export const actions = {
  conventions: () => ({ title: "List conventions", method: "GET", path: "/conventions" }),
  layers: (limit, after) => ({ title: "List layers", method: "GET", path: `/layers?limit=${limit}${after ? `&after=${after}` : ""}` }),
  layer: name => ({ title: `Read ${name}`, method: "GET", path: `/layers/${name}` }),
  create: layer => ({ title: `Create ${layer.name}`, method: "POST", path: "/layers", json: layer }),
  remove: name => ({ title: `Delete ${name}`, method: "DELETE", path: `/layers/${name}` }),
  patch: (name, json, ifMatch) => ({ title: `Change ${name}`, method: "PATCH", path: `/layers/${name}`, json, ifMatch }),
  inspect: file => ({ title: `Inspect ${file.name}`, method: "POST", path: "/checkpoints/inspect", upload: { file, type: "application/octet-stream" } }),
  importLayers: (file, query) => ({ title: `Import ${file.name}`, method: "POST", path: `/layers/import${query}`, upload: { file, type: "application/octet-stream" } }),
  reset: name => ({ title: `Reset ${name}`, method: "POST", path: `/layers/${name}/reset` }),
  train: (name, array, fields = {}) => ({
    title: `Train step on ${name}`, method: "POST", path: `/layers/${name}/forward-train`, tensor: { field: "input", array }, fields,
  }),
  infer: (name, array, fields = {}) => ({
    title: `Infer with ${name}`, method: "POST", path: `/layers/${name}/forward-infer`, tensor: { field: "input", array }, fields,
  }),
  backward: (name, contextId, array) => ({
    title: `Backward through ${name}`, method: "POST", path: `/layers/${name}/backward`,
    tensor: { field: "grad_output", array }, fields: { context_id: contextId },
  }),
  explain: batch => ({ title: "Explain a batch", method: "POST", path: "/explain", json: batch }),
  diagnose: evidence => ({ title: "Diagnose an implementation", method: "POST", path: "/diagnose", json: evidence }),
  checkGradients: batch => ({ title: "Check gradients", method: "POST", path: "/gradient-check", json: batch }),
};

/** The numbers of a JSON vector; those that are not finite come as words. */
export function vector(numbers) {
  return numbers === null || numbers === undefined ? null : Float64Array.from(numbers, Number);
}
