// The five-step story with the TypeScript client that OpenAPI Generator makes from docs/openapi.json.
import { Configuration, LayersApi, ForwardAndBackwardApi } from "./client/index.js";

declare const process: { argv: string[] };
const configuration = new Configuration({ basePath: process.argv[2] });
const layers = new LayersApi(configuration);
const passes = new ForwardAndBackwardApi(configuration);
const name = "story-generated";

function show(step: string, what: string, values: number[] | number[][] | null | undefined): void {
  console.log(`${step}: ${what} ${(values ?? []).flat().map((v) => v.toFixed(9)).join(" ")}`);
}

const x = [[1, 2], [3, 4], [5, 6]];
let layer = await layers.createLayer({ createLayerRequest: { name, convention: "pytorch", features: 2 } });
console.log("1 create: features " + layer.features);

const step = await passes.forwardTrain({ name, forwardTrainRequest: { input: x } });
show("2 forward-train", "output", step.output);
show("2 forward-train", "running_mean", step.runningMean);
show("2 forward-train", "running_var", step.runningVar);

const gradOutput = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]];
const grads = await passes.backward({ name, backwardRequest: { contextId: step.contextId!, gradOutput } });
show("3 backward", "grad_gamma", grads.gradGamma);
show("3 backward", "grad_beta", grads.gradBeta);

layer = await layers.patchLayer({
  name,
  layerPatch: {
    gamma: layer.gamma!.map((g, c) => g - 0.1 * grads.gradGamma![c]!),
    beta: layer.beta!.map((b, c) => b - 0.1 * grads.gradBeta![c]!),
  },
});
show("4 update", "gamma", layer.gamma);
show("4 update", "beta", layer.beta);

const inferred = await passes.forwardInfer({ name, forwardInferRequest: { input: x } });
show("5 forward-infer", "output", inferred.output);
await layers.deleteLayer({ name });
