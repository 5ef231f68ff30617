#!/usr/bin/env python3
"""Times this service beside a Python service (torch_service.py), taking turns in one run, and prints Markdown tables.

    ./mvnw package
    PEER_PYTHON=python3 python3 examples/benchmarks/service_against_python.py [--java JAVA] [--jar target/batchnorm.jar]
        [--part latency load elements echo] [--csv benchmarks.csv]

Starts both services on free ports with data of their own, warms them up, and ends them. PEER_PYTHON is a command that runs
a Python with the modules of torch_service.py; this script itself needs numpy. The parts:

    latency   one keep-alive connection each, turn by turn: medians, quartiles, and the peer's median over ours
    load      wrk (Debian has it) with 1 to 64 connections, 64x256: requests/s, 50th and 99th percentile
    elements  one connection, .npy inference of 10^2 to 10^7 elements: medians
    echo      a million elements, beside a server that only sends as many bytes back (echo.py): what no server undercuts

--csv appends what was measured, for plot.py. A training step of ours is on disk before it is answered; the peer stores nothing.
"""
import argparse
import csv
import functools
import http.client
import io
import json
import math
import os
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

JSON, NPY = "application/json", "application/x-npy"
OPERATIONS = ("forward-train", "forward-infer", "backward")
HERE = os.path.dirname(os.path.abspath(__file__))
WRK = """
local file = io.open("%s", "rb")
wrk.method, wrk.body = "POST", file:read("*a")
wrk.headers["Content-Type"] = "%s"
done = function(summary, latency)
  io.write(string.format("RESULT %%f %%f %%f %%d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.errors.status + summary.errors.timeout))
end
"""


class Service:
    """A process that listens on a port, and one connection to it."""

    def __init__(self, command, port, environment=()):
        self.port = port
        self.process = subprocess.Popen(command, env={**os.environ, **dict(environment)}, stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.2)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, path, body, kind, accept=None):
        try:
            answer = self.ask(path, body, kind, accept)
        except ConnectionError:  # a service closes connections that were idle, as during wrk's turns
            self.connection.close()
            answer = self.ask(path, body, kind, accept)
        data = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{path} answered {answer.status}: {data[:300]!r}")
        return answer, data

    def ask(self, path, body, kind, accept):
        self.connection.request("POST", path, body, {"Content-Type": kind, "Accept": accept or kind})
        return self.connection.getresponse()

    def milliseconds(self, request):
        start = time.perf_counter()
        self.post(*request)
        return (time.perf_counter() - start) * 1e3

    def end(self):
        self.process.terminate()
        self.process.wait()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@functools.cache
def batch(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


@functools.cache
def body_of(shape, kind):
    """A batch as a .npy body, or as a JSON tensor."""
    x = batch(*shape)
    if kind == ".npy":
        out = io.BytesIO()
        np.save(out, x)
        return out.getvalue()
    numbers = ", ".join(map(repr, x.reshape(-1).tolist())) if kind == "17 digits" else ", ".join(map(str, x.reshape(-1)))
    return '{"shape": %s, "datatype": "FP32", "data": [%s]}' % (json.dumps(shape), numbers)


def create(ours, features):
    ours.post("/api/v1/layers", json.dumps({"name": f"c{features}", "features": features}), JSON)


def requests(ours, peer, shape, kind, operation):
    """The same request to both."""
    features = shape[1]
    path, peer_path = f"/api/v1/layers/c{features}/{operation}", f"/c{features}/{operation.split('-')[-1]}"
    media, accept = (NPY, None) if kind == ".npy" else (JSON, None)
    body = peer_body = body_of(shape, kind)
    if operation == "backward":
        # Both keep the context of a forward pass.
        train = f"/api/v1/layers/c{features}/forward-train"
        answer, _ = ours.post(train, body if kind == ".npy" else '{"input": %s}' % body, media)
        peer.post(f"/c{features}/train", peer_body, media)
        if kind == ".npy":
            path, accept = path + "?context_id=" + answer.getheader("Context-Id"), "application/x-npz"
        else:
            body = '{"context_id": "%s", "grad_output": %s}' % (answer.getheader("Context-Id"), body)
    elif operation == "forward-train":
        path, body = (path + "?save_context=false", body) if kind == ".npy" else (
            path, '{"save_context": false, "input": %s}' % body)
    elif kind != ".npy":
        body = '{"input": %s}' % body
    return (path, body, media, accept), (peer_path, peer_body, media)


def take_turns(ours, peer, mine, theirs, seconds):
    own, other, end = [], [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(own) < 7:
        own.append(ours.milliseconds(mine))
        other.append(peer.milliseconds(theirs))
    return own, other


def spread(times):
    low, middle, high = statistics.quantiles(times, n=4)
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def latency(ours, peer, seconds, log):
    print("\n| elements | body | operation | ours ms (quartiles) | Python ms (quartiles) | Python / ours |\n|--:|---|---|--:|--:|--:|")
    for shape in ((4, 8), (64, 256), (256, 64, 8, 8)):
        size = math.prod(shape)
        for kind in ("17 digits", "short digits", ".npy"):
            for operation in OPERATIONS:
                mine, theirs = requests(ours, peer, shape, kind, operation)
                own, other = take_turns(ours, peer, mine, theirs, seconds)
                ratio = statistics.median(other) / statistics.median(own)
                log("latency", f"{kind} {operation}", size, statistics.median(own), statistics.median(other))
                print(f"| {size:,} | {kind} | {operation} | {spread(own)} | {spread(other)} | {ratio:.2f} |", flush=True)


def wrk(service, request, connections, seconds):
    path, body, media = request[:3]
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/body", "wb") as out:
            out.write(body if isinstance(body, bytes) else body.encode())
        with open(f"{folder}/post.lua", "w") as out:
            out.write(WRK % (f"{folder}/body", media))
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", f"{folder}/post.lua",
                              f"http://127.0.0.1:{service.port}{path}"], capture_output=True, text=True, check=True).stdout
    rate, half, most, errors = map(float, out[out.index("RESULT"):].split()[1:5])
    if errors or not rate:
        raise SystemExit(f"{path}: {errors:.0f} requests failed under load, {rate:.0f}/s were answered")
    return rate, half, most


