#!/usr/bin/env python3
"""What one would write instead: batch norm over HTTP in Python, with Starlette, orjson and PyTorch, as lean as it gets.

    python3 examples/benchmarks/torch_service.py [--port 9101]

POST /{layer}/{train|infer|backward} with {"shape": [...], "data": [...]} or a .npy body; the answer is of the same kind.
Nothing is checked, nothing stored, one process, which is how such services start: the comparison is meant to favour it.
Needs torch, numpy, starlette, uvicorn (with uvloop and httptools, if it can) and orjson.
"""
import argparse
import io

import numpy as np
import orjson
import torch
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

NPY = "application/x-npy"
EPSILON, MOMENTUM = 1e-5, 0.1
layers = {}


def layer_of(name, features):
    if name not in layers:
        layers[name] = {"gamma": torch.ones(features), "beta": torch.zeros(features),
                        "mean": torch.zeros(features), "var": torch.ones(features), "kept": None}
    return layers[name]


def train(layer, x):
    y, mean, inverse = torch.native_batch_norm(
        x, layer["gamma"], layer["beta"], layer["mean"], layer["var"], True, MOMENTUM, EPSILON)
    layer["kept"] = x, mean, inverse
    return {"output": y}


def infer(layer, x):
    return {"output": torch.native_batch_norm(
        x, layer["gamma"], layer["beta"], layer["mean"], layer["var"], False, MOMENTUM, EPSILON)[0]}


def backward(layer, dy):
    x, mean, inverse = layer["kept"]
    dx, dgamma, dbeta = torch.ops.aten.native_batch_norm_backward(
        dy, x, layer["gamma"], layer["mean"], layer["var"], mean, inverse, True, EPSILON, [True, True, True])
    return {"grad_input": dx, "grad_gamma": dgamma, "grad_beta": dbeta}


OPERATIONS = {"train": train, "infer": infer, "backward": backward}


async def answer(request):
    body, kind = await request.body(), request.headers["content-type"]
    if kind == NPY:
        tensor = torch.from_numpy(np.load(io.BytesIO(body)))
    else:
        document = orjson.loads(body)
        tensor = torch.from_numpy(np.array(document["data"], np.float32).reshape(document["shape"]))
    layer = layer_of(request.path_params["layer"], tensor.shape[1])
    results = OPERATIONS[request.path_params["operation"]](layer, tensor)
    if kind == NPY:
        out = io.BytesIO()
        np.save(out, next(iter(results.values())).numpy())
        return Response(out.getvalue(), media_type=NPY)
    document = {name: {"shape": list(t.shape), "data": t.numpy().reshape(-1)} for name, t in results.items()}
    return Response(orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=9101)
    torch.set_grad_enabled(False)
    uvicorn.run(Starlette(routes=[Route("/{layer}/{operation}", answer, methods=["POST"])]),
                host="127.0.0.1", port=arguments.parse_args().port, log_level="error", access_log=False,
                timeout_keep_alive=600)
