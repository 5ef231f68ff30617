"""Batch normalization of PyTorch models by the service, as modules in place of `torch.nn.BatchNorm1d` and its relatives."""

from __future__ import annotations

import contextlib
import uuid
from typing import Any, Iterable, Iterator

import numpy as np
import torch
from torch import nn
from torch.autograd.function import once_differentiable

from .arrays import Array, BFloat16
from .client import Accumulation, Client, Forward, Gradients, Layer, SyncGroup
from .errors import BatchNormError

_GONE = {"context-gone", "context-unknown"}


def _to_array(tensor: torch.Tensor) -> Array:
    plain = tensor.detach().cpu().contiguous()
    return BFloat16(plain.view(torch.int16).numpy().view(np.uint16)) if plain.dtype == torch.bfloat16 else plain.numpy()


def _to_tensor(array: Array, model: torch.Tensor) -> torch.Tensor:
    if isinstance(array, BFloat16):
        plain = torch.from_numpy(array.bits.view(np.int16)).view(torch.bfloat16)
    else:
        plain = torch.from_numpy(array)
    return plain.to(device=model.device)


class _Pass(torch.autograd.Function):
    """One forward pass of a module, and its backward pass."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, module: _RemoteNorm) -> torch.Tensor:
        ctx.module, ctx.mode, ctx.step = module, "train" if module.normalizes_batch() else "infer", module.next_step()
        result = module.remote_forward(_to_array(x), ctx.mode, ctx.step, ctx.needs_input_grad[0])
        ctx.context_id = result.context_id
        ctx.save_for_backward(x)
        return _to_tensor(result.output, x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor, None]:
        (x,) = ctx.saved_tensors
        gradients = ctx.module.remote_backward(_to_array(grad_output), ctx.context_id, ctx.mode, ctx.step, x)
        return _to_tensor(gradients.grad_input, x), None


class _RemoteNorm(nn.Module):
    """The layer of the service normalizes; the module scales and shifts, with `weight` and `bias` as its parameters."""

    _ranks: tuple[int, ...] = ()

    def __init__(self, layer: Layer, num_features: int, affine: bool = True) -> None:
        super().__init__()
        self.layer, self.num_features = layer, num_features
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self._accumulation: Accumulation | None = None

    @classmethod
    def create(cls, client: Client, name: str, num_features: int, *, affine: bool = True, **knobs: Any) -> Any:
        """Creates the layer and a module of it. Knobs are those of the service, such as `epsilon` and `momentum`."""
        return cls(client.create(name, features=num_features, scale=False, shift=False, **knobs), num_features, affine)

    def normalizes_batch(self) -> bool:
        return self.training

    def next_step(self) -> int:
        return 0

    def remote_forward(self, x: Array, mode: str, step: int, differentiable: bool) -> Forward:
        if mode == "infer":
            return self.layer.forward_infer(x, save_context=differentiable)
        if self._accumulation is not None:
            self._accumulation.add(x)
            return self.layer.forward_train(x, commit=False, save_context=differentiable)
        return self.layer.forward_train(x, save_context=differentiable)

    def remote_backward(self, grad: Array, context_id: str | None, mode: str, step: int, x: torch.Tensor) -> Gradients:
        """A training pass that the service has forgotten is computed again from its input. Inference is not, because the
        running statistics may have changed."""
        try:
            return self.layer.backward(grad, context_id, parameters=False)
        except BatchNormError as error:
            if error.slug not in _GONE:
                raise
            if mode == "infer":
                raise RuntimeError(f"the service has forgotten the forward pass of layer {self.layer.name!r} ({error.detail});"
                                   " run the model again before backward") from error
        return self.layer.backward(grad, input=_to_array(x), mode="train", parameters=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() not in self._ranks:
            expected = " or ".join(f"{rank}-D" for rank in self._ranks)
            raise ValueError(f"expected {expected} input, got {x.dim()}-D")
        if x.shape[1] != self.num_features:
            raise ValueError(f"expected {self.num_features} channels on axis 1, got shape {tuple(x.shape)}")
        xhat = _Pass.apply(x, self)
        if self.weight is None or self.bias is None:
            return xhat
        shape = [1, -1] + [1] * (x.dim() - 2)
        return xhat * self.weight.view(shape).to(xhat) + self.bias.view(shape).to(xhat)

    def extra_repr(self) -> str:
        return f"{self.layer.name!r}, {self.num_features}, affine={self.weight is not None}"

    def export_to(self, module: nn.modules.batchnorm._BatchNorm) -> None:
        """Copies parameters and running statistics into a module of PyTorch."""
        state = self.layer.get()
        with torch.no_grad():
            if self.weight is not None and self.bias is not None:
                module.weight.copy_(self.weight)
                module.bias.copy_(self.bias)
            module.running_mean.copy_(torch.tensor(state["running_mean"], dtype=torch.float64))
            module.running_var.copy_(torch.tensor(state["running_var"], dtype=torch.float64))
            module.num_batches_tracked.fill_(state["num_batches_tracked"])
        module.eps = state["config"]["epsilon"]

    def load_from(self, module: nn.modules.batchnorm._BatchNorm) -> None:
        """Copies parameters, running statistics, epsilon and momentum from a module of PyTorch."""
        with torch.no_grad():
            if self.weight is not None and self.bias is not None and module.weight is not None:
                self.weight.copy_(module.weight)
                self.bias.copy_(module.bias)
        self.layer.patch(running_mean=module.running_mean.tolist(), running_var=module.running_var.tolist(),
                         num_batches_tracked=int(module.num_batches_tracked), epsilon=module.eps, momentum=module.momentum)


class RemoteBatchNorm1d(_RemoteNorm):
    """In place of `torch.nn.BatchNorm1d`: input (N, C) or (N, C, L)."""

    _ranks = (2, 3)


class RemoteBatchNorm2d(_RemoteNorm):
    """In place of `torch.nn.BatchNorm2d`: input (N, C, H, W)."""

    _ranks = (4,)


class RemoteBatchNorm3d(_RemoteNorm):
    """In place of `torch.nn.BatchNorm3d`: input (N, C, D, H, W)."""

    _ranks = (5,)


class RemoteSyncBatchNorm(_RemoteNorm):
    """In place of `torch.nn.SyncBatchNorm`: the shards of all workers are one batch.

    One worker opens the group, `layer.open_sync_group(size)`; each one makes a module with the group's id and its rank.
    """

    _ranks = (2, 3, 4, 5)

    def __init__(self, layer: Layer, num_features: int, group: SyncGroup, rank: int, affine: bool = True) -> None:
        super().__init__(layer, num_features, affine)
        self.group, self.rank, self._step = group, rank, -1

    def next_step(self) -> int:
        self._step += self.training
        return self._step

    def remote_forward(self, x: Array, mode: str, step: int, differentiable: bool) -> Forward:
        if mode == "infer":
            return super().remote_forward(x, mode, step, differentiable)
        return self.group.forward_train(x, rank=self.rank, step=step)

    def remote_backward(self, grad: Array, context_id: str | None, mode: str, step: int, x: torch.Tensor) -> Gradients:
        if mode == "infer":
            return super().remote_backward(grad, context_id, mode, step, x)
        return self.group.backward(grad, rank=self.rank, step=step, parameters=False)


@contextlib.contextmanager
def _training(model: nn.Module) -> Iterator[None]:
    modes = {module: module.training for module in model.modules()}
    model.train()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def precise_bn(model: nn.Module, loader: Iterable[torch.Tensor], policy: str = "pooled") -> None:
    """Replaces the running statistics of every remote layer by those of all batches of a loader, in one step each.

    `policy` is `pooled`, the variance of all values, or `mean_of_variances`, as in fvcore.
    """
    layers = [module for module in model.modules() if isinstance(module, _RemoteNorm)]
    with _training(model), torch.no_grad():
        for module in layers:
            module._accumulation = module.layer.open_accumulation()
        try:
            for batch in loader:
                model(batch)
            for module in layers:
                if module._accumulation is not None:
                    module._accumulation.finish("install", policy)
        finally:
            for module in layers:
                module._accumulation = None


def compare(model: nn.Module, inputs: torch.Tensor, client: Client) -> dict[str, float]:
    """Returns the largest difference between each batch normalization of a model and the service, on the same inputs.

    Differences are relative to the largest output. The layers that this needs are deleted again.
    """
    differences: dict[str, float] = {}

    def check(name: str, module: nn.modules.batchnorm._BatchNorm, x: torch.Tensor, found: torch.Tensor) -> None:
        vectors = {field: value.tolist() for field, value in (("gamma", module.weight), ("beta", module.bias),
                   ("running_mean", module.running_mean), ("running_var", module.running_var)) if value is not None}
        layer = client.create(f"compare-{uuid.uuid4()}", features=module.num_features, epsilon=module.eps, momentum=module.momentum,
                              scale=module.affine, shift=module.affine, **vectors)
        try:
            batch = module.training or module.running_mean is None
            result = layer.forward_train(_to_array(x), commit=False) if batch else layer.forward_infer(_to_array(x))
        finally:
            layer.delete()
        right = _to_tensor(result.output, found).double()
        differences[name] = float((found.double() - right).abs().max() / right.abs().max().clamp_min(1e-300))

    hooks = []
    for name, module in model.named_modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            hooks.append(module.register_forward_hook(
                lambda module, given, output, name=name: check(name, module, given[0], output)))
    try:
        with torch.no_grad():
            model(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return differences
