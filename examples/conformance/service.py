"""A client of the service, NumPy arrays in and out. FP64 unless an array is float32."""
import itertools
import json
import urllib.error
import urllib.request

import numpy as np

NAMES = itertools.count()


class Refused(Exception):
    """A problem that the service returned."""


class Layer:
    """A layer of its own for one comparison."""

    def __init__(self, base, **knobs):
        self.base = base
        self.path = f"/api/v1/layers/conformance-{next(NAMES)}"
        try:
            self._call("DELETE", self.path)
        except Refused:
            pass
        vectors = {name: np.asarray(value).tolist() for name, value in knobs.items() if hasattr(value, "shape")}
        self._call("POST", "/api/v1/layers", {"name": self.path.rsplit("/", 1)[1], **knobs, **vectors})

    def train(self, x, mask=None):
        body = {"input": tensor(x)}
        if mask is not None:
            body["mask"] = {"shape": list(mask.shape), "data": mask.ravel().astype(int).tolist()}
        return self._pass("/forward-train", body)

    def infer(self, x):
        return self._pass("/forward-infer", {"input": tensor(x), "save_context": True})

    def backward(self, forward, grad_output):
        got = self._call("POST", self.path + "/backward",
                         {"context_id": forward["context_id"], "grad_output": tensor(grad_output)})
        return {name: array(value) for name, value in got.items() if value is not None}

    def state(self):
        got = self._call("GET", self.path)
        return {name: got.get(name) and array(got[name]) for name in ("running_mean", "running_var")}

    def delete(self):
        self._call("DELETE", self.path)

    def _pass(self, path, body):
        got = self._call("POST", self.path + path, body)
        return {name: array(value) if isinstance(value, (list, dict)) else value for name, value in got.items()}

    def _call(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method, headers={"Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.loads(response.read() or "null")
        except urllib.error.HTTPError as error:
            raise Refused(json.loads(error.read())["detail"]) from None


def tensor(x):
    x = np.asarray(x)
    datatype = "FP32" if x.dtype == np.float32 else "FP64"
    return {"shape": list(x.shape), "datatype": datatype, "data": x.ravel().tolist()}


def array(value):
    if isinstance(value, dict):
        return np.array(value["data"], np.float32 if value["datatype"] == "FP32" else np.float64).reshape(value["shape"])
    return np.array(value, np.float64)
