"""Random ONNX models are folded by the service and compared in ONNX Runtime: every output of the folded model must be the original's.

    python3 examples/onnx/fold_in_onnxruntime.py http://127.0.0.1:8080 [models [seed]]

Needs onnx and onnxruntime. Kinds: convolutions of one to three dimensions (groups, depthwise, dilations, strides, pads), transposed ones,
Gemm (alpha, beta, transposes, forms of the bias), MatMul with and without Add, chains; normalization before or behind, or both; opset 7 to 21;
FP32, FP64, FP16. Runtime computes without optimizations, because these would fold by themselves. FP16 is compared as FP32 arithmetic on
the rounded weights, where Runtime lacks FP16 kernels.
"""

import sys
import urllib.request

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12, np.float16: 5e-2}  # FP16 weights have 11 bits, and their sums may cancel


class Builder:
    def __init__(self, random, opset, dtype):
        self.random, self.opset, self.dtype = random, opset, dtype
        self.nodes, self.initializers = [], []
        self.names = 0

    def name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def tensor(self, prefix, *shape, low=-1.5, high=1.5):
        values = self.random.uniform(low, high, shape).astype(self.dtype)
        name = self.name(prefix)
        tensor = numpy_helper.from_array(values, name)
        if self.random.random() < 0.3 and self.dtype != np.float16:
            kind = TensorProto.FLOAT if self.dtype == np.float32 else TensorProto.DOUBLE
            tensor = helper.make_tensor(name, kind, shape, values.flatten().tolist())
        if self.random.random() < 0.2:
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self.initializers.append(tensor)
        return name

    def node(self, operator, inputs, **attributes):
        output = self.name("v")
        self.nodes.append(helper.make_node(operator, inputs, [output], self.name(operator), **attributes))
        return output

    def normalize(self, value, channels):
        attributes = {} if self.random.random() < 0.5 else {"epsilon": float(self.random.choice([1e-3, 1e-6]))}
        return self.node("BatchNormalization", [
            value, self.tensor("s", channels), self.tensor("b", channels), self.tensor("m", channels),
            self.tensor("v", channels, low=0.2, high=3)], **attributes)


def convolution(builder, transposed):
    random = builder.random
    axes = int(random.integers(1, 4))
    groups = int(random.choice([1, 1, 2, 3, 4]))
    each_in, each_out = int(random.integers(1, 4)), int(random.integers(1, 4))
    channels_in, channels_out = groups * each_in, groups * each_out
    kernel = [int(random.integers(1, 4)) for _ in range(axes)]
    before = random.random() < 0.35
    pads = [0] * (2 * axes) if before and random.random() < 0.7 else [int(random.integers(0, 2)) for _ in range(2 * axes)]
    attributes = {
        "group": groups, "pads": pads, "kernel_shape": kernel,
        "strides": [int(random.integers(1, 3)) for _ in range(axes)],
        "dilations": [int(random.integers(1, 3)) for _ in range(axes)]}
    value = builder.normalize("x", channels_in) if before else "x"
    shape = (channels_in, each_out) if transposed else (channels_out, each_in)
    inputs = [value, builder.tensor("w", *shape, *kernel)]
    if random.random() < 0.5:
        inputs.append(builder.tensor("b", channels_out))
    value = builder.node("ConvTranspose" if transposed else "Conv", inputs, **attributes)
    if not before or random.random() < 0.5:
        value = builder.normalize(value, channels_out)
    if random.random() < 0.3:
        value = builder.normalize(value, channels_out)
    return value, [2, channels_in] + [int(random.integers(6, 9)) for _ in range(axes)]


def gemm(builder):
    random = builder.random
    before = random.random() < 0.4
    trans_a = 0 if before else int(random.integers(0, 2))
    trans_b = int(random.integers(0, 2))
    rows, inner, columns = 3, int(random.integers(2, 6)), int(random.integers(2, 6))
    value = builder.normalize("x", inner) if before else "x"
    weight = builder.tensor("w", *((columns, inner) if trans_b else (inner, columns)))
    biases = [(columns,), (1, columns), (1,), (rows, columns)] + ([None] if builder.opset >= 11 else [])
    shape = biases[int(random.integers(0, len(biases)))]
    inputs = [value, weight] + ([builder.tensor("c", *shape)] if shape else [])
    value = builder.node("Gemm", inputs, alpha=float(random.choice([1, 0.5, -2])), beta=float(random.choice([1, 2, 0.25, 0])),
                         transA=trans_a, transB=trans_b)
    if not before or random.random() < 0.5:
        value = builder.normalize(value, columns)
    return value, [inner, rows] if trans_a else [rows, inner]


