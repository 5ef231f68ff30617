"""Batch normalization of JAX programs by the service, with gradients."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np
from jax.experimental import io_callback

from .client import Layer


def batch_norm(layer: Layer, x: jax.Array, *, train: bool) -> jax.Array:
    """Normalizes a batch by a layer of the service. It is differentiable by `x`, once, and works under `jax.jit`.

    In training, each call is one step of the layer. The layer's own gamma and beta are applied; create it with `scale=False`
    and `shift=False` to keep them in the program.
    """
    return _normalize(layer, train, x)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _normalize(layer: Layer, train: bool, x: jax.Array) -> jax.Array:
    shape = jax.ShapeDtypeStruct(x.shape, x.dtype)
    step = functools.partial(_forward, layer, train)
    return io_callback(step, shape, x) if train else jax.pure_callback(step, shape, x)


def _forward(layer: Layer, train: bool, x: Any) -> Any:
    array = np.asarray(x)
    result = layer.forward_train(array, save_context=False) if train else layer.forward_infer(array)
    return result.output


def _backward(layer: Layer, train: bool, x: Any, grad: Any) -> Any:
    mode = "train" if train else "infer"
    return layer.backward(np.asarray(grad), input=np.asarray(x), mode=mode, parameters=False).grad_input


def _normalize_forward(layer: Layer, train: bool, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    return _normalize(layer, train, x), x


def _normalize_backward(layer: Layer, train: bool, x: jax.Array, grad: jax.Array) -> tuple[jax.Array]:
    return (jax.pure_callback(functools.partial(_backward, layer, train), jax.ShapeDtypeStruct(x.shape, x.dtype), x, grad),)


_normalize.defvjp(_normalize_forward, _normalize_backward)
