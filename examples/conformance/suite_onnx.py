"""ONNX: the node tests of BatchNormalization, their models at every opset from 7, and the models converted from PyTorch."""
import glob
import os

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.reference import ReferenceEvaluator
from onnxruntime import InferenceSession

from service import Layer

TRAINING_MODE_SINCE = 14


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def compare(base, report, case, node, inputs, outputs, rtol, atol):
    """Compares one node: inputs X, scale, B, mean, var; outputs Y, and in training mode the running statistics."""
    x, scale, bias, mean, var = inputs[:5]
    given = attributes(node)
    knobs = {"epsilon": float(given.get("epsilon", 1e-5)), "momentum": float(given.get("momentum", 0.9))}
    layer = Layer(base, convention="onnx", gamma=scale, beta=bias, running_mean=mean, running_var=var, **knobs)
    report.cases += 1
    if given.get("training_mode"):
        got = layer.train(x)
        for name, value in zip(("running_mean", "running_var"), outputs[1:]):
            report.near(case, name, got[name], value, rtol, atol)
    else:
        got = layer.infer(x)
    report.near(case, "output", got["output"], outputs[0], rtol, atol)
    layer.delete()


def node_tests(base, report):
    with np.errstate(all="ignore"):
        for case in collect_testcases("BatchNormalization"):
            for inputs, outputs in case.data_sets:
                compare(base, report, case.name, case.model.graph.node[0], inputs, outputs, case.rtol, case.atol)


def opsets(base, report):
    """The inputs of the node tests at each opset, evaluated by onnxruntime; in training mode by ONNX's reference."""
    with np.errstate(all="ignore"):
        cases = collect_testcases("BatchNormalization")
    for opset in range(7, 16):
        for case in cases:
            node = onnx.NodeProto()
            node.CopyFrom(case.model.graph.node[0])
            if attributes(node).get("training_mode") and opset < TRAINING_MODE_SINCE:
                continue
            graph = helper.make_graph([node], "g", case.model.graph.input, case.model.graph.output)
            model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
            onnx.checker.check_model(model)
            inputs = case.data_sets[0][0]
            names = [i.name for i in graph.input]
            outputs = evaluated(model, bool(attributes(node).get("training_mode")), dict(zip(names, inputs)))
            compare(base, report, f"{case.name}@{opset}", node, inputs, outputs, case.rtol, case.atol)


def evaluated(model, training, inputs):
    if training:  # onnxruntime's CPU build has inference only
        return ReferenceEvaluator(model).run(None, inputs)
    model.ir_version = 8
    return InferenceSession(model.SerializeToString()).run(None, inputs)


def converted(base, report):
    data = os.path.join(os.path.dirname(onnx.__file__), "backend/test/data/pytorch-converted/test_BatchNorm*")
    for directory in sorted(glob.glob(data)):
        model = onnx.load(os.path.join(directory, "model.onnx"))
        constants = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
        tensors = []
        for name in ("input_0.pb", "output_0.pb"):
            with open(os.path.join(directory, "test_data_set_0", name), "rb") as file:
                tensors.append(numpy_helper.to_array(onnx.TensorProto.FromString(file.read())))
        node = next(n for n in model.graph.node if n.op_type == "BatchNormalization")
        inputs = [tensors[0]] + [constants[name] for name in node.input[1:]]
        compare(base, report, os.path.basename(directory), node, inputs, [tensors[1].reshape(inputs[0].shape)], 1e-3, 1e-7)


def run(base, report):
    suites = []
    for title, suite in (("ONNX node tests, opset 15", node_tests), ("ONNX node tests at opsets 7 to 15", opsets),
                         ("ONNX models converted from PyTorch", converted)):
        suites.append(report(title))
        suite(base, suites[-1])
    return suites
