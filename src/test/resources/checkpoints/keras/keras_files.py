"""Writes the files of Keras in this directory: KERAS_BACKEND=torch python3 keras_files.py"""

import json

import keras
import numpy as np
from keras import layers

random = np.random.default_rng(22)
expected = {}


def fill(model, name, paths):
    """Gives every variable random values, and records those of the batch normalizations."""
    for variable in model.variables:
        variable.assign(random.uniform(0.25, 2, variable.shape).astype("float32"))
    found = []
    for path, layer in paths.items():
        vectors = {}
        for field, attribute in (
            ("gamma", "gamma"),
            ("beta", "beta"),
            ("running_mean", "moving_mean"),
            ("running_var", "moving_variance"),
        ):
            value = getattr(layer, attribute)
            vectors[field] = None if value is None else [float(x) for x in np.asarray(keras.ops.convert_to_numpy(value)).astype("float64")]
        found.append(
            {
                "path": path,
                "epsilon": layer.epsilon,
                "momentum": layer.momentum,
                "axis": layer.axis,
                **vectors,
            }
        )
    expected[name] = found


def nested():
    inner_input = keras.Input((4,))
    x = layers.BatchNormalization(epsilon=0.5)(inner_input)
    inner = keras.Model(inner_input, layers.Dense(4, use_bias=False)(x), name="inner")
    stack = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3), layers.BatchNormalization(scale=False, momentum=0.75), layers.BatchNormalization(center=False)],
        name="stack",
    )
    inputs = keras.Input((5, 4))
    y = layers.TimeDistributed(layers.BatchNormalization(epsilon=0.25), name="each")(inputs)
    y = layers.GlobalAveragePooling1D()(y)
    y = layers.BatchNormalization()(stack(inner(y)))
    y = layers.BatchNormalization(scale=False, center=False, axis=1)(y)
    model = keras.Model(inputs, y, name="outer")
    norms = lambda m: [l for l in m.layers if isinstance(l, layers.BatchNormalization)]
    outer = norms(model)
    return model, {
        "inner/" + norms(inner)[0].name: norms(inner)[0],
        "stack/" + norms(stack)[0].name: norms(stack)[0],
        "stack/" + norms(stack)[1].name: norms(stack)[1],
        "each/" + model.get_layer("each").layer.name: model.get_layer("each").layer,
        outer[0].name: outer[0],
        outer[1].name: outer[1],
    }


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="subclassed")
        self.first = layers.BatchNormalization(name="norm_a")
        self.blocks = [layers.Dense(3), layers.BatchNormalization(name="norm_b")]

    def call(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return x


def subclassed():
    model = Subclassed()
    model(np.zeros((2, 3), "float32"))
    return model, {"norm_a": model.first, "norm_b": model.blocks[1]}


def narrow(dtype):
    keras.config.set_dtype_policy(dtype)
    bn = layers.BatchNormalization(name="bn", dtype=dtype)
    model = keras.Sequential([keras.Input((3,)), bn])
    keras.config.set_dtype_policy("float32")
    return model, {"bn": bn}


model, paths = nested()
fill(model, "nested", paths)
model.compile("sgd", "mse")
model.save("nested.keras")
model.save("nested.h5")
model.save_weights("nested.weights.h5")
model, paths = subclassed()
fill(model, "subclassed", paths)
model.save("subclassed.keras")
for dtype in ("float16", "bfloat16", "float64"):
    model, paths = narrow(dtype)
    fill(model, dtype, paths)
    model.save(dtype + ".keras")
json.dump(expected, open("keras.json", "w"), indent=1)
