"""Layers of the service, with NumPy arrays in and out."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, Sequence
from urllib.parse import quote

import numpy as np

from .arrays import Array, from_raw, from_safetensors, plain, to_npz, to_safetensors
from .transport import Response, Transport

_JSON = "application/json"
_RAW = "application/octet-stream"
_NPZ = "application/x-npz"
_SAFETENSORS = "application/vnd.safetensors"


@dataclass(frozen=True)
class Forward:
    """The result of a forward pass.

    `context_id` is what `backward` takes, `statistics` the arrays and numbers beside the output, if they were requested.
    """

    output: Array
    context_id: str | None
    version: int | None
    statistics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Gradients:
    """The gradients of a backward pass; None for parameters that the layer does not have, or that were not requested."""

    grad_input: Array
    grad_gamma: np.ndarray | None = None
    grad_beta: np.ndarray | None = None


class Client:
    """A connection to the service.

    Every method raises `BatchNormError` for a rejected request, and `ServiceUnreachable` where no response came. `timeout`
    is in seconds. A request is repeated up to `retries` times where that cannot count a step twice: training steps have an
    idempotency key. Threads may share a client.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", *, api_key: str | None = None, timeout: float = 30.0,
                 retries: int = 4) -> None:
        self._transport = Transport(url, api_key or os.environ.get("BATCHNORM_KEY"), timeout, retries)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def create(self, name: str, **definition: Any) -> Layer:
        """Creates a layer: `convention`, `features` and knobs, as POST /layers takes them."""
        self._send("POST", "/layers", {"name": name, **definition})
        return self.layer(name)

    def layer(self, name: str) -> Layer:
        """Returns a handle of a layer, without a request."""
        return Layer(self, name)

    def layers(self) -> Iterator[dict[str, Any]]:
        """Yields a summary of each layer, by name."""
        after = None
        while True:
            page = self._get("/layers", {"limit": 100, "after": after})
            yield from page["layers"]
            after = page.get("next")
            if after is None:
                return

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Sends a JSON request to any operation below /api/v1: `call("POST", "/diagnose", {"input": x, "output": y})`."""
        return self._send(method, path, body, query=query, repeatable=method == "GET")

    def import_layers(self, file: str | os.PathLike[str] | bytes, **options: Any) -> dict[str, Any]:
        """Creates a layer from each batch normalization of a model file. Options: `name`, `prefix`, `framework`, `replace`."""
        return self._send_file("/layers/import", file, options).json()

    def inspect(self, file: str | os.PathLike[str] | bytes, *, vectors: bool = False) -> dict[str, Any]:
        """Returns what a model file holds of batch normalization. Creates nothing."""
        return self._send_file("/checkpoints/inspect", file, {"vectors": vectors}, repeatable=True).json()

    def fold_model(self, file: str | os.PathLike[str] | bytes, **options: Any) -> bytes:
        """Returns an ONNX model, or the tensors of a state dict, with the batch normalizations folded into the weights beside them."""
        return bytes(self._send_file("/models/fold", file, options, accept=f"{_RAW}, {_SAFETENSORS}", repeatable=True).body)

    def export(self, *names: str, framework: str = "pytorch", **options: Any) -> bytes:
        """Returns layers as a safetensors file. Without names, all of them."""
        query = {"framework": framework, "names": ",".join(names) or None, **options}
        return bytes(self._read("/state", query, _SAFETENSORS).body)

    def sync_group(self, group_id: str) -> SyncGroup:
        """Returns a handle of a group that another worker has opened."""
        return SyncGroup(self, group_id)

    def _send_file(self, path: str, file: Any, query: Mapping[str, Any], accept: str = _JSON, repeatable: bool = False) -> Response:
        if not isinstance(file, bytes):
            with open(file, "rb") as opened:
                file = opened.read()
        headers = {"Content-Type": _RAW, "Accept": accept}
        return self._transport.request("POST", path, query, headers, file, repeatable)

    def _read(self, path: str, query: Mapping[str, Any] | None, accept: str) -> Response:
        return self._transport.request("GET", path, query, {"Accept": accept}, None, True)

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return _document(self._read(path, query, _JSON))

    def _send(self, method: str, path: str, body: Any = None, *, query: Mapping[str, Any] | None = None,
              key: str | None = None, if_match: str | None = None, repeatable: bool = False) -> Any:
        headers = {"Accept": _JSON}
        content = None
        if body is not None:
            headers["Content-Type"] = _JSON
            content = json.dumps(body, default=_listed).encode()
        if key is not None:
            headers["Idempotency-Key"] = key
        if if_match is not None:
            headers["If-Match"] = if_match
        return _document(self._transport.request(method, path, query, headers, content, repeatable or key is not None))

    def _compute(self, path: str, arrays: Mapping[str, Any], query: Mapping[str, Any], *, accept: str, key: str | None = None,
                 repeatable: bool = True) -> Response:
        """Sends one array as raw elements, several as safetensors, a mask among them as .npz."""
        headers = {"Accept": accept}
        if key is not None:
            headers["Idempotency-Key"] = key
        if len(arrays) == 1:
            (array,) = arrays.values()
            datatype, values = plain(array)
            headers |= {"Content-Type": _RAW, "Tensor-Shape": ",".join(map(str, values.shape)), "Tensor-Datatype": datatype}
            body: Any = values.reshape(-1).view(np.uint8).data
        elif "mask" in arrays:
            headers["Content-Type"] = _NPZ
            body = to_npz(arrays)
        else:
            headers["Content-Type"] = _SAFETENSORS
            body = to_safetensors(arrays)
        return self._transport.request("POST", path, query, headers, body, repeatable)

    def _forward(self, path: str, arrays: Mapping[str, Any], query: Mapping[str, Any], statistics: bool,
                 key: str | None = None) -> Forward:
        response = self._compute(path, arrays, query, accept=_SAFETENSORS if statistics else _RAW, key=key)
        headers, model = response.headers, next(iter(arrays.values()))
        if statistics:
            named = from_safetensors(response.body, model)
            output = named.pop("output")
            named = {name: value if value.shape else value.item() for name, value in named.items()}
        else:
            named = {}
            output = _array(response, model)
        version = headers.get("Layer-Version")
        return Forward(output, headers.get("Context-Id"), int(version) if version else None, named)

    def _backward(self, path: str, arrays: Mapping[str, Any], query: Mapping[str, Any], parameters: bool) -> Gradients:
        response = self._compute(path, arrays, query, accept=_SAFETENSORS if parameters else _RAW)
        model = arrays["grad_output"]
        if not parameters:
            return Gradients(_array(response, model))
        named = from_safetensors(response.body, model)
        return Gradients(named["grad_input"], named.get("grad_gamma"), named.get("grad_beta"))


class Layer:
    """A layer of the service. Arrays have the shape of the batch, channels on the layer's axis."""

    def __init__(self, client: Client, name: str) -> None:
        self.client, self.name = client, name
        self._path = "/layers/" + quote(name, safe="")

    def get(self) -> dict[str, Any]:
        """Returns the state and the configuration, with the `etag` that `if_match` takes."""
        return self.client._get(self._path)

    def patch(self, *, if_match: str | None = None, **changes: Any) -> dict[str, Any]:
        """Changes vectors or knobs. None removes a gamma or beta. With `if_match`, only the version of that `etag` is changed."""
        return self.client._send("PATCH", self._path, changes, if_match=if_match)

    def delete(self, *, if_match: str | None = None) -> None:
        self.client._send("DELETE", self._path, if_match=if_match)

    def reset(self, *, if_match: str | None = None) -> dict[str, Any]:
        """Resets the running statistics to their initial values."""
        return self.client._send("POST", self._path + "/reset", if_match=if_match)

    def forward_train(self, x: Any, *, mask: Any = None, weights: Any = None, commit: bool = True, save_context: bool = True,
                      statistics: bool = False, key: str | None = None) -> Forward:
        """Normalizes a batch with its own statistics, and updates the running ones.

        The step counts once, however often it is sent: `key` identifies it, by default a new random one. `statistics`
        requests those of the batch and of the layer.
        """
        arrays = {"input": x, "mask": mask, "weights": weights}
        query = {"save_context": save_context, "commit": None if commit else False}
        return self.client._forward(self._path + "/forward-train", _present(arrays), query, statistics, _key(key))

    def forward_infer(self, x: Any, *, save_context: bool = False, statistics_blend: float | None = None) -> Forward:
        """Normalizes a batch with the running statistics."""
        query = {"save_context": save_context or None, "statistics_blend": statistics_blend}
        return self.client._forward(self._path + "/forward-infer", {"input": x}, query, False)

    def backward(self, grad_output: Any, context_id: str | None = None, *, input: Any = None, mode: str | None = None,
                 parameters: bool = True) -> Gradients:
        """Returns the gradients of a forward pass: of a context, or of an `input` in a `mode`, `train` or `infer`."""
        arrays = _present({"grad_output": grad_output, "input": input})
        return self.client._backward(self._path + "/backward", arrays, {"context_id": context_id, "mode": mode}, parameters)

    def apply_gradients(self, grad_gamma: Any, grad_beta: Any, optimizer: Mapping[str, Any], *, key: str | None = None) -> dict[str, Any]:
        """Makes one step of an optimizer, such as `{"kind": "adam", "learning_rate": 0.01}`, whose state the service keeps."""
        body = {"grad_gamma": grad_gamma, "grad_beta": grad_beta, "optimizer": optimizer}
        return self.client._send("POST", self._path + "/apply-gradients", body, key=_key(key))

    def export(self, framework: str = "pytorch", **options: Any) -> bytes:
        """Returns the layer as a safetensors file."""
        return bytes(self.client._read(self._path + "/state", {"framework": framework, **options}, _SAFETENSORS).body)

    def aggregate(self, sources: Sequence[str], *, key: str | None = None, **policies: Any) -> dict[str, Any]:
        """Makes this layer of several copies of it: `weights`, `policy`, `parameters`, `counters`."""
        return self.client._send("POST", self._path + "/aggregate", {"sources": list(sources), **policies}, key=_key(key))

    def take_snapshot(self, label: str | None = None) -> dict[str, Any]:
        return self.client._send("POST", self._path + "/snapshots", {"label": label})

    def snapshots(self) -> list[dict[str, Any]]:
        return self.client._get(self._path + "/snapshots")["snapshots"]

    def snapshot(self, snapshot_id: int) -> dict[str, Any]:
        return self.client._get(f"{self._path}/snapshots/{snapshot_id}")

    def delete_snapshot(self, snapshot_id: int) -> None:
        self.client._send("DELETE", f"{self._path}/snapshots/{snapshot_id}")

    def restore_snapshot(self, snapshot_id: int, *, if_match: str | None = None) -> dict[str, Any]:
        return self.client._send("POST", f"{self._path}/snapshots/{snapshot_id}/restore", if_match=if_match)

    def compare_snapshots(self, start: int, end: int | None = None) -> dict[str, Any]:
        return self.client._get(self._path + "/snapshots/compare", {"from": start, "to": end})

    def open_sync_group(self, size: int, timeout_seconds: float | None = None) -> SyncGroup:
        """Opens a group of workers whose shards are one batch."""
        body = _present({"size": size, "timeout_seconds": timeout_seconds})
        return SyncGroup(self.client, self.client._send("POST", self._path + "/sync-groups", body)["group_id"])

    def open_accumulation(self) -> Accumulation:
        """Opens a batch that is sent in chunks."""
        return Accumulation(self.client, self.client._send("POST", self._path + "/accumulations")["accumulation_id"])


