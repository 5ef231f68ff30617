#!/usr/bin/env python3
"""Trains a small network twice, with and without batch normalization, whose layers live in the service.

The network tells malignant from benign tumours by 30 raw measurements whose means run from 0.004 to 880.
With batch normalization (BN) it is

    x -> BN -> affine 16 -> BN -> sigmoid -> affine 8 -> BN -> sigmoid -> affine 1 -> sigmoid

and without, the same with every BN left out: the same initial weights, batches and learning rate.
NumPy does the affine parts here; each BN is a named layer of the service, reached over HTTP:
forward-train, backward with its context_id, gamma and beta patched after every step, and forward-infer
on rows that neither network has seen.

    python3 examples/train_breast_cancer.py                        (the service on this machine)
    python3 examples/train_breast_cancer.py http://10.0.0.7:8080   (elsewhere)
"""
import argparse
import http.client
import json
import os
import sys
import time
import urllib.parse
import uuid

import numpy as np

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "breast_cancer.csv")
SIZES = (30, 16, 8, 1)
HELD_OUT = 114  # rows, a fifth


class Service:
    """One keep-alive connection to the service."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url if "://" in url else "http://" + url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SystemExit(f"{url} is not the address of a service, such as http://127.0.0.1:8080")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname, parts.port, timeout=30)
        self.base = parts.path.rstrip("/") + "/api/v1"
        self.url = url
        self.requests = 0

    def call(self, method, path, body=None, media_type="application/json"):
        headers = {} if body is None else {"Content-Type": media_type}
        text = None if body is None else json.dumps(body)
        try:
            self.connection.request(method, self.base + path, text, headers)
            response = self.connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as e:
            raise SystemExit(f"no service answers at {self.url}: {e}")
        self.requests += 1
        if response.status >= 400:
            raise SystemExit(f"{method} {path} answered {response.status}: {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None


class BatchNorm:
    """A batch normalization whose state lives in the service."""

    def __init__(self, service, name, features, epsilon):
        self.service, self.path = service, "/layers/" + name
        body = {"name": name, "convention": "pytorch", "features": features, "epsilon": epsilon}
        layer = service.call("POST", "/layers", body)
        self.gamma, self.beta = np.array(layer["gamma"]), np.array(layer["beta"])

    def forward_train(self, x):
        answer = self.service.call("POST", self.path + "/forward-train", {"input": tensor(x)})
        self.context = answer["context_id"]
        return array(answer["output"])

    def backward(self, grad_output):
        body = {"context_id": self.context, "grad_output": tensor(grad_output)}
        answer = self.service.call("POST", self.path + "/backward", body)
        self.grad_gamma, self.grad_beta = np.array(answer["grad_gamma"]), np.array(answer["grad_beta"])
        return array(answer["grad_input"])

    def step(self, rate):
        self.gamma = self.gamma - rate * self.grad_gamma
        self.beta = self.beta - rate * self.grad_beta
        patch = {"gamma": self.gamma.tolist(), "beta": self.beta.tolist()}
        self.service.call("PATCH", self.path, patch, "application/merge-patch+json")

    def forward_infer(self, x):
        return array(self.service.call("POST", self.path + "/forward-infer", {"input": tensor(x)})["output"])

    def delete(self):
        self.service.call("DELETE", self.path)


class Nothing:
    """What stands in the place of a batch normalization in the network without."""

    def forward_train(self, x):
        return x

    backward = forward_infer = forward_train

    def step(self, rate):
        pass


class Network:
    def __init__(self, random, norms):
        self.norms = norms
        self.weights = [random.normal(0, a**-0.5, (a, b)) for a, b in zip(SIZES, SIZES[1:])]
        self.biases = [np.zeros(b) for b in SIZES[1:]]

    def logits(self, x, training):
        """Keeps the input of every affine part, for learn()."""
        self.inputs = []
        a = x
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            norm = self.norms[k]
            a = norm.forward_train(a) if training else norm.forward_infer(a)
            a = a if k == 0 else sigmoid(a)
            self.inputs.append(a)
            a = a @ weight + bias
        return a

    def learn(self, x, y, rate):
        """One step of gradient descent; returns the sum of the losses and how many rows were right."""
        z = self.logits(x, training=True)
        grad = (sigmoid(z) - y) / len(x)
        for k in reversed(range(len(self.weights))):
            a, weight = self.inputs[k], self.weights[k]
            self.weights[k] = weight - rate * a.T @ grad
            self.biases[k] = self.biases[k] - rate * grad.sum(axis=0)
            grad = grad @ weight.T
            if k > 0:
                grad = grad * a * (1 - a)
            grad = self.norms[k].backward(grad)
            self.norms[k].step(rate)
        return float(np.sum(np.logaddexp(0, z) - y * z)), right(z, y)

    def accuracy(self, x, y):
        return right(self.logits(x, training=False), y) / len(x)


def tensor(a):
    return {"shape": a.shape, "datatype": "FP64", "data": a.ravel().tolist()}


def array(t):
    return np.array(t["data"]).reshape(t["shape"])


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def right(z, y):
    return int(np.sum((z > 0) == (y > 0.5)))


def run_epoch(networks, x, y, order, a, epoch, epochs):
    """One pass of every network over the same batches; returns (loss, accuracy) of each."""
    sums = np.zeros((len(networks), 2))
    starts = range(0, len(order), a.batch)
    for batch, start in enumerate(starts, 1):
        rows = order[start:start + a.batch]
        if len(rows) < 2:
            continue  # one row has no variance
        for n, network in enumerate(networks):
            sums[n] += network.learn(x[rows], y[rows], a.rate)
        progress(f"epoch {epoch} of {epochs}, batch {batch} of {len(starts)}")
    progress("")
    return sums / len(order)


def progress(text):
    if sys.stderr.isatty():
        print("\r\033[K" + text, end="", file=sys.stderr, flush=True)


def options():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("url", nargs="?", default="http://127.0.0.1:8080", help="the service (%(default)s)")
    ap.add_argument("--url", dest="url_option", metavar="URL", help="the same, as an option")
    ap.add_argument("--epochs", type=int, default=15, help="passes over the training rows (%(default)s)")
    ap.add_argument("--batch", type=int, default=32, help="rows of a batch (%(default)s)")
    ap.add_argument("--rate", type=float, default=0.5, help="learning rate of both networks (%(default)s)")
    ap.add_argument("--epsilon", type=float, default=1e-8,
                    help="of the BN layers; the smallest feature's variance is 7e-6 (%(default)s)")
    ap.add_argument("--seed", type=int, default=0, help="of split, weights and batches (%(default)s)")
    ap.add_argument("--keep", action="store_true", help="leave the layers in the service afterwards")
    return ap.parse_args()


def main():
    a = options()
    began = time.monotonic()
    service = Service(a.url_option or a.url)
    table = np.loadtxt(DATA, delimiter=",", skiprows=1)
    random = np.random.default_rng(a.seed)
    shuffled = random.permutation(len(table))
    held_out, train = table[shuffled[:HELD_OUT]], table[shuffled[HELD_OUT:]]
    x, y = train[:, :-1], train[:, -1:]

    run, norms = uuid.uuid4().hex[:8], []
    try:
        for k, features in enumerate(SIZES[:-1]):
            norms.append(BatchNorm(service, f"breast-cancer-{run}-bn{k}", features, a.epsilon))
        networks = [Network(np.random.default_rng(a.seed), [Nothing()] * len(norms)),
                    Network(np.random.default_rng(a.seed), norms)]
        print(f"{len(x)} training rows, {HELD_OUT} held out, batches of {a.batch}, learning rate {a.rate}\n")
        print("| epoch | loss without BN | accuracy without BN | loss with BN | accuracy with BN |")
        print("|---:|---:|---:|---:|---:|")
        for epoch in range(1, a.epochs + 1):
            (l0, a0), (l1, a1) = run_epoch(networks, x, y, random.permutation(len(x)), a, epoch, a.epochs)
            print(f"| {epoch} | {l0:.3f} | {a0:.1%} | {l1:.3f} | {a1:.1%} |", flush=True)
        without, with_bn = (n.accuracy(held_out[:, :-1], held_out[:, -1:]) for n in networks)
        print(f"| held out | | {without:.1%} | | {with_bn:.1%} |")
        print(f"\n{service.requests} requests in {time.monotonic() - began:.1f} s")
    finally:
        progress("")
        service.connection.close()  # it may have been interrupted in the middle of a request
        for norm in norms:
            if a.keep:
                print("kept " + norm.path)
            else:
                norm.delete()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped")
