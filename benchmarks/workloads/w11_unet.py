"""W11: a step of diffusion (Ho et al., 2020): a U-Net tells the noise in images, batch 4 of 3x32x32, Adam.

It goes down once and up once: residual blocks of group norm, SiLU and convolutions, to which the time is added, and
attention among the pixels of the lower level.
"""

import numpy as np

import ntb
from ntb import nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, trainer, variables

TITLE = "U-Net of diffusion, 32-64 channels, group norm, SiLU, attention, 4 images 3x32x32, Adam"
OPTIMIZER = ("adam", 0.001)
GROUPS, HEADS = 8, 4
CANNOT = {"ntb-compat": "no attention in the graph style"}


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    rows, size, width = (2, 8, 8) if small else (4, 32, 32)
    draw, times = Draw(dtype), 2 * width
    parameters = {"w_time": draw.dense(times, times), "b_time": draw.zeros(times)}

    def conv(name, channels, filters, kernel=3):
        parameters[f"filters_{name}"] = draw.filters(filters, channels, kernel)
        parameters[f"offset_{name}"] = draw.zeros(filters)

    def norm(name, channels):
        parameters[f"gamma_{name}"], parameters[f"beta_{name}"] = draw.ones(channels), draw.zeros(channels)

    def dense(name, inputs, outputs):
        parameters[f"w_{name}"], parameters[f"b_{name}"] = draw.dense(inputs, outputs), draw.zeros(outputs)

    def residual(name, channels, filters):
        norm(f"{name}1", channels)
        conv(f"{name}1", channels, filters)
        dense(name, times, filters)
        norm(f"{name}2", filters)
        conv(f"{name}2", filters, filters)
        if channels != filters:
            conv(f"{name}3", channels, filters, kernel=1)

    conv("first", 3, width)
    residual("down", width, width)
    conv("less", width, 2 * width)
    residual("middle", 2 * width, 2 * width)
    norm("attention", 2 * width)
    dense("qkv", 2 * width, 6 * width)
    dense("out", 2 * width, 2 * width)
    conv("more", 2 * width, width)
    residual("up", 2 * width, width)
    norm("last", width)
    conv("last", width, 3)
    noisy, noise = draw.uniform(rows, 3, size, size, low=-1.0), draw.uniform(rows, 3, size, size, low=-1.0)
    return Problem(parameters, (noisy, draw.uniform(rows, times, low=-1.0), noise))


def loss(parts, p, x, t, noise):
    """The loss in a peer's own functions; ntb's version below has the same lines. `t` are features of the time."""

    def conv(h, name, **options):
        return parts.conv(h, p[f"filters_{name}"], p[f"offset_{name}"], **options)

    def dense(h, name):
        return parts.linear(h, p[f"w_{name}"], p[f"b_{name}"])

    def norm(h, name):
        return parts.group_norm(h, GROUPS, p[f"gamma_{name}"], p[f"beta_{name}"])

    def residual(h, name):
        a = conv(parts.silu(norm(h, f"{name}1")), f"{name}1", padding=(1, 1))
        a = parts.add_channels(a, dense(t, name))
        a = conv(parts.silu(norm(a, f"{name}2")), f"{name}2", padding=(1, 1))
        return a + (conv(h, f"{name}3") if f"filters_{name}3" in p else h)

    def attention(h):
        batch, tokens, width = h.shape
        qkv = parts.reshape(dense(h, "qkv"), (batch, tokens, 3, HEADS, width // HEADS))
        qkv = parts.transpose(qkv, (2, 0, 3, 1, 4))
        a = parts.attention(qkv[0], qkv[1], qkv[2], causal=False)
        return dense(parts.reshape(parts.transpose(a, (0, 2, 1, 3)), (batch, tokens, width)), "out")

    t = parts.silu(dense(t, "time"))
    upper = residual(conv(x, "first", padding=(1, 1)), "down")
    h = residual(conv(upper, "less", stride=2, padding=(0, 1)), "middle")
    half = round(parts.pixels(h).shape[1] ** 0.5)
    h = h + parts.images(attention(parts.pixels(norm(h, "attention"))), half, half)
    h = conv(parts.upsample(h), "more", padding=(1, 1))
    h = residual(parts.side_by_side(h, upper), "up")
    return parts.mean((conv(parts.silu(norm(h, "last")), "last", padding=(1, 1)) - noise) ** 2)


def heads(x):
    """(N, T, D) to (N, heads, T, D / heads)."""
    batch, tokens, width = x.shape
    return np.transpose(np.reshape(x, (batch, tokens, HEADS, width // HEADS)), (0, 2, 1, 3))


def with_ntb(problem: Problem, function: Decorator) -> Step:
    p = variables(problem)

    def conv(h, name, **options):
        return nn.conv2d(h, p[f"filters_{name}"], p[f"offset_{name}"], **options)

    def dense(h, name):
        return nn.linear(h, p[f"w_{name}"], p[f"b_{name}"])

    def norm(h, name):
        return nn.group_norm(h, GROUPS, p[f"gamma_{name}"], p[f"beta_{name}"])

    def residual(h, t, name):
        a = conv(nn.silu(norm(h, f"{name}1")), f"{name}1", padding=1)
        a = a + dense(t, name)[:, :, None, None]
        a = conv(nn.silu(norm(a, f"{name}2")), f"{name}2", padding=1)
        return a + (conv(h, f"{name}3") if f"filters_{name}3" in p else h)

    def attention(h):
        batch, channels, height, width = h.shape
        pixels = np.swapaxes(np.reshape(h, (batch, channels, height * width)), 1, 2)
        q, k, v = [heads(part) for part in np.split(dense(pixels, "qkv"), 3, axis=-1)]
        a = np.transpose(nn.scaled_dot_product_attention(q, k, v), (0, 2, 1, 3))
        a = dense(np.reshape(a, (batch, height * width, channels)), "out")
        return np.reshape(np.swapaxes(a, 1, 2), h.shape)

    def loss_of(x, t, noise):
        t = nn.silu(dense(t, "time"))
        upper = residual(conv(x, "first", padding=1), t, "down")
        h = residual(conv(upper, "less", stride=2, padding="same"), t, "middle")
        h = h + attention(norm(h, "attention"))
        h = conv(nn.interpolate(h, scale=2), "more", padding=1)
        h = residual(np.concatenate([h, upper], axis=1), t, "up")
        return nn.mse(conv(nn.silu(norm(h, "last")), "last", padding=1), noise)

    return trainer(function, loss_of, list(p.values()), ntb.optim.Adam(lr=0.001), problem)


def gemm(problem: Problem) -> Step:
    rows, _, size, _ = problem.batch[0].shape
    width, times = len(problem.parameters["offset_first"]), problem.batch[1].shape[1]
    upper, lower, products = rows * size**2, rows * (size // 2) ** 2, Products(problem.dtype)
    products.dense(rows, times, times, first=True)
    products.conv(3, width, 3, upper, first=True)
    blocks = (width, width, upper), (2 * width, 2 * width, lower), (2 * width, width, upper)
    for channels, filters, positions in blocks:
        products.conv(channels, filters, 3, positions)
        products.dense(rows, times, filters)
        products.conv(filters, filters, 3, positions)
    products.conv(2 * width, width, 1, upper)  # around the last of them
    products.conv(width, 2 * width, 3, lower)
    products.dense(lower, 2 * width, 6 * width)
    products.attention(rows * HEADS, (size // 2) ** 2, 2 * width // HEADS)
    products.dense(lower, 2 * width, 2 * width)
    products.conv(2 * width, width, 3, upper)
    products.conv(width, 3, 3, upper)
    return products.step()
