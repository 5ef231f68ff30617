"""Writes variants.json: what masks, weights, blends, virtual batches, Batch Renorm and frozen statistics come to.

The forward is written out in 60-digit arithmetic (mpmath), step by step as the README defines it. Gradients are its central
differences with h = 1e-20, which at 60 digits are right to about 38; nothing here knows a formula of a gradient. Limits of
Batch Renorm are constants of the derivative (Ioffe 2017), so r and d are computed once and held while x moves.

    python3 variants.py > variants.json
"""

import json
import random
from itertools import product

from mpmath import mp, mpf, sqrt

mp.dps = 60
STEP = mpf(10) ** -20


def coordinates(shape):
    return list(product(*(range(n) for n in shape)))


class Case:
    def __init__(self, id, shape, axis=1, **options):
        seed = random.Random(id)
        gauss = lambda n, mean=0.0: [seed.gauss(mean, 1) for _ in range(n)]
        self.id, self.shape, self.axis, self.options = id, shape, axis, options
        self.at = coordinates(shape)
        channels = shape[axis]
        self.x = gauss(len(self.at), options.pop("center", 0.5))
        self.dy = gauss(len(self.at))
        self.gamma, self.beta = gauss(channels, 1), gauss(channels)
        self.running_mean = gauss(channels)
        self.running_var = [0.3 + v * v for v in gauss(channels)]
        self.batches = 4
        self.epsilon, self.momentum = 1e-3, 0.125
        self.unbiased = options.pop("unbiased", True)
        self.mode = options.pop("mode", "train")

    def channel(self, i):
        return self.at[i][self.axis]

    def weight(self, i):
        """The weight of a position: its mask, times its sample's weight."""
        at = self.at[i]
        weight = mpf(1)
        if "mask" in self.options:
            mask = self.options["mask"]
            for n, j in enumerate(c for a, c in enumerate(at) if a != self.axis):
                mask = mask[j if len(mask) > 1 else 0]
            weight *= mask
        if "weights" in self.options:
            weight *= mpf(self.options["weights"][at[0]])
        return weight

    def parts(self):
        """The elements of each virtual batch."""
        size = self.options.get("virtual_batch_size", self.shape[0])
        every = range(len(self.at))
        return [
            [i for i in every if first <= self.at[i][0] < first + size] for first in range(0, self.shape[0], size)
        ]

    def moments(self, x, elements):
        """Count, mean and biased variance of each channel."""
        channels = range(self.shape[self.axis])
        count, mean, var = [], [], []
        for c in channels:
            mine = [i for i in elements if self.channel(i) == c]
            m = sum(self.weight(i) for i in mine)
            mu = sum(self.weight(i) * x[i] for i in mine) / m if m else mpf(0)
            count.append(m)
            mean.append(mu)
            var.append(sum(self.weight(i) * (x[i] - mu) ** 2 for i in mine) / m if m else mpf(0))
        return count[0], mean, var

    def forward(self, x, gamma, beta, held=None):
        """Outputs, the running statistics after it, and what is constant in the derivative."""
        epsilon, alpha = mpf(self.epsilon), mpf(self.momentum)
        rm, rv = [mpf(v) for v in self.running_mean], [mpf(v) for v in self.running_var]
        batches, constants, y = self.batches, [], [None] * len(x)
        before_mean, before_var = list(rm), list(rv)
        a = mpf(self.options.get("statistics_blend", 0))
        frozen = self.options.get("freeze_statistics", False)
        for number, elements in enumerate([range(len(x))] if frozen else self.parts()):
            m, mean, var = self.moments(x, elements)
            for c in range(len(mean)):
                if self.mode == "infer":
                    mu, v = (1 - a) * rm[c] + a * mean[c], (1 - a) * rv[c] + a * var[c]
                elif frozen:
                    mu, v = rm[c], rv[c]
                else:
                    mu, v = mean[c], var[c]
                s = 1 / sqrt(v + epsilon)
                r, d = mpf(1), mpf(0)
                if "r_max" in self.options and m:
                    if held is None:
                        top, far = mpf(self.options["r_max"]), mpf(self.options["d_max"])
                        sigma = sqrt(before_var[c] + epsilon)
                        r = min(max(sqrt(v + epsilon) / sigma, 1 / top), top)
                        d = min(max((mu - before_mean[c]) / sigma, -far), far)
                        constants.append((r, d))
                    else:
                        r, d = held[len(constants)]
                        constants.append((r, d))
                for i in elements:
                    if self.channel(i) == c:
                        hat = (x[i] - mu) * s * r + d if m or frozen else mpf(0)
                        y[i] = gamma[c] * hat + beta[c]
            if self.mode == "train" and m and not frozen:
                bessel = m / (m - 1) if self.unbiased else mpf(1)
                rm = [r + alpha * (b - r) for r, b in zip(rm, mean)]
                rv = [r + alpha * (b * bessel - r) for r, b in zip(rv, var)]
                batches += 1
        return y, rm, rv, batches, constants

    def gradient(self, loss, at):
        moved = list(at)
        gradient = []
        for i in range(len(at)):
            moved[i] = at[i] + STEP
            up = loss(moved)
            moved[i] = at[i] - STEP
            gradient.append((up - loss(moved)) / (2 * STEP))
            moved[i] = at[i]
        return gradient

    def expected(self):
        x, gamma, beta, dy = ([mpf(v) for v in vector] for vector in (self.x, self.gamma, self.beta, self.dy))
        y, rm, rv, batches, held = self.forward(x, gamma, beta)
        loss = lambda x, gamma, beta: sum(d * v for d, v in zip(dy, self.forward(x, gamma, beta, held)[0]))
        count, mean, var = self.moments(x, range(len(x)))
        numbers = lambda vector: [float(v) for v in vector]
        return {
            "output": numbers(y),
            "count": float(count),
            "batch_mean": numbers(mean),
            "batch_var": numbers(var),
            "running_mean": numbers(rm),
            "running_var": numbers(rv),
            "num_batches_tracked": batches,
            "grad_input": numbers(self.gradient(lambda v: loss(v, gamma, beta), x)),
            "grad_gamma": numbers(self.gradient(lambda v: loss(x, v, beta), gamma)),
            "grad_beta": numbers(self.gradient(lambda v: loss(x, gamma, v), beta)),
        }

    def json(self):
        plain = {k: v for k, v in vars(self).items() if k not in ("at", "options")}
        return {**plain, **self.options, "expect": self.expected()}


