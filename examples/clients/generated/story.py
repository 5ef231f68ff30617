"""The five-step story with the Python client that OpenAPI Generator makes from docs/openapi.json."""
import sys
from batchnorm_client import (ApiClient, BackwardRequest, Configuration, CreateLayerRequest, ForwardInferRequest, ForwardTrainRequest,
                              LayerPatch, LayersApi, ForwardAndBackwardApi)


def show(step, name, values):
    flat = [v for row in values for v in (row if isinstance(row, list) else [row])]
    print(f"{step}: {name}", *(f"{v:.9f}" for v in flat))


with ApiClient(Configuration(host=sys.argv[1])) as client:
    layers, passes = LayersApi(client), ForwardAndBackwardApi(client)
    x = [[1, 2], [3, 4], [5, 6]]
    layer = layers.create_layer(CreateLayerRequest(name="story-generated", convention="pytorch", features=2))
    print("1 create: features", layer.features)

    step = passes.forward_train("story-generated", ForwardTrainRequest(input=x))
    show("2 forward-train", "output", step.output)
    show("2 forward-train", "running_mean", step.running_mean)
    show("2 forward-train", "running_var", step.running_var)

    dy = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    grads = passes.backward("story-generated", BackwardRequest(context_id=step.context_id, grad_output=dy))
    show("3 backward", "grad_gamma", grads.grad_gamma)
    show("3 backward", "grad_beta", grads.grad_beta)

    layer = layers.patch_layer("story-generated", LayerPatch(
        gamma=[g - 0.1 * d for g, d in zip(layer.gamma, grads.grad_gamma)],
        beta=[b - 0.1 * d for b, d in zip(layer.beta, grads.grad_beta)]))
    show("4 update", "gamma", layer.gamma)
    show("4 update", "beta", layer.beta)

    show("5 forward-infer", "output", passes.forward_infer("story-generated", ForwardInferRequest(input=x)).output)
    layers.delete_layer("story-generated")
