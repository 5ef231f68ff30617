// Checks a batch normalization against golden vectors. Node 18 or newer, no library.
//
//     node check.mjs http://localhost:8080 my_batchnorm.mjs pytorch [FP64|FP32] [--strict]
//
// The module exports train(x, gamma, beta, runningMean, runningVar, batch) -> [y, runningMean, runningVar],
// infer(x, gamma, beta, runningMean, runningVar) -> y, and may export backward(x, gradOutput, gamma) ->
// [gradInput, gradGamma, gradBeta]. x is a nested array; `export const RANKS = [2]` limits it to rows. Exit status 1
// after an error beyond the tolerance.

import { pathToFileURL } from "node:url";

const [base, file, convention, datatype = "FP64"] = process.argv.slice(2).filter(argument => argument !== "--strict");
const bounds = process.argv.includes("--strict") ? "tolerance" : "working_tolerance";
const mine = await import(pathToFileURL(file));
const response = await fetch(`${base}/api/v1/vectors?convention=${convention}&datatype=${datatype}`);
if (!response.ok) throw new Error(await response.text());
const vectors = await response.json();

const flat = value => (value?.data ?? value ?? []).flat(Infinity);

function nested({ shape, data }) {
  for (const size of shape.slice(1).reverse())
    data = Array.from({ length: data.length / size }, (_, i) => data.slice(i * size, (i + 1) * size));
  return data;
}

function results(step, { gamma, beta }) {
  const x = nested(step.input);
  const before = [step.running_mean_before, step.running_var_before];
  if (step.mode === "infer") return [["output", "forward", mine.infer(x, gamma, beta, ...before)]];
  const [y, mean, variance] = mine.train(x, gamma, beta, ...before, step.num_batches_tracked ?? 1);
  const got = [["output", "forward", y], ["running_mean_after", "state", mean], ["running_var_after", "state", variance]];
  if (mine.backward) {
    const gradients = mine.backward(x, nested(step.grad_output), gamma);
    ["grad_input", "grad_gamma", "grad_beta"].forEach((name, i) => got.push([name, "backward", gradients[i]]));
  }
  return got;
}

let [checked, failed] = [0, 0];
for (const each of vectors.cases) {
  for (const [number, step] of each.steps.entries()) {
    if (!(mine.RANKS ?? [2, 3, 4]).includes(step.input.shape.length)) continue;
    for (const [name, kind, value] of results(step, each)) {
      const [got, expected] = [flat(value), flat(step[name])];
      if (expected.length === 0) continue; // the convention tracks no running statistics
      const scale = name === "grad_input" ? step.grad_input_scale : Math.max(...expected.map(Math.abs)) || 1;
      const errors = expected.map((e, i) => Number.isFinite(got[i]) ? Math.abs(got[i] - e) / scale : Infinity);
      const error = got.length === expected.length ? Math.max(...errors) : Infinity;
      checked += 1;
      if (error <= each[bounds][kind]) continue;
      failed += 1;
      console.log(`${each.name} step ${number} (${step.mode}): ${name} is off by ${error.toPrecision(2)}, allowed ${each[bounds][kind].toPrecision(2)}`);
    }
  }
}
console.log(`${checked} checked, ${failed} failed: ${convention} ${datatype}, vectors ${vectors.vectors_version} ${vectors.digest.slice(0, 12)}`);
process.exitCode = failed || !checked ? 1 : 0;
