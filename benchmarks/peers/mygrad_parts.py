"""The parts in mygrad. It has no optimizers; those of `numpy_parts` write its parameters."""

from __future__ import annotations

import math

import mygrad as mg
import numpy as np
from mygrad.nnet import activations, layers, losses

from . import numpy_parts

tanh, mean, total, constant = mg.tanh, mg.mean, mg.sum, mg.tensor
transpose, reshape = mg.transpose, mg.reshape
relu, sigmoid = activations.relu, activations.sigmoid


def silu(x):
    return x * sigmoid(x)


def linear(x, w, b):
    if x.ndim == 2:
        return mg.matmul(x, w) + b
    return (mg.matmul(x.reshape((-1, x.shape[-1])), w) + b).reshape((*x.shape[:-1], w.shape[1]))


def gelu(x):
    return 0.5 * x * (1 + mg.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))


def _normalised(x):
    centred = x - mg.mean(x, axis=-1, keepdims=True)
    return centred / mg.sqrt(mg.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)


def layer_norm(x, gamma, beta):
    return _normalised(x) * gamma + beta


def group_norm(x, groups, gamma, beta):
    y = _normalised(x.reshape((len(x), groups, -1))).reshape(x.shape)
    return y * gamma.reshape((1, -1, 1, 1)) + beta.reshape((1, -1, 1, 1))


def batch_norm(x, gamma, beta):
    return layers.batchnorm(x, gamma=gamma, beta=beta, eps=1e-5)


def attention(q, k, v, causal=True):
    scores = mg.matmul(q, mg.swapaxes(k, -1, -2)) * (1 / math.sqrt(q.shape[-1]))
    if causal:
        scores = scores + np.triu(np.full((q.shape[-2],) * 2, -np.inf, scores.dtype), 1)
    return mg.matmul(activations.softmax(scores), v)


def embedding(ids, weight):
    return weight[ids]


def _padded(x, padding, fill):
    """Borders of constants around images, which only a concatenation can make here."""
    before, after = padding
    for axis in (2, 3):
        border = [*x.shape]
        pieces = []
        for width in (before, after):
            border[axis] = width
            pieces.append(np.full(border, fill, x.dtype))
        x = mg.concatenate([p for p in (pieces[0], x, pieces[1]) if p.shape[axis]], axis=axis)
    return x


def conv(x, w, b, stride=1, padding=(0, 0)):
    even = padding[0] == padding[1]
    x = x if even else _padded(x, padding, 0.0)
    around = padding[0] if even else 0
    over = (x.shape[-1] + 2 * around - w.shape[-1]) % stride  # its windows have to fill the images
    x = x[:, :, :-over, :-over] if over else x
    y = layers.conv_nd(x, w, stride=stride, padding=around)
    return y if b is None else y + b.reshape((1, -1, 1, 1))


def max_pool(x, padding=(0, 0)):
    return layers.max_pool(_padded(x, padding, -np.inf) if any(padding) else x, (2, 2), 2)


def upsample(x):
    return mg.repeat(mg.repeat(x, 2, axis=2), 2, axis=3)


def side_by_side(x, y):
    return mg.concatenate([x, y], axis=1)


def add_channels(x, v):
    return x + v.reshape((*v.shape, 1, 1))


def mean_of_space(x):
    return mg.mean(x, axis=(2, 3))


def pixels(x):
    return mg.swapaxes(x.reshape((*x.shape[:2], -1)), 1, 2)


def images(x, height, width):
    return mg.swapaxes(x, 1, 2).reshape((len(x), -1, height, width))


def dropout(x, keep):
    return x if keep == 1.0 else x * ((np.random.random(x.shape) < keep) / keep).astype(x.dtype)


def flatten(x):
    return x.reshape((len(x), -1))


def cross_entropy(scores, labels):
    return losses.softmax_crossentropy(scores, labels)


def lstm(x, wx, wh, b):
    units = wh.shape[0]
    h = c = mg.tensor(np.zeros((len(x), units), x.dtype), constant=True)
    inputs, states = linear(x, wx, b), []
    for t in range(x.shape[1]):
        z = inputs[:, t] + mg.matmul(h, wh)
        gates = sigmoid(z[:, : 3 * units])
        i, f, o = gates[:, :units], gates[:, units : 2 * units], gates[:, 2 * units :]
        c = f * c + i * mg.tanh(z[:, 3 * units :])
        h = o * mg.tanh(c)
        states.append(h)
    return mg.stack(states, axis=1)


def rnn(x, wx, wh, b):
    h, inputs, states = mg.tensor(np.zeros((len(x), len(wh)), x.dtype), constant=True), linear(x, wx, b), []
    for t in range(x.shape[1]):
        h = mg.tanh(inputs[:, t] + mg.matmul(h, wh))
        states.append(h)
    return mg.stack(states, axis=1)


def trainer(loss, problem, optimizer):
    p = {name: mg.tensor(value.copy()) for name, value in problem.parameters.items()}
    update = numpy_parts.Optimizer([w.data for w in p.values()], optimizer)

    def step():
        value = loss(p, *problem.batch)
        value.backward()
        for w in p.values():
            w.data.flags.writeable = True
        update.apply([w.grad for w in p.values()])
        return value.item()

    return step


def gradient(f, array):
    x = mg.tensor(array)

    def step():
        f(x).backward()
        return x.grad

    return step