def product(builder):
    random = builder.random
    before = random.random() < 0.5
    inner, columns = int(random.integers(2, 6)), int(random.integers(2, 6))
    value = builder.normalize("x", inner) if before else "x"
    value = builder.node("MatMul", [value, builder.tensor("w", inner, columns)])
    if random.random() < 0.6:
        bias = builder.tensor("b", *[(columns,), (1, columns), (1,)][int(random.integers(0, 3))])
        value = builder.node("Add", [value, bias] if random.random() < 0.5 else [bias, value])
    if not before or random.random() < 0.5:
        value = builder.normalize(value, columns)
    return value, [3, inner]


def model(random, dtype):
    opset = int(random.integers(7, 22))
    builder = Builder(random, opset, dtype)
    kind = random.random()
    value, shape = (convolution(builder, False) if kind < 0.45 else convolution(builder, True) if kind < 0.65
                    else gemm(builder) if kind < 0.85 else product(builder))
    if random.random() < 0.5:
        value = builder.node("Relu", [value])
    builder.nodes[-1].output[0] = "y"
    element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    graph = helper.make_graph(builder.nodes, "g", [helper.make_tensor_value_info("x", element, shape)],
                              [helper.make_tensor_value_info("y", element, [None] * len(shape))], builder.initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8 if opset < 20 else 10)
    onnx.checker.check_model(made)
    return made, shape


def widened(model):
    """The same model, its FP16 numbers as FP32."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for tensor in list(copy.graph.initializer) + [a.t for n in copy.graph.node for a in n.attribute if a.name == "value"]:
        values = numpy_helper.to_array(tensor)
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), tensor.name))
    for value in list(copy.graph.input) + list(copy.graph.output):
        value.type.tensor_type.elem_type = TensorProto.FLOAT
    return copy


def run(model, x):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def fold(service, model):
    request = urllib.request.Request(service + "/api/v1/models/fold", model.SerializeToString(),
                                     {"Content-Type": "application/octet-stream"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return onnx.load_from_string(response.read()), int(response.headers["Folded-Layers"]), int(response.headers["Left-Layers"])


def main():
    service = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
    models = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    worst, folded_layers, left_layers, compared, unsupported = {}, 0, 0, 0, 0
    for number in range(models):
        random = np.random.default_rng([seed, number])
        dtype = [np.float32, np.float32, np.float32, np.float64, np.float16][number % 5]
        made, shape = model(random, dtype)
        folded, count, left = fold(service, made)
        onnx.checker.check_model(folded, full_check=True)
        folded_layers, left_layers = folded_layers + count, left_layers + left
        remaining = sum(node.op_type == "BatchNormalization" for node in folded.graph.node)
        assert remaining == left, (seed, number, remaining, left)
        original = made
        x = random.normal(size=shape).astype(dtype)
        if dtype == np.float16:
            original, folded, x = widened(made), widened(folded), x.astype(np.float32)
        try:
            expected = run(original, x)
        except Exception as absent:  # Runtime lacks the kernel of a type
            assert "NOT_IMPLEMENTED" in str(absent), (seed, number, absent)
            unsupported += 1
            continue
        found = run(folded, x)
        scale = max(np.abs(expected).max(), np.finfo(np.float32).tiny) if expected.size else 1
        error = float(np.abs(found.astype(np.float64) - expected).max() / scale) if expected.size else 0
        assert found.shape == expected.shape, (seed, number)
        assert error <= TOLERANCE[dtype], (seed, number, dtype, error)
        name = np.dtype(dtype).name
        worst[name] = max(worst.get(name, 0), error)
        compared += 1
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, seed {seed}")
    print(f"{models} models, {folded_layers} normalizations folded, {left_layers} left; {compared} compared, {unsupported} without a kernel")
    print("largest error in relation to the largest output:", ", ".join(f"{key} {value:.1e}" for key, value in sorted(worst.items())))


if __name__ == "__main__":
    main()
