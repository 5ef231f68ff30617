"""Writes views.pth, a training checkpoint with unusual tensors: python3 views.py"""

import argparse

import numpy as np
import torch

base = torch.arange(16, dtype=torch.float32) / 7
matrix = torch.arange(12, dtype=torch.float64).reshape(4, 3) / 3
halves = torch.tensor([0.1, -2.5, 65504, 2.0**-24]).half()
state = {
    "shared.weight": base[2:6],
    "shared.bias": base[6:14:2],
    "shared.running_mean": matrix[:, 1],
    "shared.running_var": torch.ones(1).expand(4),
    "narrow.weight": torch.nn.Parameter(halves),
    "narrow.bias": torch.tensor([0.1, 3e38, -1.0, 0.0], dtype=torch.bfloat16),
    "narrow.running_mean": matrix.t()[2],
    "narrow.running_var": torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64),
    "narrow.num_batches_tracked": torch.tensor(7, dtype=torch.int32),
    "sparse": torch.eye(2).to_sparse(),
    "complex": torch.zeros(2, dtype=torch.complex64),
    "mask": torch.tensor([True]),
}
state["tied.weight"] = state["narrow.weight"]
torch.save(
    {
        "epoch": 3,
        "model_state_dict": state,
        "optimizer": {"state": {0: {"exp_avg": base}}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999)}]},
        "arguments": argparse.Namespace(lr=0.1, layers=[1, 2]),
        "best": np.float64(0.5),
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "size": torch.Size([3]),
        "names": {"a", "b"},
    },
    "views.pth",
)
