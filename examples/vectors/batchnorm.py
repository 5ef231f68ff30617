"""Batch normalization as a beginner may write it: PyTorch's convention, rows of channels, no library."""
from math import sqrt

EPSILON, MOMENTUM, RANKS = 1e-5, 0.1, (2,)


def train(x, gamma, beta, running_mean, running_var, batch):
    """Returns the output and the running statistics after the batch, which is the batch-th from 1."""
    m = len(x)
    mean = [sum(column) / m for column in zip(*x)]
    var = [sum((v - a) ** 2 for v in column) / m for column, a in zip(zip(*x), mean)]
    y = infer(x, gamma, beta, mean, var)
    running_mean = [r + MOMENTUM * (a - r) for r, a in zip(running_mean, mean)]
    running_var = [r + MOMENTUM * (v * m / (m - 1) - r) for r, v in zip(running_var, var)]
    return y, running_mean, running_var


def infer(x, gamma, beta, mean, var):
    return [[g * (v - a) / sqrt(s + EPSILON) + b for v, g, b, a, s in zip(row, gamma, beta, mean, var)]
            for row in x]


def backward(x, dy, gamma):
    """Returns the gradients by the input, gamma and beta of a training batch."""
    m, zeros, ones = len(x), [0.0] * len(gamma), [1.0] * len(gamma)
    mean = [sum(column) / m for column in zip(*x)]
    var = [sum((v - a) ** 2 for v in column) / m for column, a in zip(zip(*x), mean)]
    xhat = infer(x, ones, zeros, mean, var)
    dbeta = [sum(column) for column in zip(*dy)]
    dgamma = [sum(d * h for d, h in zip(*pair)) for pair in zip(zip(*dy), zip(*xhat))]
    dx = [[g / sqrt(s + EPSILON) * (d - b / m - h * q / m)
           for d, h, g, s, b, q in zip(rows[0], rows[1], gamma, var, dbeta, dgamma)] for rows in zip(dy, xhat)]
    return dx, dgamma, dbeta
