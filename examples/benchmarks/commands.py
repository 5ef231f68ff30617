#!/usr/bin/env python3
"""Start of the command line, and the inspection of a large file beside SHA-256 over it.

    python3 commands.py [--runs 9] [--megabytes 100] [--java java] 'java -jar batchnorm.jar' 'java -XX:AOTCache=… -jar …'

Each command runs with "help" and with "inspect" of a small file, and is compared with "java -version". Then it inspects
a file of PyTorch and a safetensors file, of convolution weights and a few batch normalizations. What the large file
costs is the time beyond the small one, and is compared with sha256sum. Runs of all kinds take turns; printed are
medians of wall time, of processor time, and the peak of resident memory. Only the standard library is needed.
"""
import argparse
import collections
import io
import json
import multiprocessing
import os
import pickle
import shlex
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import types
import zipfile

LAYERS = 50
FEATURES = 64


def numbers(count, value):
    return struct.pack("<f", value) * count


def tensors(weights):
    """The names, shapes and FP32 bytes of a model with `weights` numbers in convolutions."""
    each = weights // LAYERS
    for layer in range(LAYERS):
        yield f"conv{layer}.weight", (each,), bytes(4 * each)
        for name, value in ("weight", 1), ("bias", 0), ("running_mean", 3), ("running_var", 2):
            yield f"bn{layer}.{name}", (FEATURES,), numbers(FEATURES, value)


def write_safetensors(path, weights):
    header, begin, contents = {}, 0, list(tensors(weights))
    for name, shape, content in contents:
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, begin + len(content)]}
        begin += len(content)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, content in contents:
            file.write(content)


def write_pytorch(path, weights):
    """What torch.save writes, without torch: modules of these names are enough for the pickle."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    class FloatStorage:
        pass

    def _rebuild_tensor_v2(*_):
        pass

    FloatStorage.__module__, FloatStorage.__qualname__ = "torch", "FloatStorage"
    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch.FloatStorage, utils._rebuild_tensor_v2, torch._utils = FloatStorage, _rebuild_tensor_v2, utils
    sys.modules.update({"torch": torch, "torch._utils": utils})

    class Storage:
        def __init__(self, key, elements):
            self.key, self.elements = key, elements

    class Tensor:
        def __init__(self, storage):
            self.storage = storage

        def __reduce__(self):
            shape = (self.storage.elements,)
            return _rebuild_tensor_v2, (self.storage, 0, shape, (1,), False, collections.OrderedDict())

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if isinstance(value, Storage):
                return "storage", FloatStorage, value.key, "cpu", value.elements
            return None

    state, contents = collections.OrderedDict(), list(tensors(weights))
    for key, (name, shape, _) in enumerate(contents):
        state[name] = Tensor(Storage(str(key), shape[0]))
    body = io.BytesIO()
    Pickler(body, protocol=2).dump(state)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", body.getvalue())
        for key, (_, _, content) in enumerate(contents):
            archive.writestr(f"archive/data/{key}", content)
        archive.writestr("archive/version", "3\n")


def run(command):
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode > 1:
        sys.exit(f"{command} ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def medians(commands, runs):
    results = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(run(command))
    return {name: tuple(map(statistics.median, zip(*values))) for name, values in results.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--java", default="java")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        files = {}
        # In a process of its own: the peak memory of a child begins with that of its parent.
        for name, write in ("pth", write_pytorch), ("safetensors", write_safetensors):
            for size, megabytes in ("small", 0), ("large", options.megabytes):
                files[name, size] = os.path.join(directory, f"{size}.{name}")
                writer = multiprocessing.get_context("fork").Process(
                    target=write, args=(files[name, size], megabytes * 250_000))
                writer.start()
                writer.join()
        commands = {"java -version": [options.java, "-version"]}
        for name in "pth", "safetensors":
            commands[f"sha256sum {name}"] = ["sha256sum", files[name, "large"]]
        for text in options.command:
            base = shlex.split(text)
            commands[f"{text} help"] = base + ["help"]
            for (name, size), file in files.items():
                commands[f"{text} inspect {size} {name}"] = base + ["inspect", "--exit-zero", file]
        results = medians(commands, options.runs)
        java = results["java -version"]
        print(f"{'wall':>8}{'CPU':>9}{'memory':>9}{'of java -version':>19}")
        for name, (wall, processor, memory) in results.items():
            ratio = "" if name.startswith("sha") else f"{wall / java[0]:8.1f} wall{processor / java[1]:6.1f}"
            print(f"{wall:7.3f}s{processor:8.3f}s{memory:6.0f} MB{ratio:>19}  {name}")
        for text in options.command:
            for name in "pth", "safetensors":
                large = results[f"{text} inspect large {name}"]
                small = results[f"{text} inspect small {name}"]
                sha = results[f"sha256sum {name}"]
                print(f"{name}: beyond the small file {(large[0] - small[0]) / sha[0]:.2f} of sha256sum's wall time, "
                      f"{(large[1] - small[1]) / sha[1]:.2f} of its processor time, "
                      f"{large[2] - small[2]:.0f} MB: {text}")


if __name__ == "__main__":
    main()
