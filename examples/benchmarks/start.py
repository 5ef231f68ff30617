#!/usr/bin/env python3
"""How long a service takes until it is ready, and how much memory it holds when idle.

    python3 start.py [--runs 5] [--idle 10] [--layers 0] 'java -jar batchnorm.jar' 'java -XX:AOTCache=… -jar …'

Each command is started in turn, on a free port and an empty data directory, until /actuator/health/readiness answers
200. Printed are the median time (and its range), processor time until then, and the resident set after --idle seconds.
With --layers, the directory holds so many layers, and the latency of inference is measured over one connection.
"""
import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import random
import re
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

JSON = {"Content-Type": "application/json"}
CLIENTS = 16
REQUESTS = 2000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    def __init__(self, command, data):
        self.port = free_port()
        environment = dict(os.environ, SERVER_PORT=str(self.port), BATCHNORM_DATA_DIR=data)
        begin = time.monotonic()
        self.process = subprocess.Popen(
            shlex.split(command), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        while not self.is_ready():
            if self.process.poll() is not None:
                sys.exit(self.process.stdout.read().decode())
            time.sleep(0.01)
        self.seconds = time.monotonic() - begin
        with open(f"/proc/{self.process.pid}/stat") as stat:
            ticks = stat.read().rsplit(")")[1].split()[11:13]
        self.processor_seconds = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"GET /actuator/health/readiness HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return connection.recv(100).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def connect(self):
        return contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port))

    def resident_megabytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


def send(connection, path, body, expected):
    connection.request("POST", path, json.dumps(body), JSON)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != expected:
        raise SystemExit(content.decode())


def fill(service, layers):
    def create(client):
        with service.connect() as connection:
            for i in range(client, layers, CLIENTS):
                send(connection, "/api/v1/layers", {"name": f"layer-{i}", "features": 4}, 201)

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(create, range(CLIENTS)))


def latency(service, layers):
    """Milliseconds of inference and of training steps in layers picked at random: median and 99th percentile."""
    figures = []
    batch = {"input": [[1, 2, 3, 4]] * 4}
    with service.connect() as connection:
        for path, body in ("forward-infer", batch), ("forward-train", dict(batch, save_context=False)):
            times = []
            for _ in range(REQUESTS):
                begin = time.monotonic()
                send(connection, f"/api/v1/layers/layer-{random.randrange(layers)}/{path}", body, 200)
                times.append((time.monotonic() - begin) * 1e3)
            times = sorted(times[REQUESTS // 4:])
            figures.append(f"{path} {times[len(times) // 2]:.2f} / {times[len(times) * 99 // 100]:.2f} ms")
    return ", ".join(figures)


def measure(command, idle, layers):
    data = tempfile.mkdtemp(prefix="batchnorm-start-")
    try:
        if layers:
            service = Service(command, data)
            fill(service, layers)
            service.stop()
        service = Service(command, data)
        times = latency(service, layers) if layers else ""
        time.sleep(idle)
        megabytes = service.resident_megabytes()
        service.stop()
        return service.seconds, service.processor_seconds, megabytes, times
    finally:
        shutil.rmtree(data)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--idle", type=float, default=10)
    options.add_argument("--layers", type=int, default=0)
    options.add_argument("command", nargs="+")
    options = options.parse_args()
    results = {command: [] for command in options.command}
    for _ in range(options.runs):
        for command, runs in results.items():
            runs.append(measure(command, options.idle, options.layers))
    for command, runs in results.items():
        seconds, processor, megabytes, times = zip(*runs)
        print(f"{statistics.median(seconds):6.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
              f"  processor {statistics.median(processor):5.2f} s  resident {statistics.median(megabytes):4.0f} MB  {command}")
        for figures in filter(None, times):
            print("        " + figures)


if __name__ == "__main__":
    main()
