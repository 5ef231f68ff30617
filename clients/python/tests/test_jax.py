"""Checks the gradients of JAX programs."""

import unittest

import numpy as np

try:
    import jax
    from jax.test_util import check_grads
except ImportError:
    raise unittest.SkipTest("JAX is not installed")

import service
from batchnorm_client.jax import batch_norm

jax.config.update("jax_enable_x64", True)


class BatchNormTest(unittest.TestCase):

    def setUp(self):
        self.x = jax.numpy.asarray(np.random.default_rng(3).normal(size=(5, 3)))

    def test_gradients_pass_the_check(self):
        for train in (True, False):
            layer = service.layer(3)
            check_grads(lambda x: batch_norm(layer, x, train=train), (self.x,), order=1, modes=["rev"])

    def test_each_compiled_call_is_one_step(self):
        layer = service.layer(3)
        step = jax.jit(lambda x: batch_norm(layer, x, train=True))
        for _ in range(3):
            step(self.x).block_until_ready()
        self.assertEqual(layer.get()["num_batches_tracked"], 3)

    def test_agrees_with_the_formula(self):
        layer = service.layer(3)
        right = (self.x - self.x.mean(0)) / jax.numpy.sqrt(self.x.var(0) + 1e-5)
        np.testing.assert_allclose(batch_norm(layer, self.x, train=True), right, atol=1e-12)

    def test_responds_in_the_datatype_of_the_batch(self):
        layer = service.layer(3)
        for dtype in ("float32", "float16", "bfloat16"):
            self.assertEqual(batch_norm(layer, self.x.astype(dtype), train=False).dtype, dtype)


if __name__ == "__main__":
    unittest.main()
