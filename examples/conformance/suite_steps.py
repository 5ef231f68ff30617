"""Conventions against the frameworks themselves: several training steps, gradients, then inference."""
import numpy as np

from service import Layer

SHAPES = ((6, 4, 4, 3), (2, 4, 4, 3), (9, 4, 4, 3), (3, 4, 4, 3))


def batches(seed, datatype):
    random = np.random.RandomState(seed)
    for shape in SHAPES:
        yield (random.randn(*shape) * 3 + 1).astype(datatype), random.randn(*shape).astype(datatype)


def keras(convention):
    import os

    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras
    import torch

    layer = keras.layers.BatchNormalization()
    layer.build((None, 4, 4, 3))

    def step(x, dy):
        x = torch.tensor(x, requires_grad=True)
        y = layer(x, training=True)
        grads = torch.autograd.grad(y, [x, layer.gamma.value, layer.beta.value], torch.tensor(dy))
        return y.detach().numpy(), [g.numpy() for g in grads]

    return (np.float32, 1e-5, step, lambda: [keras.ops.convert_to_numpy(v) for v in (layer.moving_mean, layer.moving_variance)],
            lambda x: keras.ops.convert_to_numpy(layer(x, training=False)), {})


def flax(convention):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    from flax import linen

    layer = linen.BatchNorm(use_running_average=None, param_dtype=jnp.float64, dtype=jnp.float64, use_fast_variance=False)
    variables = layer.init(jax.random.key(0), jnp.zeros((2, 4, 4, 3)), use_running_average=False)
    state = dict(variables)

    def step(x, dy):
        def apply(x, params):
            return layer.apply({**state, "params": params}, x, use_running_average=False, mutable=["batch_stats"])

        y, back, updated = jax.vjp(apply, jnp.asarray(x), state["params"], has_aux=True)
        dx, grads = back(jnp.asarray(dy))
        state.update(updated)
        return np.asarray(y), [np.asarray(g) for g in (dx, grads["scale"], grads["bias"])]

    # Flax stores its running statistics as FP32.
    return (np.float64, 1e-7, step, lambda: [np.asarray(state["batch_stats"][name]) for name in ("mean", "var")],
            lambda x: np.asarray(layer.apply(state, jnp.asarray(x), use_running_average=True)), {})


def haiku(convention):
    """The published formulas of hk.ExponentialMovingAverage in jax.numpy: Haiku itself is not installed."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    state = {"counter": 0, "hidden": [jnp.zeros(3), jnp.zeros(3)], "average": None}
    one, zero = jnp.ones(3), jnp.zeros(3)

    def normalize(x, gamma, beta):
        mean = jnp.mean(x, (0, 1, 2))
        var = jnp.mean(jnp.square(x), (0, 1, 2)) - jnp.square(mean)
        return (x - mean) * (gamma * jax.lax.rsqrt(var + 1e-5)) + beta, (mean, var)

    def step(x, dy):
        y, back, statistics = jax.vjp(normalize, jnp.asarray(x), one, zero, has_aux=True)
        state["counter"] += 1
        state["hidden"] = [h * 0.9 + s * (1 - 0.9) for h, s in zip(state["hidden"], statistics)]
        state["average"] = [h / (1 - 0.9 ** state["counter"]) for h in state["hidden"]]
        return np.asarray(y), [np.asarray(g) for g in back(jnp.asarray(dy))]

    return (np.float64, 1e-9, step, lambda: [np.asarray(v) for v in state["average"]],
            lambda x: np.asarray((x - state["average"][0]) / np.sqrt(state["average"][1] + 1e-5)), {})


def keras_2_fused(convention):
    """The operator that tf.keras 2 calls with fused=True; its kernels are FP32."""
    import tensorflow as tf

    state = [np.zeros(3, np.float32), np.ones(3, np.float32)]
    gamma, beta = tf.ones(3), tf.zeros(3)

    def fused(x, training):
        return tf.compat.v1.nn.fused_batch_norm(x, gamma, beta, mean=state[0], variance=state[1], epsilon=1e-3,
                                                is_training=training, exponential_avg_factor=1 - 0.99 if training else 1.0)

    def step(x, dy):
        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch([x, gamma, beta])
            y, mean, variance = fused(x, True)
        grads = tape.gradient(y, [x, gamma, beta], tf.constant(dy))
        state[:] = mean.numpy(), variance.numpy()
        return y.numpy(), [g.numpy() for g in grads]

    return np.float32, 1e-5, step, lambda: state, lambda x: fused(x, False)[0].numpy(), {}


def pytorch(convention):
    import torch

    layer = torch.nn.BatchNorm2d(4, momentum=None if convention == "cudnn" else 0.1).double()

    def step(x, dy):
        x = torch.tensor(x, requires_grad=True)
        y = layer.train()(x)
        grads = torch.autograd.grad(y, [x, layer.weight, layer.bias], torch.tensor(dy))
        return y.detach().numpy(), [g.numpy() for g in grads]

    return (np.float64, 1e-9, step, lambda: [layer.running_mean.numpy(), layer.running_var.numpy()],
            lambda x: layer.eval()(torch.tensor(x)).detach().numpy(), {})


FRAMEWORKS = (("keras", "Keras 3", keras), ("flax", "Flax", flax), ("keras-2-fused", "tf.compat.v1.nn.fused_batch_norm", keras_2_fused),
              ("haiku", "Haiku's published formulas in JAX", haiku), ("pytorch", "torch.nn.BatchNorm2d", pytorch),
              ("cudnn", "torch.nn.BatchNorm2d, momentum=None", pytorch))


def run(base, report):
    suites = []
    for convention, title, framework in FRAMEWORKS:
        try:
            datatype, tolerance, step, running, infer, knobs = framework(convention)
        except ImportError as missing:
            print(f"{title}: skipped, {missing}")
            continue
        suite = report(f"`{convention}`: {title}, {len(SHAPES)} steps")
        suites.append(suite)
        layer = Layer(base, convention=convention, **knobs)
        for i, (x, dy) in enumerate(batches(7, datatype)):
            suite.cases += 1
            output, grads = step(x, dy)
            got = layer.train(x)
            back = layer.backward(got, dy)
            suite.near(f"step {i}", "output", got["output"], output, tolerance, tolerance)
            for name, grad in zip(("grad_input", "grad_gamma", "grad_beta"), grads):
                suite.near(f"step {i}", name, back[name], grad, 10 * tolerance, 10 * tolerance)
            for name, value in zip(("running_mean", "running_var"), running()):
                suite.near(f"step {i}", name, got[name], value, tolerance, tolerance)
        suite.cases += 1
        suite.near("inference", "output", layer.infer(x)["output"], infer(x), tolerance, tolerance)
        layer.delete()
    return suites
