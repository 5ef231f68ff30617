#!/usr/bin/env python3
"""Trains a classifier and keeps none of its parameters: all of them live in one layer of the service.

Logistic regression on standardized features is a batch normalization whose outputs are added up,

    z = sum over the features of gamma * xhat + beta,     p(malignant) = sigmoid(z),

so gamma is its weights and beta its bias. This script holds data, and nothing else: forward-train normalizes,
backward gives the gradients, apply-gradients lets Adam step, and the layer remembers parameters, running statistics and
Adam's averages. Stop it and start it again with --keep and the same --name: it goes on where it was.

    python3 examples/train_without_parameters.py                        (the service on this machine)
    python3 examples/train_without_parameters.py http://10.0.0.7:8080   (elsewhere)
"""
import argparse
import json
import os
import urllib.error
import urllib.request
import uuid

import numpy as np

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "breast_cancer.csv")
HELD_OUT = 114  # rows, a fifth
ADAM = {"kind": "adam", "learning_rate": 0.05}


class Layer:
    """One layer of the service. It has an address, and no numbers."""

    def __init__(self, url, name):
        self.layers, self.name = url.rstrip("/") + "/api/v1/layers", name

    def call(self, method, path, body=None, key=None):
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.layers + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def create(self, features, epsilon):
        try:
            self.call("POST", "", {"name": self.name, "features": features, "epsilon": epsilon})
        except urllib.error.HTTPError as e:
            if e.code != 409:  # it is there already: go on with it
                raise

    def step(self, x, y):
        """One step on one batch; returns its loss."""
        forward = self.call("POST", f"/{self.name}/forward-train", {"input": x.tolist()})
        z = np.sum(forward["output"], axis=1)
        slope = np.repeat((sigmoid(z) - y)[:, None] / len(y), x.shape[1], axis=1)
        gradients = self.call("POST", f"/{self.name}/backward",
                              {"context_id": forward["context_id"], "grad_output": slope.tolist()})
        self.call("POST", f"/{self.name}/apply-gradients",
                  {"grad_gamma": gradients["grad_gamma"], "grad_beta": gradients["grad_beta"], "optimizer": ADAM},
                  key=str(uuid.uuid4()))  # sent again after a lost answer, it would step once
        return float(np.mean(np.logaddexp(0, z) - y * z))

    def accuracy(self, x, y):
        z = np.sum(self.call("POST", f"/{self.name}/forward-infer", {"input": x.tolist()})["output"], axis=1)
        return float(np.mean((z > 0) == (y > 0.5)))


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("url", nargs="?", default="http://127.0.0.1:8080", help="the service (%(default)s)")
    ap.add_argument("--epochs", type=int, default=10, help="passes over the training rows (%(default)s)")
    ap.add_argument("--batch", type=int, default=64, help="rows of a batch (%(default)s)")
    ap.add_argument("--name", default="logistic-" + uuid.uuid4().hex[:8], help="of the layer (a new one)")
    ap.add_argument("--keep", action="store_true", help="leave the layer in the service afterwards")
    a = ap.parse_args()

    random = np.random.default_rng(0)
    table = random.permutation(np.loadtxt(DATA, delimiter=",", skiprows=1))
    held_out, train = table[:HELD_OUT], table[HELD_OUT:]
    layer = Layer(a.url, a.name)
    layer.create(train.shape[1] - 1, 1e-8)  # the smallest feature's variance is 7e-6
    try:
        for epoch in range(1, a.epochs + 1):
            rows = random.permutation(train)
            batches = [rows[i:i + a.batch] for i in range(0, len(rows) - 1, a.batch)]
            losses = [layer.step(batch[:, :-1], batch[:, -1]) for batch in batches]
            print(f"epoch {epoch}: loss {np.mean(losses):.3f}")
        print(f"held out: {layer.accuracy(held_out[:, :-1], held_out[:, -1]):.1%} right")
    finally:
        if not a.keep:
            layer.call("DELETE", "/" + layer.name)


if __name__ == "__main__":
    main()
