#!/usr/bin/env python3
"""Times this project's kernel against PyTorch's CPU batch norm, taking turns in one run, and prints a Markdown table.

    ./mvnw -q test-compile
    PEER_PYTHON="python3" python3 examples/benchmarks/kernel_against_torch.py [--java JAVA] [--rounds 3] [--output kept fresh]

PEER_PYTHON is a command that runs a Python with torch. Both sides keep their process; per shape, operation and number of
threads they are timed in turns, each for a fraction of a second, and the best median of each side is compared, so that
noise from elsewhere hits both or neither. A ratio above 1 means that this project's kernel is faster.

PyTorch allocates its output in each call, and its allocator hands back the memory just freed. A JVM zeroes every new
array first, a write over memory that PyTorch saves; so both are shown: `kept` writes into the same array each time (what
a service does that reuses its buffers), `fresh` includes allocating and zeroing a new one.
"""
import argparse
import json
import math
import os
import shlex
import subprocess
import sys

SHAPES = [(4, 64, 112, 112), (4, 256, 56, 56), (4, 64, 56, 56), (4, 512, 28, 28), (4, 128, 28, 28),
          (4, 1024, 14, 14), (4, 256, 14, 14), (4, 2048, 7, 7), (4, 512, 7, 7),
          (64, 256), (256, 1024), (8192, 512)]
OPERATIONS = ("train", "infer", "backward")
GOALS = {"train": 2.0, "infer": 1.2, "backward": 1.5}

TORCH = r"""
import sys, time, torch
torch.set_grad_enabled(False)
cache = {}
def operations(shape):
    if shape not in cache:
        cache.clear()
        c = shape[1]
        x, dy = torch.randn(shape), torch.randn(shape)
        g, b, rm, rv = torch.rand(c) + .5, torch.randn(c), torch.zeros(c), torch.ones(c)
        _, m, s = torch.native_batch_norm(x, g, b, rm, rv, True, 0.1, 1e-5)
        cache[shape] = {
            "train": lambda: torch.native_batch_norm(x, g, b, rm, rv, True, 0.1, 1e-5),
            "infer": lambda: torch.native_batch_norm(x, g, b, rm, rv, False, 0.1, 1e-5),
            "backward": lambda: torch.ops.aten.native_batch_norm_backward(
                dy, x, g, rm, rv, m, s, True, 1e-5, [True, True, True])}
    return cache[shape]
for line in sys.stdin:
    operation, threads, seconds, *shape = line.split()
    torch.set_num_threads(int(threads))
    run = operations(tuple(map(int, shape)))[operation]
    run(); run(); run()
    times, end = [], time.perf_counter() + float(seconds)
    while time.perf_counter() < end or len(times) < 9:
        t = time.perf_counter()
        run()
        times.append(time.perf_counter() - t)
    times.sort()
    print(times[len(times) // 2] * 1e6, flush=True)
"""


class Side:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.DEVNULL)

    def micros(self, *request):
        self.process.stdin.write(" ".join(map(str, request)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"no answer from {self.process.args[0]} to {request}")
        return float(answer)


def box(shape):
    return shape[0], shape[1], math.prod(shape[2:])


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--java", default=os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java")
    ap.add_argument("--classpath", default="target/classes" + os.pathsep + "target/test-classes")
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--seconds", type=float, default=0.2)
    ap.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    ap.add_argument("--output", nargs="+", default=["kept", "fresh"], choices=["kept", "fresh"])
    a = ap.parse_args()
    torch = Side(shlex.split(os.environ.get("PEER_PYTHON", "python3")) + ["-c", TORCH])
    ours = Side([a.java, "-Xms2g", "-Xmx2g", "-XX:+UseParallelGC", "-XX:+AlwaysPreTouch", "-XX:+UseTransparentHugePages",
                 "--add-modules=jdk.incubator.vector", "-cp", a.classpath, "batchnorm.benchmark.KernelSpeed"])
    # Both compilers and both allocators settle first.
    for shape in SHAPES:
        for operation in OPERATIONS:
            ours.micros(operation, 2, "kept", *box(shape), 0.3)
    for output in a.output:
        for threads in a.threads:
            print(f"\n{threads} thread{'s' * (threads > 1)}, output array {output}\n")
            print("| shape | " + " | ".join(f"{o}: PyTorch µs | ours µs | ratio" for o in OPERATIONS) + " |")
            print("|---|" + "--:|--:|--:|" * len(OPERATIONS))
            ratios = {o: [] for o in OPERATIONS}
            for shape in SHAPES:
                cells = []
                for operation in OPERATIONS:
                    theirs, own = math.inf, math.inf
                    for _ in range(a.rounds):
                        theirs = min(theirs, torch.micros(operation, threads, a.seconds, *shape))
                        own = min(own, ours.micros(operation, threads, output, *box(shape), a.seconds))
                    ratios[operation].append(theirs / own)
                    cells.append(f"{theirs:.0f} | {own:.0f} | {theirs / own:.2f}")
                print("| " + "×".join(map(str, shape)) + " | " + " | ".join(cells) + " |", flush=True)
            print("| geometric mean | " + " | ".join(
                f"| goal {GOALS[o]} | **{geometric_mean(ratios[o]):.2f}**" for o in OPERATIONS) + " |", flush=True)
    print("\nOf the copy bandwidth (bytes read and written by infer, against a copy of the same array), 1 thread\n")
    print("| shape | copy µs | infer µs | share |\n|---|--:|--:|--:|")
    for shape in (SHAPES[0], SHAPES[1], SHAPES[-1]):
        copy, infer = math.inf, math.inf
        for _ in range(a.rounds):
            copy = min(copy, ours.micros("copy", 1, "kept", *box(shape), a.seconds))
            infer = min(infer, ours.micros("infer", 1, "kept", *box(shape), a.seconds))
        print("| " + "×".join(map(str, shape)) + f" | {copy:.0f} | {infer:.0f} | {copy / infer:.0%} |", flush=True)
    sys.exit(0)


main()
