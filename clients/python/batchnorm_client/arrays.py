"""Arrays as bytes: raw elements with headers for one array, safetensors for several."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from typing import Any, Mapping, Union

import numpy as np

_NAMES = {"f8": "FP64", "f4": "FP32", "f2": "FP16", "u2": "BF16"}
_TYPES = {name: np.dtype("<" + code) for code, name in _NAMES.items()}
_SAFETENSORS = {"FP64": "F64", "FP32": "F32", "FP16": "F16", "BF16": "BF16"}
_WIDENED = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8"}


@dataclass(frozen=True)
class BFloat16:
    """Elements of bfloat16, a type that NumPy does not have, as their upper 16 bits in an array of uint16."""

    bits: np.ndarray


Array = Union[np.ndarray, BFloat16]


def plain(array: Any) -> tuple[str, np.ndarray]:
    """Returns the datatype and the little-endian, contiguous elements of an array."""
    if isinstance(array, BFloat16):
        return "BF16", np.ascontiguousarray(array.bits, "<u2")
    values = np.asarray(array)
    if values.dtype.name == "bfloat16":  # of ml_dtypes
        return "BF16", np.ascontiguousarray(values).view("<u2")
    if values.dtype.kind in "biu":
        values = values.astype(np.float64)
    name = _NAMES.get(values.dtype.str[1:])
    if name is None or name == "BF16":
        raise TypeError(f"arrays of {values.dtype} are not supported; use float64, float32, float16 or bfloat16")
    return name, np.ascontiguousarray(values, values.dtype.newbyteorder("<"))


def like(array: np.ndarray, datatype: str, model: Any) -> Array:
    """Returns bits of bfloat16 in the form that the model has."""
    if datatype != "BF16":
        return array
    dtype = getattr(model, "dtype", None)
    return array.view(dtype) if getattr(dtype, "name", "") == "bfloat16" else BFloat16(array)


def from_raw(body: np.ndarray, shape: str, datatype: str, model: Any) -> Array:
    dimensions = tuple(int(size) for size in shape.split(","))
    return like(body.view(_TYPES[datatype]).reshape(dimensions), datatype, model)


def to_safetensors(arrays: Mapping[str, Any]) -> bytes:
    header, contents, offset = {}, [], 0
    for name, array in arrays.items():
        datatype, values = plain(array)
        header[name] = {"dtype": _SAFETENSORS[datatype], "shape": values.shape, "data_offsets": [offset, offset + values.nbytes]}
        contents.append(values.tobytes())
        offset += values.nbytes
    text = json.dumps(header).encode()
    return b"".join([struct.pack("<Q", len(text)), text, *contents])


def to_npz(arrays: Mapping[str, Any]) -> bytes:
    """Returns an archive, which may hold booleans, but no bfloat16."""
    if any(plain(array)[0] == "BF16" for array in arrays.values()):
        raise TypeError("a batch of bfloat16 takes no mask; use float32")
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def from_safetensors(body: np.ndarray, model: Any) -> dict[str, Array]:
    (length,) = struct.unpack_from("<Q", body)
    header = json.loads(body[8:8 + length].tobytes())
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            values = body[begin:end].copy().view(_WIDENED[entry["dtype"]]).reshape(entry["shape"])
            arrays[name] = like(values, entry["dtype"], model)
    return arrays
