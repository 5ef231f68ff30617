"""PyTorch: the sample inputs of its own tests, ModuleInfo and OpInfo, with autograd's gradients."""
import sys
import types
import unittest

import numpy as np
import torch

try:
    import expecttest  # noqa: F401, which torch.testing._internal imports
except ImportError:
    stand_in = types.ModuleType("expecttest")
    stand_in.TestCase, stand_in.assert_expected_inline = unittest.TestCase, None
    sys.modules["expecttest"] = stand_in

from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402
from torch.testing._internal.common_modules import module_db  # noqa: E402

from service import Layer, Refused  # noqa: E402

RTOL, ATOL = 1e-9, 1e-11
NO_CHANNELS = "an input of rank 1 is rejected, because it has no channel axis; the function returns it"
REFUSALS = {
    "momentum is": "a momentum outside 0 to 1 is rejected; the function extrapolates with it",
}


def numpy(value):
    return value.detach().numpy()


def vectors(**tensors):
    return {name: numpy(value) for name, value in tensors.items() if value is not None}


def compare(base, report, case, x, training, reference, **knobs):
    """Compares outputs, gradients and running statistics.

    reference returns the output, and the running statistics after it as a pair, or None.
    """
    report.cases += 1
    if x.ndim < 2:
        report.explain(case, NO_CHANNELS)
        return
    x = x.detach().clone().requires_grad_()
    parameters = [value for value in reference.parameters if value is not None]
    output = reference(x)
    dy = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).reshape(output.shape)
    grads = torch.autograd.grad(output, [x, *parameters], dy, allow_unused=True)
    gamma, beta = reference.parameters
    names = ["grad_input"] + ["grad_gamma"] * (gamma is not None) + ["grad_beta"] * (beta is not None)
    try:
        layer = Layer(base, convention="pytorch", features=x.shape[1], scale=gamma is not None, shift=beta is not None,
                      **vectors(gamma=gamma, beta=beta), **knobs)
        got = layer.train(numpy(x)) if training else layer.infer(numpy(x))
    except Refused as refusal:
        for part, reason in REFUSALS.items():
            if part in str(refusal):
                report.explain(case, reason)
                return
        report.failures.append(f"{case}: {refusal}")
        return
    report.near(case, "output", got["output"], numpy(output), RTOL, ATOL)
    back = layer.backward(got, numpy(dy))
    for name, grad in zip(names, grads):
        if grad is not None:
            report.near(case, name, back[name], numpy(grad), RTOL, ATOL)
    if reference.running() is not None:
        for name, value in zip(("running_mean", "running_var"), reference.running()):
            report.near(case, name, layer.state()[name], numpy(value), RTOL, ATOL)
    layer.delete()


class ModuleReference:
    def __init__(self, module):
        self.module, self.parameters = module, (module.weight, module.bias)

    def __call__(self, x):
        return self.module(x)

    def running(self):
        return (self.module.running_mean, self.module.running_var) if self.module.track_running_stats else None


class FunctionReference:
    def __init__(self, mean, var, weight, bias, training, momentum, eps):
        self.buffers = None if mean is None else (mean.detach().clone(), var.detach().clone())
        self.parameters = tuple(p if p is None else p.detach().clone().requires_grad_() for p in (weight, bias))
        self.training, self.momentum, self.eps = training, momentum, eps

    def __call__(self, x):
        mean, var = self.buffers or (None, None)
        return torch.nn.functional.batch_norm(x, mean, var, *self.parameters, self.training, self.momentum, self.eps)

    def running(self):
        return self.buffers


def modules(base, report):
    for info in module_db:
        if info.module_cls not in (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d, torch.nn.BatchNorm3d):
            continue
        for training in (True, False):
            inputs = info.module_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=True, training=training)
            for i, sample in enumerate(inputs):
                arguments = sample.constructor_input
                module = info.module_cls(*arguments.args, **arguments.kwargs).double().train(training)
                compare(base, report, f"{info.name} {i} {'train' if training else 'eval'}", sample.forward_input.args[0],
                        training, ModuleReference(module), epsilon=module.eps, momentum=module.momentum,
                        track_running_stats=module.track_running_stats)


def functions(base, report):
    op = next(op for op in op_db if op.name == "nn.functional.batch_norm")
    for i, sample in enumerate(op.sample_inputs("cpu", torch.float64, requires_grad=True)):
        given = dict(zip(("running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"), sample.args))
        given.update(sample.kwargs)
        mean, var = given.get("running_mean"), given.get("running_var")
        training, momentum, eps = given.get("training", False), given.get("momentum", 0.1), given.get("eps", 1e-5)
        reference = FunctionReference(mean, var, given.get("weight"), given.get("bias"), training, momentum, eps)
        compare(base, report, f"batch_norm {i}", sample.input, training, reference, epsilon=eps, momentum=momentum,
                track_running_stats=mean is not None, **vectors(running_mean=mean, running_var=var))


def run(base, report):
    torch.manual_seed(0)
    np.random.seed(0)
    suites = [report("PyTorch ModuleInfo, BatchNorm1d/2d/3d"), report("PyTorch OpInfo, nn.functional.batch_norm")]
    modules(base, suites[0])
    functions(base, suites[1])
    return suites
