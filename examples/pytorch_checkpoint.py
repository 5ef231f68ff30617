"""A checkpoint of PyTorch goes into the service and comes back bit for bit, by load_state_dict; a layer folds into a convolution.

    python3 examples/pytorch_checkpoint.py http://127.0.0.1:8080      against a running service
    python3 examples/pytorch_checkpoint.py --write network.safetensors  only writes the checkpoint

Needs PyTorch. The library "safetensors" would do for read and write, which are here to show how little there is to the format.
"""

import json
import struct
import sys
import urllib.request

import torch
from torch import nn

NAMES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
SAFETENSORS = "application/vnd.safetensors"


def write(tensors):
    """In the format's own order: wide elements first, then by name."""
    header, chunks, end = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0])):
        data = tensor.detach().contiguous().reshape(-1).numpy().tobytes()
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [end, end + len(data)]}
        chunks.append(data)
        end += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(chunks)


def read(body):
    (length,) = struct.unpack("<Q", body[:8])
    types = {word: dtype for dtype, word in NAMES.items()}
    tensors = {}
    for name, entry in json.loads(body[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            flat = torch.frombuffer(bytearray(body[begin:end]), dtype=types[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


def network():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 2, 3),
        nn.BatchNorm2d(2, affine=False, momentum=None),
        nn.Flatten(),
        nn.Linear(2 * 4 * 4, 8),
        nn.LayerNorm(8),
        nn.BatchNorm1d(8),
    )


def trained():
    torch.manual_seed(20261125)
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(7):
        optimizer.zero_grad()
        model(torch.randn(5, 3, 8, 8) * 3 + 1).square().mean().backward()
        optimizer.step()
    return model.eval()


def call(service, path, body=None, content_type=SAFETENSORS):
    headers = {"Content-Type": content_type} if body else {}
    with urllib.request.urlopen(urllib.request.Request(service + "/api/v1" + path, body, headers)) as answer:
        return answer.read()


def round_trip(service):
    model = trained()
    report = json.loads(call(service, "/layers/import?framework=pytorch&name=net&replace=true", write(model.state_dict())))
    print("found", ", ".join(layer["name"] for layer in report["layers"]), "and skipped", len(report["skipped"]), "tensors")

    # The file names the layers as the service does: below "net.", which load_state_dict does not know.
    state = read(call(service, "/state?framework=pytorch&exact=true&names=net.*"))
    state = {name.removeprefix("net."): tensor for name, tensor in state.items()}
    copy = trained()
    for module in copy.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.reset_parameters()
    missing, unexpected = copy.load_state_dict(state, strict=False)
    assert not unexpected and not any(name.startswith(("1.", "4.", "8.")) for name in missing)
    for name, tensor in model.state_dict().items():
        assert torch.equal(copy.state_dict()[name], tensor), name
    print("load_state_dict took", len(state), "tensors back, every bit as it was")

    single = nn.BatchNorm2d(4)
    single.load_state_dict(read(call(service, "/layers/net.1/state?framework=pytorch")))
    assert all(torch.equal(a, b) for a, b in zip(single.state_dict().values(), model[1].state_dict().values()))

    x = torch.randn(5, 3, 8, 8)
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
        both = model[:2].to(dtype)
        folded = read(call(service, "/layers/net.1/fold?kind=conv&position=after", write({"weight": both[0].weight})))
        alone = torch.conv2d(x.to(dtype), folded["weight"], folded["bias"])
        error = (alone - both(x.to(dtype))).abs().max().item()
        assert error < tolerance, error
        print(f"folded, {dtype}: the convolution alone differs from both by at most {error:.1e}")


if __name__ == "__main__":
    if sys.argv[1] == "--write":
        with open(sys.argv[2], "wb") as file:
            file.write(write(trained().state_dict()))
    else:
        round_trip(sys.argv[1])