class SyncGroup:
    """A group of workers. Each request waits for the last member, for which the client's timeout must be long enough."""

    def __init__(self, client: Client, group_id: str) -> None:
        self.client, self.group_id = client, group_id
        self._path = "/sync-groups/" + quote(group_id, safe="")

    def forward_train(self, x: Any, *, rank: int, step: int, save_context: bool = True, statistics: bool = False) -> Forward:
        query = {"rank": rank, "step": step, "save_context": save_context}
        return self.client._forward(self._path + "/forward-train", {"input": x}, query, statistics)

    def backward(self, grad_output: Any, *, rank: int, step: int, parameters: bool = True) -> Gradients:
        query = {"rank": rank, "step": step}
        return self.client._backward(self._path + "/backward", {"grad_output": grad_output}, query, parameters)


class Accumulation:
    """A batch in chunks. The client numbers them, so that a repeated chunk counts once."""

    def __init__(self, client: Client, accumulation_id: str) -> None:
        self.client, self.accumulation_id = client, accumulation_id
        self._path = "/accumulations/" + quote(accumulation_id, safe="")
        self._chunks = 0

    def add(self, x: Any) -> None:
        self.client._compute(self._path + "/add", {"input": x}, {"chunk": self._chunks}, accept=_JSON)
        self._chunks += 1

    def finish(self, apply: str = "step", policy: str | None = None) -> dict[str, Any]:
        """Makes one training step of the chunks, or replaces the running statistics: `step` or `install`."""
        return self.client._send("POST", self._path + "/finish", _present({"apply": apply, "policy": policy}))

    def abandon(self) -> None:
        self.client._send("DELETE", self._path)


def _key(key: str | None) -> str:
    return key if key is not None else str(uuid.uuid4())


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _document(response: Response) -> Any:
    document, etag = response.json(), response.headers.get("ETag")
    return {**document, "etag": etag} if etag and isinstance(document, dict) else document


def _listed(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is not a field of a request")


def _array(response: Response, model: Any) -> Array:
    headers = response.headers
    return from_raw(response.body, headers["Tensor-Shape"], headers["Tensor-Datatype"], model)
