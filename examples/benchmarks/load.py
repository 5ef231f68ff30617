#!/usr/bin/env python3
"""Whether the service bears more than it can do: overload, slow clients, abuse of a small heap, time.

    ./mvnw package
    python3 examples/benchmarks/load.py [--java JAVA] [--jar target/batchnorm.jar] [--part peak slow abuse soak]
        [--seconds 10] [--minutes 30] [--announce 10000] [--numbers 1024]

Starts the jar with -Xmx512m on a free port, with data of its own, and ends it. slow and soak need wrk (Debian has it),
peak needs curl; clients take their share of the same processors. One line for each goal, PASS or MISS; the exit code is 1
after a MISS.

    peak   the best goodput of a request that costs the service much and its client little, a gradient check of a small
           batch, over 2 to 32 connections, after two floods that let the JVM compile; then four times as many a second,
           whether they are answered or not, to the service with its default limits: goodput >= 80 % of the peak, every
           request that is shed is told when to retry, and the readiness probe answers meanwhile
    slow   the 99th percentile of healthy requests, alone and beside 2,000 connections that send a byte a second of the
           --announce bytes that they announce: below 3 times
    abuse  bodies that are made to hurt, and readers who do not read: no answer 5xx but 503 with Retry-After, no
           OutOfMemoryError, the heap after a collection as before (within 16 MB; the buffers of 200 connections, which
           the server keeps, are there from the beginning), and the service answers
    soak   --minutes of inference with a training step in ten requests: heap after a collection (within 16 MB) and
           resident set (within 10 %) as at the start; no answer but 200, or 503 with Retry-After where other programs
           take the processors for longer than a request waits
"""
import argparse
import base64
import contextlib
import io
import os
import resource
import struct
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import open_loop
from service_under_load import INFER, JSON, Service, Trickle, batch

NPY, NPZ = "application/x-npy", "application/x-npz"
MEGABYTE = 1 << 20
SLACK = 16 * MEGABYTE
FILLING = 6  # seconds until who waits too long begins to be refused