ROWS = [1, 0, 1, 1, 0, 1, 1]
TIMES = [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]]
WEIGHTS = [0.5, 2.0, 0.0, 1.0, 3.25, 1.0, 0.75]
CASES = [
    Case("mask-rows", (7, 3), mask=ROWS),
    Case("mask-far-from-zero", (7, 3), mask=ROWS, center=1000.0),
    Case("mask-sequences-channels-last", (5, 4, 3), axis=2, mask=TIMES),
    Case("mask-sequences-channels-first", (5, 3, 4), axis=1, mask=TIMES),
    Case("mask-of-ones-stands-for-all", (5, 3, 4), axis=1, mask=[[1], [0], [1], [1], [0]]),
    Case("weights", (7, 3), weights=WEIGHTS),
    Case("weights-of-images", (7, 2, 3, 2), weights=WEIGHTS, unbiased=False),
    Case("mask-and-weights", (5, 4, 3), axis=2, mask=TIMES, weights=WEIGHTS[:5]),
    Case("nothing-counts", (3, 2), mask=[0, 0, 0]),
    Case("blend-third", (7, 3), mode="infer", statistics_blend=1 / 3),
    Case("blend-images", (3, 2, 3, 2), mode="infer", statistics_blend=0.75),
    Case("blend-all", (7, 3), mode="infer", statistics_blend=1.0),
    Case("blend-none", (7, 3), mode="infer", statistics_blend=0.0),
    Case("frozen", (7, 3), freeze_statistics=True),
    Case("virtual", (9, 3), virtual_batch_size=3),
    Case("virtual-with-a-rest", (7, 2, 3), virtual_batch_size=3, unbiased=False),
    Case("virtual-masked", (6, 2, 4), unbiased=False, virtual_batch_size=2, mask=[TIMES[i % 5] for i in range(6)]),
    Case("renorm-unclipped", (7, 3), r_max=100.0, d_max=100.0),
    Case("renorm-clipped", (7, 3), r_max=1.25, d_max=0.25),
    Case("renorm-off-limits", (7, 3), r_max=1.0, d_max=0.0),
    Case("renorm-weighted", (7, 2, 2), r_max=1.5, d_max=0.5, weights=WEIGHTS),
    Case("renorm-virtual", (6, 3), r_max=3.0, d_max=5.0, virtual_batch_size=3),
]

if __name__ == "__main__":
    print("[")
    print(",\n".join(json.dumps(case.json()) for case in CASES))
    print("]")
