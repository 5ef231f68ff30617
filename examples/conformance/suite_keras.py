"""Keras: its own tests of BatchNormalization, run with a layer that computes in the service.

The gradients of the layer are the service's too.
"""
import contextlib
import io
import os
import unittest

os.environ["KERAS_BACKEND"] = "torch"

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from keras.src import layers  # noqa: E402
from keras.src.layers.normalization import batch_normalization_test as theirs  # noqa: E402

from service import Layer  # noqa: E402

RENORM = "Keras averages the deviations and means of Batch Renorm separately; the service uses the running statistics"
CHANNEL_MASK = "Keras applies a mask to the channel axis, too, where it is among the mask's axes; the service's mask has none"


class Remote(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, layer, train, mask):
        ctx.layer = layer
        ctx.forward = layer.train(x.detach().numpy(), mask) if train else layer.infer(x.detach().numpy())
        return torch.from_numpy(np.ascontiguousarray(ctx.forward["output"]))

    @staticmethod
    def backward(ctx, dy):
        got = ctx.layer.backward(ctx.forward, dy.numpy())
        vectors = (got.get("grad_gamma"), got.get("grad_beta"))
        return (torch.from_numpy(np.ascontiguousarray(got["grad_input"])),
                *(None if v is None else torch.from_numpy(v.astype(np.float32)) for v in vectors), None, None, None)


def remote_layer(base):
    @keras.saving.register_keras_serializable("conformance")
    class BatchNormalization(keras.layers.BatchNormalization):
        def call(self, inputs, training=None, mask=None):
            x = keras.ops.convert_to_tensor(inputs, dtype=self.compute_dtype)
            if x.device.type == "meta":
                return super().call(inputs, training=training, mask=mask)
            train = bool(training) and self.trainable
            if train and mask is not None and self.axis % len(x.shape) < len(mask.shape):
                raise unittest.SkipTest(CHANNEL_MASK)
            numbers = {name: keras.ops.convert_to_numpy(value) for name, value in (
                ("gamma", self.gamma), ("beta", self.beta), ("running_mean", self.moving_mean),
                ("running_var", self.moving_variance)) if value is not None}
            layer = Layer(base, convention="keras", epsilon=self.epsilon, momentum=self.momentum, channel_axis=self.axis,
                          scale=self.scale, shift=self.center, **numbers)
            gamma, beta = (v if v is None else v.value for v in (self.gamma, self.beta))
            y = Remote.apply(x, gamma, beta, layer, train, None if mask is None or not train else broadcast(mask, x, self.axis))
            if train:
                state = layer.state()
                self.moving_mean.assign(state["running_mean"])
                self.moving_variance.assign(state["running_var"])
            return y

    return BatchNormalization


def broadcast(mask, x, axis):
    """Returns the mask with one value for each position, without the channels."""
    mask = keras.ops.convert_to_numpy(mask).astype(bool)
    positions = np.delete(np.array(x.shape), axis)
    mask = mask.reshape(mask.shape + (1,) * (len(positions) - mask.ndim))
    return np.broadcast_to(mask, positions)


def run(base, report):
    suite = report("Keras, its BatchNormalizationTest in the service")
    original, layers.BatchNormalization = layers.BatchNormalization, remote_layer(base)
    try:
        for test in unittest.defaultTestLoader.loadTestsFromTestCase(theirs.BatchNormalizationTest):
            name = test.id().rsplit(".", 1)[1]
            suite.cases += 1
            if "renorm" in name:
                suite.explain(name, RENORM)
                continue
            result = unittest.TestResult()
            with contextlib.redirect_stdout(io.StringIO()):
                test.run(result)
            for _, reason in result.skipped:
                suite.explain(name.split(" ")[0], reason)
            for _, trace in result.failures + result.errors:
                suite.failures.append(f"{name}: {trace.strip().splitlines()[-1]}")
    finally:
        layers.BatchNormalization = original
    return [suite]
