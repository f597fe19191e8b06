"""The parts in JAX, compiled by `jit`: one program for a step, which may write over the old parameters."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import lax, nn

jax.config.update("jax_enable_x64", True)

tanh, relu, sigmoid, silu, constant = jnp.tanh, nn.relu, nn.sigmoid, nn.silu, jnp.asarray
mean, total, transpose, reshape = jnp.mean, jnp.sum, jnp.transpose, jnp.reshape
NCHW = ("NCHW", "OIHW", "NCHW")


def linear(x, w, b):
    return x @ w + b


def gelu(x):
    return nn.gelu(x, approximate=True)


def layer_norm(x, gamma, beta):
    return nn.standardize(x, axis=-1, epsilon=1e-5) * gamma + beta


def attention(q, k, v, causal=True):
    scores = q @ jnp.swapaxes(k, -1, -2) * (1 / math.sqrt(q.shape[-1]))
    if causal:
        scores = jnp.where(jnp.tri(q.shape[-2], dtype=bool), scores, -jnp.inf)
    return nn.softmax(scores) @ v


def embedding(ids, weight):
    return weight[ids]


def conv(x, w, b, stride=1, padding=(0, 0)):
    y = lax.conv_general_dilated(x, w, (stride, stride), (padding, padding), dimension_numbers=NCHW)
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def max_pool(x, padding=(0, 0)):
    pads, window = ((0, 0), (0, 0), padding, padding), (1, 1, 2, 2)
    return lax.reduce_window(x, -jnp.inf, lax.max, window, window, pads)


def batch_norm(x, gamma, beta):
    axes = (0, 2, 3)[: x.ndim - 1]
    shape = (1, -1, 1, 1)[: x.ndim]
    y = nn.standardize(x, axis=axes, epsilon=1e-5)
    return y * gamma.reshape(shape) + beta.reshape(shape)


def group_norm(x, groups, gamma, beta):
    y = nn.standardize(x.reshape(len(x), groups, -1), axis=-1, epsilon=1e-5).reshape(x.shape)
    return y * gamma.reshape(1, -1, 1, 1) + beta.reshape(1, -1, 1, 1)


def upsample(x):
    return jnp.repeat(jnp.repeat(x, 2, axis=2), 2, axis=3)


def side_by_side(x, y):
    return jnp.concatenate([x, y], axis=1)


def add_channels(x, v):
    return x + v[:, :, None, None]


def mean_of_space(x):
    return jnp.mean(x, axis=(2, 3))


def pixels(x):
    return jnp.swapaxes(x.reshape(*x.shape[:2], -1), 1, 2)


def images(x, height, width):
    return jnp.swapaxes(x, 1, 2).reshape(len(x), -1, height, width)


class Keys:
    """The key that dropout splits from; a step sets it to its own."""

    key = None


def dropout(x, keep):
    if keep == 1.0:
        return x
    Keys.key, key = jax.random.split(Keys.key)
    return jnp.where(jax.random.bernoulli(key, keep, x.shape), x / keep, 0.0)


def flatten(x):
    return x.reshape(len(x), -1)


def cross_entropy(scores, labels):
    return -jnp.mean(jnp.take_along_axis(nn.log_softmax(scores), labels[:, None], axis=-1))


def lstm(x, wx, wh, b):
    def step(state, z):
        h, c = state
        z = z + h @ wh
        i, f, o = jnp.split(sigmoid(z[:, : 3 * units]), 3, axis=-1)
        c = f * c + i * jnp.tanh(z[:, 3 * units :])
        h = o * jnp.tanh(c)
        return (h, c), h

    units = wh.shape[0]
    zeros = jnp.zeros((len(x), units), x.dtype)
    _, states = lax.scan(step, (zeros, zeros), jnp.swapaxes(x, 0, 1) @ wx + b)
    return jnp.swapaxes(states, 0, 1)


def rnn(x, wx, wh, b):
    def step(h, z):
        h = jnp.tanh(z + h @ wh)
        return h, h

    zeros = jnp.zeros((len(x), len(wh)), x.dtype)
    _, states = lax.scan(step, zeros, jnp.swapaxes(x, 0, 1) @ wx + b)
    return jnp.swapaxes(states, 0, 1)


def adam(p, g, state, t, rate):
    m, v = state
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    return p - rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), (m, v)


def momentum(p, g, state, t, rate):
    (v,) = state
    v = 0.9 * v + g
    return p - rate * v, (v,)


def rmsprop(p, g, state, t, rate):
    (s,) = state
    s = 0.99 * s + 0.01 * g * g
    return p - rate * g / (jnp.sqrt(s) + 1e-8), (s,)


def trainer(loss, problem, optimizer):
    kind, rate = optimizer
    update, slots = {"adam": (adam, 2), "momentum": (momentum, 1), "rmsprop": (rmsprop, 1)}[kind]

    @jax.jit
    def compiled(p, states, carried, *batch):
        def of(p):
            Keys.key = carried.get("key")
            return loss(p, *batch)

        value, gradients = jax.value_and_grad(of)(p)
        new = {name: update(p[name], g, states[name], carried.get("t"), rate) for name, g in gradients.items()}
        following = {"t": lambda t: t + 1, "key": lambda key: jax.random.fold_in(key, 1)}
        carried = {name: following[name](x) for name, x in carried.items()}
        return {name: w for name, (w, _) in new.items()}, {name: s for name, (_, s) in new.items()}, carried, value

    p = {name: jnp.asarray(value) for name, value in problem.parameters.items()}
    states = {name: (jnp.zeros_like(value),) * slots for name, value in p.items()}
    carried = {"t": jnp.asarray(1, problem.dtype)} if kind == "adam" else {}
    if problem.keep < 1:
        carried["key"] = jax.random.key(0)
    batch = [jnp.asarray(array) for array in problem.batch]

    def step():
        nonlocal p, states, carried
        p, states, carried, value = compiled(p, states, carried, *batch)
        return value

    return step


def hessian_product(loss, problem, vectors):
    p = {name: jnp.asarray(value) for name, value in problem.parameters.items()}
    batch = [jnp.asarray(array) for array in problem.batch]
    vs = dict(zip(p, map(jnp.asarray, vectors)))

    names = list(p)

    @jax.jit
    def product(p, vs, *batch):
        _, products = jax.jvp(jax.grad(lambda p: loss(p, *batch)), (p,), (vs,))
        return [products[name] for name in names]

    return lambda: product(p, vs, *batch)
