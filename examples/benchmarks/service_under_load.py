"""A service with a small heap, and those who ask much of it; load.py says what for."""
import contextlib
import http.client
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

JSON = "application/json"
LAYER = "/api/v1/layers/load"
INFER = LAYER + "/forward-infer"
WITHOUT_RETRY_AFTER = 598
WRK = """
local function read(path) local file = io.open(path, "rb") return file:read("*a") end
local steps, count = %(steps)d, 0
local headers = {["Content-Type"] = "application/json"}
local infer, train
local threads = {}
good, shed, bare, other = 0, 0, 0, 0
function setup(thread) table.insert(threads, thread) end
function init()
  headers.Host = wrk.headers.Host
  infer = wrk.format("POST", "%(infer)s", headers, read("%(body)s"))
  train = wrk.format("POST", "%(train)s", headers, read("%(step)s"))
end
function request() count = count + 1 return steps > 0 and count %% steps == 0 and train or infer end
function response(status, headers)
  if status == 200 then good = good + 1
  elseif status == 503 or status == 429 then
    shed = shed + 1
    if not headers["Retry-After"] then bare = bare + 1 end
  else other = other + 1 end
end
function done(summary, latency)
  local sum = {good = 0, shed = 0, bare = 0, other = 0}
  for _, thread in ipairs(threads) do for name in pairs(sum) do sum[name] = sum[name] + thread:get(name) end end
  local errors = summary.errors
  io.write(string.format("RESULT %%f %%f %%f %%d %%d %%d %%d\\n", summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, sum.good, sum.shed, sum.bare,
    sum.other + errors.connect + errors.read + errors.write + errors.timeout))
end
"""


def batch(rows=64, features=256):
    numbers = random.Random(1)
    return [[round(numbers.gauss(0, 1), 4) for _ in range(features)] for _ in range(rows)]


class Service:
    def __init__(self, options, **settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.java = options.java
        self.folder = tempfile.TemporaryDirectory(prefix="batchnorm-load-")
        self.log_path = os.path.join(self.folder.name, "log")
        environment = {**os.environ, **settings, "SERVER_PORT": str(self.port), "BATCHNORM_DATA_DIR": self.folder.name}
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(
                [options.java, "-Xmx512m", "-jar", options.jar], env=environment, stdout=log, stderr=log)

    def __enter__(self):
        deadline = time.monotonic() + 120
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit("the service did not start:\n" + self.log())
            time.sleep(0.1)
        if self.ask("POST", "/api/v1/layers", b'{"name": "load", "features": 256}', JSON) != 201:
            sys.exit("no layer:\n" + self.log())
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.folder.cleanup()

    def is_ready(self):
        try:
            return self.ask("GET", "/actuator/health/readiness") == 200
        except OSError:
            return False

    def ask(self, method, path, body=None, kind=None, headers=(), patience=60):
        """The status, whether the body was taken as a whole or refused before; who is shed must be told when to retry."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, {"Content-Type": kind or JSON, **dict(headers)})
            answer = connection.getresponse()
            answer.read()
            is_bare = answer.status in (429, 503) and not answer.getheader("Retry-After") and path.startswith("/api")
            return WITHOUT_RETRY_AFTER if is_bare else answer.status

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 10)

    def log(self):
        with open(self.log_path) as log:
            return log.read()

    def heap(self):
        """Bytes in use after a collection."""
        jcmd = os.path.join(os.path.dirname(os.path.realpath(self.java)), "jcmd")
        for _ in range(2):
            subprocess.run([jcmd, str(self.process.pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)
        info = subprocess.run(
            [jcmd, str(self.process.pid), "GC.heap_info"], check=True, stdout=subprocess.PIPE, text=True).stdout
        return sum(int(used) << 10 for used in re.findall(r"(?:heap|generation)\s.*used (\d+)K", info))

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) << 10

    def wrk(self, connections, seconds, steps=0):
        """Runs wrk: inference, and every so many steps a training step."""
        folder = self.folder.name
        for name, more in (("body", ""), ("step", ', "save_context": false')):
            with open(os.path.join(folder, name), "w") as file:
                file.write(f'{{"input": {batch()}{more}}}')
        script = os.path.join(folder, "load.lua")
        with open(script, "w") as file:
            file.write(WRK % {
                "body": os.path.join(folder, "body"), "step": os.path.join(folder, "step"), "steps": steps,
                "infer": INFER, "train": LAYER + "/forward-train"})
        command = ["wrk", "-t", str(min(2, connections)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "30s",
                   "-s", script, f"http://127.0.0.1:{self.port}"]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        figures = re.search(r"^RESULT (.*)$", output, re.MULTILINE)[1].split()
        return Outcome(*map(float, figures[:3]), *map(int, figures[3:]))


class Outcome:
    def __init__(self, seconds, median, p99, good, shed, bare, other):
        self.median, self.p99, self.shed, self.bare, self.other = median, p99, shed, bare, other
        self.goodput = good / seconds
        self.offered = (good + shed + other) / seconds


class Trickle(threading.Thread):
    """Connections that send a byte a second of a body, and come again when they are cut."""

    def __init__(self, service, number, announced):
        super().__init__(daemon=True)
        self.service, self.number = service, number
        self.head = (f"POST {INFER} HTTP/1.1\r\nHost: load\r\nContent-Type: {JSON}\r\n"
                     f"Content-Length: {announced}\r\n\r\n").encode()
        self.sockets, self.cut, self.ended = [], 0, False
        self.full = threading.Event()

    def run(self):
        while not self.ended:
            begin = time.monotonic()
            self.sockets = [each for each in self.sockets if self.is_alive_after_a_byte(each)]
            while len(self.sockets) < self.number and not self.ended:
                with contextlib.suppress(OSError):
                    connection = self.service.connect()
                    connection.sendall(self.head)
                    connection.setblocking(False)
                    self.sockets.append(connection)
            self.full.set()
            time.sleep(max(0, begin + 1 - time.monotonic()))
        for each in self.sockets:
            each.close()

    def is_alive_after_a_byte(self, connection):
        try:
            connection.send(b" ")
            connection.recv(1)  # an answer, or the end: either way it was cut
        except BlockingIOError:
            return True
        except OSError:
            pass
        connection.close()
        self.cut += 1
        return False
