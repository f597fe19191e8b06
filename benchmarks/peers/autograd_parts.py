"""The parts in autograd, with windows of images as primitives of our own, since it has no fast convolution."""

from __future__ import annotations

import math

import autograd.numpy as np
from autograd import grad, value_and_grad
from autograd.extend import defvjp, primitive

from . import numpy_parts

tanh, mean, total, transpose, reshape = np.tanh, np.mean, np.sum, np.transpose, np.reshape

windows = primitive(numpy_parts.windows)
unwindows = primitive(numpy_parts.unwindows)
defvjp(
    windows,
    lambda y, x, size, stride, padding, fill=0.0: (
        lambda g: unwindows(g.astype(x.dtype), x.shape, size, stride, padding)
    ),
)
defvjp(
    unwindows,
    lambda y, columns, shape, size, stride, padding: lambda g: windows(g, size, stride, padding),
)


def constant(array):
    return array


def relu(x):
    """By a mask: the gradient of `np.maximum` is float64 in any case."""
    return x * (x > 0.0)


def sigmoid(x):
    return 0.5 * np.tanh(0.5 * x) + 0.5


def silu(x):
    return x * sigmoid(x)


def linear(x, w, b):
    if x.ndim == 2:
        return np.dot(x, w) + b
    return (np.dot(x.reshape((-1, x.shape[-1])), w) + b).reshape((*x.shape[:-1], w.shape[1]))


def gelu(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))


def _normalised(x, axes):
    centred = x - np.mean(x, axis=axes, keepdims=True)
    return centred / np.sqrt(np.mean(centred * centred, axis=axes, keepdims=True) + 1e-5)


def layer_norm(x, gamma, beta):
    return _normalised(x, -1) * gamma + beta


def batch_norm(x, gamma, beta):
    shape = (1, -1, 1, 1)[: x.ndim]
    return _normalised(x, (0, 2, 3)[: x.ndim - 1]) * gamma.reshape(shape) + beta.reshape(shape)


def group_norm(x, groups, gamma, beta):
    y = _normalised(np.reshape(x, (len(x), groups, -1)), -1).reshape(x.shape)
    return y * gamma.reshape((1, -1, 1, 1)) + beta.reshape((1, -1, 1, 1))


def attention(q, k, v, causal=True):
    scores = np.matmul(q, np.swapaxes(k, -1, -2)) * (1 / math.sqrt(q.shape[-1]))
    if causal:
        scores = np.where(np.tri(q.shape[-2], dtype=bool), scores, -math.inf)
    shares = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return np.matmul(shares / np.sum(shares, axis=-1, keepdims=True), v)


def embedding(ids, weight):
    return weight[ids]


def conv(x, w, b, stride=1, padding=(0, 0)):
    filters, _, size, _ = w.shape
    positions = [(n + sum(padding) - size) // stride + 1 for n in x.shape[2:]]
    y = np.matmul(w.reshape((filters, -1)), windows(x, size, stride, padding))
    y = y.reshape((len(x), filters, *positions))
    return y if b is None else y + b.reshape((1, -1, 1, 1))


def max_pool(x, padding=(0, 0)):
    n, channels, height, width = x.shape
    positions = [(m + sum(padding)) // 2 for m in (height, width)]
    columns = windows(x, 2, 2, padding, -math.inf).reshape((n, channels, 4, *positions))
    return np.max(columns, axis=2)


def upsample(x):
    return np.repeat(np.repeat(x, 2, axis=2), 2, axis=3)


def side_by_side(x, y):
    return np.concatenate([x, y], axis=1)


def add_channels(x, v):
    return x + v[:, :, None, None]


def mean_of_space(x):
    return np.mean(x, axis=(2, 3))


def pixels(x):
    return np.swapaxes(x.reshape((*x.shape[:2], -1)), 1, 2)


def images(x, height, width):
    return np.swapaxes(x, 1, 2).reshape((len(x), -1, height, width))


def dropout(x, keep):
    return x if keep == 1.0 else x * ((np.random.random(x.shape) < keep) / keep).astype(x.dtype)


def flatten(x):
    return x.reshape((len(x), -1))


def cross_entropy(scores, labels):
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    logs = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    return -np.mean(logs[np.arange(len(labels)), labels])


def lstm(x, wx, wh, b):
    units = wh.shape[0]
    h = c = np.zeros((len(x), units), x.dtype)
    inputs, states = linear(x, wx, b), []
    for t in range(x.shape[1]):
        z = inputs[:, t] + np.dot(h, wh)
        gates = sigmoid(z[:, : 3 * units])
        i, f, o = gates[:, :units], gates[:, units : 2 * units], gates[:, 2 * units :]
        c = f * c + i * np.tanh(z[:, 3 * units :])
        h = o * np.tanh(c)
        states.append(h)
    return np.stack(states, axis=1)


def rnn(x, wx, wh, b):
    h, inputs, states = np.zeros((len(x), len(wh)), x.dtype), linear(x, wx, b), []
    for t in range(x.shape[1]):
        h = np.tanh(inputs[:, t] + np.dot(h, wh))
        states.append(h)
    return np.stack(states, axis=1)


def trainer(loss, problem, optimizer):
    names = list(problem.parameters)
    values = [value.copy() for value in problem.parameters.values()]
    update = numpy_parts.Optimizer(values, optimizer)
    with_gradients = value_and_grad(lambda values, *batch: loss(dict(zip(names, values)), *batch))

    def step():
        value, gradients = with_gradients(values, *problem.batch)
        update.apply(gradients)
        return value

    return step


def gradient(f, array):
    of = grad(f)
    return lambda: of(array)


def hessian_product(loss, problem, vectors):
    names, values = list(problem.parameters), list(problem.parameters.values())
    first = grad(lambda values: loss(dict(zip(names, values)), *problem.batch))
    product = grad(lambda values: sum(np.sum(g * v) for g, v in zip(first(values), vectors)))
    return lambda: product(values)
