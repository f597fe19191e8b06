"""Programs that are to give the same numbers on arrays of any library: a scalar of data and of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import ntb


class Program(NamedTuple):
    """A loss of data, which lie in another library's arrays, and of parameters, which may be NumPy's.

    Attributes:
        loss: called with the data and then the parameters.
        data: shapes; "labels" stands for integers 0 … 2, one for each row.
        parameters: shapes.
        order: how often it is differentiated.
    """

    loss: Callable
    data: tuple
    parameters: tuple
    order: int = 1

    def arrays(self, dtype=np.float64):
        rng = np.random.default_rng(len(self.data) + 7 * len(self.parameters))
        data = [
            rng.integers(0, 3, ROWS) if shape == "labels" else rng.normal(size=shape).astype(dtype)
            for shape in self.data
        ]
        return data, [rng.normal(size=shape).astype(dtype) for shape in self.parameters]


ROWS = 6


def mlp(x, labels, w1, b1, w2, b2, activation):
    return ntb.nn.cross_entropy(ntb.nn.linear(activation(ntb.nn.linear(x, w1, b1)), w2, b2), labels)


def mlp_of(activation, order=1):
    return Program(
        lambda *args: mlp(*args, activation), ((ROWS, 4), "labels"), ((4, 5), (5,), (5, 3), (3,)), order
    )  # fmt: skip


def weighted(y):
    """A sum in which each element counts differently, so that a gradient in the wrong place shows."""
    return np.sum(np.square(y) * 0.5 + np.sin(y))


def of_data(f, *shapes, order=2):
    return Program(lambda *xs: weighted(f(*xs)), shapes, (), order)


def mixed(f, data, parameters, order=2):
    return Program(lambda *xs: weighted(f(*xs)), data, parameters, order)


PROGRAMS = {
    "linear regression": Program(lambda x, y, w, b: ntb.nn.mse(x @ w + b, y), ((ROWS, 4), (ROWS,)), ((4,), ()), 2),
    "logistic regression": Program(
        lambda x, y, w, b: ntb.nn.binary_cross_entropy_with_logits(np.matmul(x, w) + b, np.greater(y, 0)),
        ((ROWS, 4), (ROWS,)),
        ((4,), ()),
        2,
    ),
    "MLP, relu": mlp_of(ntb.nn.relu),
    "MLP, tanh": mlp_of(np.tanh, order=2),
    "MLP, sigmoid": mlp_of(ntb.nn.sigmoid),
    "MLP, gelu": mlp_of(ntb.nn.gelu),
    "soft labels": Program(
        lambda x, y, w: ntb.nn.cross_entropy(x @ w, ntb.nn.softmax(y)), ((ROWS, 4), (ROWS, 3)), ((4, 3),)
    ),
    "mse": Program(lambda x, y, w: ntb.nn.mse(x * w, y), ((ROWS, 4), (ROWS, 4)), ((4,),), 2),
    "huber": Program(lambda x, y, w: ntb.nn.huber(x * w, y), ((ROWS, 4), (ROWS, 4)), ((4,),)),
    "masked loss": Program(
        lambda x, y, w: ntb.nn.cross_entropy(x @ w, np.argmax(y, 1), mask=np.greater(y[:, 0], 0)),
        ((ROWS, 4), (ROWS, 3)),
        ((4, 3),),
    ),
    "broadcasting": mixed(lambda x, a, b: (x + a) * b / (1 + np.square(x)), ((ROWS, 4),), ((4,), (ROWS, 1))),
    "parameter first": mixed(lambda x, a: a * x - a @ x, ((4, 4),), ((4, 4),)),
    "sums": of_data(lambda x: np.sum(x, axis=0) + np.sum(x, axis=(0, 1)) + x.sum(1, keepdims=True), (ROWS, 4)),
    "means": of_data(lambda x: np.mean(x, axis=-1) - np.mean(x), (ROWS, 4)),
    "var and std": of_data(lambda x: np.var(x, axis=0) * np.std(x), (ROWS, 4)),
    "max and min": of_data(lambda x: np.max(x, axis=1) - np.min(x, axis=1) * np.max(x), (ROWS, 4)),
    "slices": of_data(lambda x: x[1:5, ::2] * x[0:4, 1::-1], (ROWS, 4)),
    "steps": of_data(lambda x: x[::3] * x[-1:0:-3], (ROWS, 4)),
    "integers and new axes": of_data(lambda x: x[2][:, None] * x[..., -1], (ROWS, 4)),
    "concatenate": of_data(lambda x, y: np.concatenate([x, y * 2, x], axis=1), (ROWS, 2), (ROWS, 3)),
    "split": of_data(lambda x: np.array_split(x, 3, axis=1)[0] * np.split(x, [2], axis=1)[1], (ROWS, 4)),
    "stack": of_data(lambda x, y: np.stack([x, y]) * np.stack([y, x]), (ROWS, 2), (ROWS, 2)),
    "matmul": mixed(lambda x, a: np.tanh(x @ a) @ a.T, ((ROWS, 4),), ((4, 3),)),
    "batched matmul": of_data(lambda x, y: x @ y, (2, 3, 4), (2, 4, 3)),
    "einsum": mixed(lambda x, a: np.einsum("ni,ij->nj", x, a), ((ROWS, 4),), ((4, 3),)),
    "tensordot": mixed(lambda x, a: np.tensordot(x, a, axes=([1], [0])), ((ROWS, 4),), ((4, 2, 3),)),
    "transposes": of_data(lambda x: x.T @ np.moveaxis(x[None], 0, -1)[..., 0], (ROWS, 4)),
    "reshape": of_data(lambda x: np.reshape(x, (3, 2, 4)) * np.ravel(x)[:4], (ROWS, 4)),
    "choices": of_data(lambda x: np.where(x > 0, x, 0.1 * x) + np.maximum(x, 0.5) + np.clip(x, -1, 1), (ROWS, 4)),
    "powers": of_data(lambda x: np.sqrt(np.abs(x)) + x**2 + x**3 + np.log(x * x + 1) + np.exp(x), (ROWS, 4)),
    "layer norm": mixed(lambda x, gamma, beta: ntb.nn.layer_norm(np.tanh(x), gamma, beta), ((ROWS, 4),), ((4,), (4,))),
    "batch norm": mixed(
        lambda x, gamma: (
            ntb.nn.batch_norm(x, gamma, train=True)
            * ntb.nn.batch_norm(x, None, None, np.zeros(4, x.dtype), np.ones(4, x.dtype), train=False)
        ),
        ((ROWS, 4),),
        ((4,),),
    ),
    "convolutional network": Program(
        lambda x, labels, w, b, v: ntb.nn.cross_entropy(
            ntb.ops.layout.flatten(ntb.nn.max_pool2d(np.tanh(ntb.nn.conv2d(x, w, b, padding="same")), 2)) @ v, labels
        ),
        ((ROWS, 1, 4, 4), "labels"),
        ((2, 1, 2, 2), (2,), (8, 3)),
    ),
    "convolution of groups": mixed(
        lambda x, w: ntb.nn.conv2d(x, w, stride=2, padding=((1, 0), (0, 1)), dilation=(2, 1), groups=2),
        ((ROWS, 4, 4, 3),),
        ((2, 2, 2, 2),),
    ),
    "convolution of sequences and back": mixed(
        lambda x, w: ntb.nn.conv_transpose2d(ntb.nn.conv1d(x, w)[:, :, None], w[:, :, None], stride=2),
        ((ROWS, 2, 4),),
        ((3, 2, 2),),
        order=1,
    ),
    "pooling": of_data(
        lambda x: ntb.nn.avg_pool2d(x, 2, padding=1, count_padding=False) * ntb.nn.max_pool2d(x, 2, padding=1),
        (ROWS, 1, 3, 3),
        order=1,
    ),
    "LSTM": mixed(
        lambda x, wx, wh, b: ntb.nn.lstm(x, None, wx, wh, b)[0], ((ROWS, 3, 4),), ((4, 8), (2, 8), (8,)), order=1
    ),
    "GRU": mixed(
        lambda x, wx, wh, b: ntb.nn.gru(x, None, wx, wh, b, b)[0], ((ROWS, 3, 4),), ((4, 6), (2, 6), (6,)), order=1
    ),
    "attention": mixed(
        lambda x, w: ntb.nn.scaled_dot_product_attention(x @ w, x, x, causal=True), ((ROWS, 3, 4),), ((4, 4),), order=1
    ),
    "sums of some": of_data(
        lambda x: np.sum(x, where=np.greater(x, 0)) * np.max(x, axis=1, initial=0, where=np.greater(x, 0)),
        (ROWS, 4),
        order=1,
    ),
    "vectors": of_data(lambda x, y: np.vecdot(x, y) * np.vecdot(y[:4], x[2:], axis=0).sum(), (ROWS, 4), (ROWS, 4)),
    "softmaxes": of_data(
        lambda x: ntb.nn.softmax(x) + ntb.nn.log_softmax(x, 0) + ntb.nn.logsumexp(x, 1, True), (ROWS, 4)
    ),
}


def tensors_of(arrays):
    return [ntb.tensor(a) for a in arrays]


def differentiate(program, data, parameters):
    """The loss and, as far as the program goes, the gradients of the first and second order."""
    data = [t if isinstance(t, ntb.Tensor) else ntb.tensor(t) for t in data]
    sources = [t for t in [*data, *parameters] if t.dtype.kind == "f"]
    with ntb.Tape(watch_variables=False) as outer:
        for t in sources:
            outer.watch(t)
        with ntb.Tape() as tape:
            for t in sources:
                tape.watch(t)
            loss = program.loss(*data, *parameters)
        first = tape.gradient(loss, sources, unconnected="zero")
        total = sum(weighted(g) for g in first)
    return [loss, *first, *(outer.gradient(total, sources, unconnected="zero") if program.order > 1 else [])]
