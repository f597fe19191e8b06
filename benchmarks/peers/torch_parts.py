"""The parts in PyTorch, eager; optionally with its fused optimizers, and with what is differentiated compiled."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

tanh, relu, sigmoid, silu = torch.tanh, torch.relu, torch.sigmoid, F.silu
mean, total, transpose, reshape = torch.mean, torch.sum, torch.permute, torch.reshape


def constant(array):
    return torch.from_numpy(array.copy())


def linear(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    if x.ndim == 2:
        return torch.addmm(b, x, w)
    return torch.addmm(b, x.reshape(-1, x.shape[-1]), w).reshape(*x.shape[:-1], -1)


def gelu(x: Tensor) -> Tensor:
    return F.gelu(x, approximate="tanh")


def layer_norm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    return F.layer_norm(x, gamma.shape, gamma, beta)


def attention(q: Tensor, k: Tensor, v: Tensor, causal: bool = True) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal)


def embedding(ids: Tensor, weight: Tensor) -> Tensor:
    return F.embedding(ids, weight)


def conv(x: Tensor, w: Tensor, b: Tensor | None, stride: int = 1, padding: tuple[int, int] = (0, 0)) -> Tensor:
    if padding[0] == padding[1]:
        return F.conv2d(x, w, b, stride=stride, padding=padding[0])
    return F.conv2d(F.pad(x, (*padding, *padding)), w, b, stride=stride)


def max_pool(x: Tensor, padding: tuple[int, int] = (0, 0)) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=padding[1] > 0)


def batch_norm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    mean, var = torch.zeros_like(gamma), torch.ones_like(gamma)  # running statistics, which training updates
    return F.batch_norm(x, mean.detach(), var.detach(), gamma, beta, training=True)


def group_norm(x: Tensor, groups: int, gamma: Tensor, beta: Tensor) -> Tensor:
    return F.group_norm(x, groups, gamma, beta)


def upsample(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


def side_by_side(x: Tensor, y: Tensor) -> Tensor:
    return torch.cat([x, y], 1)


def add_channels(x: Tensor, v: Tensor) -> Tensor:
    return x + v[:, :, None, None]


def mean_of_space(x: Tensor) -> Tensor:
    return x.mean((2, 3))


def pixels(x: Tensor) -> Tensor:
    return x.flatten(2).transpose(1, 2)


def images(x: Tensor, height: int, width: int) -> Tensor:
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], height, width)


def dropout(x: Tensor, keep: float) -> Tensor:
    return x if keep == 1.0 else F.dropout(x, 1 - keep)


def flatten(x: Tensor) -> Tensor:
    return x.flatten(1)


def cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(scores, labels)


@torch.compiler.disable  # as `torch.compile` leaves nn.LSTM alone; unrolled, thirty steps compile for minutes
def lstm(x: Tensor, wx: Tensor, wh: Tensor, b: Tensor) -> Tensor:
    """PyTorch's own LSTM, which takes (gates, inputs) in the order input, forget, candidate, output."""
    weights = [_turned(w) for w in (wx, wh)] + [_turned(b), torch.zeros_like(b)]
    zeros = x.new_zeros(1, x.shape[0], wh.shape[0])
    return torch.lstm(x, (zeros, zeros), weights, True, 1, 0.0, True, False, True)[0]


@torch.compiler.disable
def rnn(x: Tensor, wx: Tensor, wh: Tensor, b: Tensor) -> Tensor:
    """PyTorch's own, which takes (units, inputs)."""
    weights = [wx.T.contiguous(), wh.T.contiguous(), b, torch.zeros_like(b)]
    return torch.rnn_tanh(x, x.new_zeros(1, x.shape[0], wh.shape[0]), weights, True, 1, 0.0, True, False, True)[0]


def _turned(w: Tensor) -> Tensor:
    i, f, o, g = w.chunk(4, -1)
    return torch.cat([i, f, g, o], -1).T.contiguous() if w.ndim == 2 else torch.cat([i, f, g, o])


def trainer(loss, problem, optimizer, fused=False, compiled=False):
    if compiled:
        loss = torch.compile(loss, dynamic=False)
    p = {name: constant(value).requires_grad_() for name, value in problem.parameters.items()}
    batch = [constant(array) for array in problem.batch]
    kind, rate = optimizer
    if kind == "adam":
        update = torch.optim.Adam(p.values(), lr=rate, fused=fused)
    elif kind == "rmsprop":
        update = torch.optim.RMSprop(p.values(), lr=rate)  # of which there is no fused one for the CPU
    else:
        update = torch.optim.SGD(p.values(), lr=rate, momentum=0.9, fused=fused)

    def step():
        update.zero_grad()
        value = loss(p, *batch)
        value.backward()
        update.step()
        return value.detach()

    return step


def gradient(f, array):
    x = constant(array).requires_grad_()
    return lambda: torch.autograd.grad(f(x), x)[0]


def hessian_product(loss, problem, vectors):
    p = {name: constant(value).requires_grad_() for name, value in problem.parameters.items()}
    batch, vs = [constant(array) for array in problem.batch], [constant(v) for v in vectors]

    def step():
        gradients = torch.autograd.grad(loss(p, *batch), list(p.values()), create_graph=True)
        return torch.autograd.grad(gradients, list(p.values()), vs)

    return step
