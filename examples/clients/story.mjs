// The five-step story in JavaScript: node story.mjs [http://127.0.0.1:8080]
//
// It runs in a browser too, where it has no arguments and asks the page's own service: open the service's page and paste
// it into the console, or import it from a page that the service's own origin serves (CORS is off).
const inNode = typeof process !== "undefined";
const root = inNode ? (process.argv[2] ?? "http://127.0.0.1:8080") : location.origin;
const key = inNode ? process.env.BATCHNORM_KEY : undefined;

async function call(method, path = "", body = undefined) {
  const headers = { "Content-Type": "application/json" };
  if (key) headers.Authorization = `Bearer ${key}`;
  const answer = await fetch(`${root}/api/v1/layers${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(json?.detail ?? answer.statusText);
  return json;
}

function show(step, name, values) {
  console.log(`${step}: ${name} ${values.flat().map((v) => v.toFixed(9)).join(" ")}`);
}

const x = [[1, 2], [3, 4], [5, 6]];
let layer = await call("POST", "", { name: "story-javascript", convention: "pytorch", features: 2 });
console.log("1 create: features " + layer.features);

const step = await call("POST", "/story-javascript/forward-train", { input: x });
show("2 forward-train", "output", step.output);
show("2 forward-train", "running_mean", step.running_mean);
show("2 forward-train", "running_var", step.running_var);

const dy = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]];
const grads = await call("POST", "/story-javascript/backward", { context_id: step.context_id, grad_output: dy });
show("3 backward", "grad_gamma", grads.grad_gamma);
show("3 backward", "grad_beta", grads.grad_beta);

layer = await call("PATCH", "/story-javascript", {
  gamma: layer.gamma.map((g, c) => g - 0.1 * grads.grad_gamma[c]),
  beta: layer.beta.map((b, c) => b - 0.1 * grads.grad_beta[c]),
});
show("4 update", "gamma", layer.gamma);
show("4 update", "beta", layer.beta);

show("5 forward-infer", "output", (await call("POST", "/story-javascript/forward-infer", { input: x })).output);
await call("DELETE", "/story-javascript");