def load(ours, peer, seconds, log):
    print("\n| body | operation | connections | ours requests/s | p50, p99 ms | Python requests/s | p50, p99 ms | ours / Python |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for kind in (".npy", "17 digits"):
        for operation in ("forward-infer", "forward-train"):
            mine, theirs = requests(ours, peer, (64, 256), kind, operation)
            for connections in (1, 4, 16, 64):
                for service, request in ((ours, mine), (peer, theirs)):
                    wrk(service, request, connections, 1)  # does not count: so many at once may take another way
                own = wrk(ours, mine, connections, seconds)
                other = wrk(peer, theirs, connections, seconds)
                log("load", f"{kind} {operation}", connections, own[0], other[0])
                print(f"| {kind} | {operation} | {connections} | {own[0]:,.0f} | {own[1]:.2f}, {own[2]:.2f} | {other[0]:,.0f} |"
                      f" {other[1]:.2f}, {other[2]:.2f} | {own[0] / other[0]:.2f} |", flush=True)


def elements(ours, peer, seconds, log):
    print("\n| elements | ours ms (quartiles) | Python ms (quartiles) | Python / ours |\n|--:|--:|--:|--:|")
    for size in (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        mine, theirs = requests(ours, peer, (size // 10, 10), ".npy", "forward-infer")
        own, other = take_turns(ours, peer, mine, theirs, seconds)
        log("elements", ".npy forward-infer", size, statistics.median(own), statistics.median(other))
        print(f"| {size:,} | {spread(own)} | {spread(other)} | {statistics.median(other) / statistics.median(own):.2f} |", flush=True)


def echo(ours, peer, seconds, log):
    port = free_port()
    bare = Service([sys.executable, os.path.join(HERE, "echo.py"), str(port)], port)
    print("\n| body | echo ms (quartiles) | ours ms (quartiles) | Python ms (quartiles) | Python / echo | Python / ours |\n"
          "|---|--:|--:|--:|--:|--:|")
    try:
        for kind in (".npy", "17 digits"):
            mine, theirs = requests(ours, peer, (256, 64, 8, 8), kind, "forward-infer")
            same = (f"/?{len(ours.post(*mine)[1])}", *mine[1:])
            times, end = ([], [], []), time.perf_counter() + seconds
            while time.perf_counter() < end or len(times[0]) < 7:
                for service, request, taken in zip((bare, ours, peer), (same, mine, theirs), times):
                    taken.append(service.milliseconds(request))
            least, own, other = map(statistics.median, times)
            print(f"| {kind} | {' | '.join(map(spread, times))} | {other / least:.2f} | {other / own:.2f} |", flush=True)
    finally:
        bare.end()


PARTS = {"latency": latency, "load": load, "elements": elements, "echo": echo}


def warm_up(ours, peer, seconds):
    """Until both compilers have seen every kind of request for a while."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for shape in ((4, 8), (64, 256), (256, 64, 8, 8)):
            for kind in ("17 digits", "short digits", ".npy"):
                for operation in OPERATIONS:
                    mine, theirs = requests(ours, peer, shape, kind, operation)
                    take_turns(ours, peer, mine, theirs, 0.15)


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--java", default=os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java")
    ap.add_argument("--jar", default=os.path.join(HERE, "..", "..", "target", "batchnorm.jar"))
    ap.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    ap.add_argument("--seconds", type=float, default=3, help="for each row")
    ap.add_argument("--warm-up", type=float, default=30, help="seconds")
    ap.add_argument("--csv")
    a = ap.parse_args()

    def log(*row):
        if a.csv:
            with open(a.csv, "a", newline="") as out:
                csv.writer(out).writerow(row)

    with tempfile.TemporaryDirectory() as data:
        port, peer_port = free_port(), free_port()
        peer = Service(shlex.split(os.environ.get("PEER_PYTHON", sys.executable))
                       + [os.path.join(HERE, "torch_service.py"), "--port", str(peer_port)], peer_port)
        ours = Service([a.java, "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-jar", a.jar], port,
                       {"SERVER_PORT": str(port), "BATCHNORM_DATA_DIR": data})
        try:
            for features in (8, 10, 64, 256):
                create(ours, features)
            warm_up(ours, peer, a.warm_up)
            for part in a.part:
                PARTS[part](ours, peer, a.seconds, log)
        finally:
            ours.end()
            peer.end()


main()