def npy(shape, data=b""):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def npz(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("input.npy", content)
    return file.getvalue()


def verdict(name, passes, figures):
    print(f"{'PASS' if passes else 'MISS'}  {name}: {figures}", flush=True)
    return passes


def gradient_check(service, size):
    """Each number is moved both ways: 12 kB of 1,024 keep a processor busy for more than ten milliseconds."""
    if service.ask("POST", "/api/v1/layers", b'{"name": "check", "features": 1}', JSON) != 201:
        sys.exit("no layer:\n" + service.log())
    numbers = [row[0] for row in batch(size, 1)]
    data = base64.b64encode(struct.pack(f"<{size}d", *numbers)).decode()
    body = f'{{"input": {{"shape": [{size}, 1], "datatype": "FP64", "base64": "{data}"}}}}'
    return open_loop.post("/api/v1/layers/check/gradient-check", body.encode())


def overload(service, request, rate, seconds):
    """So many a second, and beside it a probe every half a second, timed by a process of its own."""
    probes, ended = [], threading.Event()

    def probe():
        while not ended.wait(0.5):
            curl = subprocess.run(["curl", "-s", "-f", "-o", os.devnull, "-w", "%{time_total}",
                                   f"http://127.0.0.1:{service.port}/actuator/health/readiness"], stdout=subprocess.PIPE)
            probes.append(float("inf") if curl.returncode else 1e3 * float(curl.stdout))

    probing = threading.Thread(target=probe, daemon=True)
    probing.start()
    over = open_loop.opened(service.port, request, rate, FILLING, FILLING + seconds)
    ended.set()
    probing.join()
    return over, sorted(probes)


def peak(options):
    with Service(options) as service:
        request = gradient_check(service, options.numbers)

        def closed(connections):
            return open_loop.closed(service.port, request, connections, options.seconds)

        def flood(rate, seconds):
            return overload(service, request, 4 * rate, seconds)

        # The JVM compiles what it has not done before, refusals too, on the same processors: that has a figure of its own.
        cold, _ = flood(closed(8).goodput, options.seconds)
        print(f"the first flood: {cold.goodput:.0f}/s of {cold.offered:.0f}/s offered")
        flood(closed(8).goodput, 3 * options.seconds)
        runs = {connections: closed(connections) for connections in (2, 4, 8, 16, 32)}
        rates = {connections: run.goodput for connections, run in runs.items()}
        best = max(rates, key=rates.get)
        rate = rates[best]
        print("gradient checks by connections:", ", ".join(f"{number}: {each:.0f}/s" for number, each in rates.items()))
        verdict("peak", True, f"{rate:.0f}/s with {best} connections, p99 {runs[best].percentile(0.99):.0f} ms")
        over, probes = flood(rate, options.seconds)
        again = closed(best).goodput  # other programs slow down both
    offered, goodput = over.offered, over.goodput
    figures = (f"goodput {goodput:.0f}/s, {goodput / rate:.0%} of the peak before ({goodput / again:.0%} of {again:.0f}/s "
               f"after); {over.shed} shed, {over.other} other; of those served p50 {over.percentile(0.5):.0f} ms, "
               f"p99 {over.percentile(0.99):.0f} ms; the clients were late by {over.late:.1f} s at most, and took "
               f"{over.processor / over.seconds:.0%} of a processor")
    waits = f"{min(over.retry_after)} to {max(over.retry_after)} s" if over.retry_after else "none"
    return [verdict("four times offered", offered >= 3.8 * rate, f"{offered:.0f}/s, {offered / rate:.1f} times the peak"),
            verdict("overload", goodput >= 0.8 * rate and over.shed > 0 and over.other == 0, figures),
            verdict("shed with Retry-After", over.shed > 0 and over.bare == 0,
                    f"all but {over.bare} of {over.shed}: {waits}"),
            verdict("readiness meanwhile", probes[-1] < 1000,
                    f"{len(probes)} probes, median {probes[len(probes) // 2]:.0f} ms, slowest {probes[-1]:.0f} ms")]


def slow(options):
    alone, beside = [], []
    with Service(options) as service:
        service.wrk(4, options.seconds)
        for _ in range(2):
            alone.append(service.wrk(4, options.seconds))
            trickle = Trickle(service, 2000, options.announce)
            trickle.start()
            trickle.full.wait()
            beside.append(service.wrk(4, options.seconds))
            trickle.ended = True
            trickle.join()
    # The better of two turns each: other programs on the machine only ever add.
    before, after = min(run.p99 for run in alone), min(run.p99 for run in beside)
    lost = sum(run.other + run.shed for run in beside)
    figures = (f"p99 {before:.1f} ms alone, {after:.1f} ms beside 2,000 that announce {options.announce} bytes "
               f"({trickle.cut} cut in the last turn): {after / before:.2f} times; {lost} healthy requests refused")
    return [verdict("slow connections", after < 3 * before and lost == 0, figures)]


def unread(service):
    """200 clients ask for 60 answers each, and read none of them until the service gives up."""
    body = f'{{"input": {batch()}}}'.encode()
    request = f"POST {INFER} HTTP/1.1\r\nHost: load\r\nContent-Type: {JSON}\r\nContent-Length: {len(body)}\r\n\r\n"
    clients = [service.connect() for _ in range(200)]
    for client in clients:
        client.setblocking(False)
    pending = [(request.encode() + body) * 60 for _ in clients]
    end = time.monotonic() + 15
    while time.monotonic() < end:
        for i, client in enumerate(clients):
            with contextlib.suppress(OSError):
                pending[i] = pending[i][client.send(pending[i][:MEGABYTE]):]
        time.sleep(0.05)
    for client in clients:
        client.close()
    return []


def together(service, number, body, kind):
    with ThreadPoolExecutor(number) as clients:
        return list(clients.map(lambda _: service.ask("POST", INFER, body, kind, patience=120), range(number)))


def abuse(options):
    rows = 60 * MEGABYTE // 2048
    lines = b"[" + b",".join([b"1.0625"] * 256) + b"]"
    sixty = b'{"input": [' + b",".join([lines] * (60 * MEGABYTE // (len(lines) + 1))) + b"]}"
    zeros = bytes(512 * MEGABYTE)
    bomb, lie = npz(npy((262144, 256), zeros)), npz(npy((2, 256), zeros))
    del zeros
    cases = {
        "4 GB announced": lambda s: [s.ask("POST", INFER, b"", JSON, {"Content-Length": str(1 << 32)})],
        "an exabyte announced": lambda s: [s.ask("POST", INFER, b"", NPY, {"Content-Length": str(1 << 60)})],
        "npz of 512 MB in 0.5 MB, 8 at once": lambda s: together(s, 8, bomb, NPZ),
        "npz that says 4 kB, 8 at once": lambda s: together(s, 8, lie, NPZ),
        "nested a million deep": lambda s: together(s, 8, b'{"input": ' + b"[" * 1_000_000, JSON),
        "npy of 2^40 rows": lambda s: together(s, 8, npy((1 << 40, 256), b"0" * 4096), NPY),
        "npy whose size overflows": lambda s: together(s, 8, npy((1 << 62, 4), b"0" * 4096), NPY),
        "JSON with a shape of 2^40": lambda s: together(
            s, 8, b'{"input": [1, 2], "shape": [1099511627776, 256]}', JSON),
        "50 npy of 60 MB at once": lambda s: together(s, 50, npy((rows, 256), bytes(rows * 2048)), NPY),
        "50 JSON of 60 MB at once": lambda s: together(s, 50, sixty, JSON),
        "200 readers who do not read": unread,
    }
    healthy = f'{{"input": {batch()}}}'.encode()
    passes = []
    with Service(options) as service:
        together(service, 8, healthy, JSON)
        together(service, 1, npy((rows, 256), bytes(rows * 2048)), NPY)
        fresh = service.heap()
        unread(service)  # the server keeps buffers of closed connections in a pool
        time.sleep(15)
        before = service.heap()
        for name, case in cases.items():
            begin = time.monotonic()
            try:
                statuses = case(service)
            except OSError as failure:
                statuses = [599]
                print(name, failure)
            bad = [status for status in statuses if status >= 500 and status != 503]
            alive = service.process.poll() is None and service.ask("POST", INFER, healthy, JSON) == 200
            counts = ", ".join(f"{statuses.count(each)} answered {each}" for each in sorted(set(statuses)))
            passes.append(verdict(name, alive and not bad, f"{counts or 'no answer read'}; "
                                  f"{'serves on' if alive else 'DEAD'}, {time.monotonic() - begin:.1f} s"))
            if service.process.poll() is not None:
                sys.exit(service.log()[-2000:])
        time.sleep(15)  # who does not read is cut after 10 s
        after = service.heap()
        errors = service.log().count("OutOfMemoryError")
        passes.append(verdict("no OutOfMemoryError", errors == 0, f"{errors} in the log"))
        passes.append(verdict("heap after abuse", after - before < SLACK,
                              f"{before / MEGABYTE:.1f} MB before, {after / MEGABYTE:.1f} MB after; "
                              f"{fresh / MEGABYTE:.1f} MB before there were ever 200 connections"))
    return passes


def soak(options):
    with Service(options) as service:
        service.wrk(16, 6 * options.seconds, steps=10)
        heap, resident = service.heap(), service.resident()
        run = service.wrk(16, round(60 * options.minutes), steps=10)
        heap_after, resident_after = service.heap(), service.resident()
    figures = (f"{options.minutes:g} minutes at {run.goodput:.0f}/s, p99 {run.p99:.1f} ms, {run.shed} shed, {run.other} other; "
               f"heap {heap / MEGABYTE:.1f} MB, then {heap_after / MEGABYTE:.1f} MB; "
               f"resident {resident / MEGABYTE:.0f} MB, then {resident_after / MEGABYTE:.0f} MB")
    same = heap_after - heap < SLACK and resident_after < 1.1 * resident
    return [verdict("soak", same and run.bare + run.other == 0, figures)]


def main():
    parts = {part.__name__: part for part in (peak, slow, abuse, soak)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    home = os.environ.get("JAVA_HOME")
    parser.add_argument("--java", default=os.path.join(home, "bin", "java") if home else "java")
    parser.add_argument("--jar", default="target/batchnorm.jar")
    parser.add_argument("--part", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--seconds", type=int, default=10, help="of one run of wrk")
    parser.add_argument("--minutes", type=float, default=30, help="of the soak")
    parser.add_argument("--announce", type=int, default=10_000, help="bytes that a slow connection announces")
    parser.add_argument("--numbers", type=int, default=1024, help="of the gradient check that makes the peak")
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    print(f"load average {' '.join(f'{each:.1f}' for each in os.getloadavg())}, {os.cpu_count()} processors")
    passes = [each for name in options.part for each in parts[name](options)]
    print(f"load average {' '.join(f'{each:.1f}' for each in os.getloadavg())}")
    sys.exit(0 if all(passes) else 1)


if __name__ == "__main__":
    main()
