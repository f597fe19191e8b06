"""The parts in TensorFlow, compiled by `tf.function`.

Its convolutions run on the CPU with channels last only, so that images and filters are kept that way here.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

tanh, relu, sigmoid, silu, constant = tf.tanh, tf.nn.relu, tf.sigmoid, tf.nn.silu, tf.constant
mean, total, transpose, reshape = tf.reduce_mean, tf.reduce_sum, tf.transpose, tf.reshape


def laid_out(array: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) as (N, H, W, C)."""
    return np.ascontiguousarray(np.moveaxis(array, 1, -1)) if array.ndim == 4 else array


def filters(array: np.ndarray) -> np.ndarray:
    """Filters (F, C, KH, KW) as (KH, KW, C, F)."""
    return np.ascontiguousarray(np.transpose(array, (2, 3, 1, 0))) if array.ndim == 4 else array


def linear(x, w, b):
    if len(x.shape) == 2:
        return tf.nn.bias_add(tf.matmul(x, w), b)
    flat = tf.matmul(tf.reshape(x, (-1, x.shape[-1])), w)
    return tf.reshape(tf.nn.bias_add(flat, b), (*x.shape[:-1], w.shape[1]))


def gelu(x):
    """By products: `tf.nn.gelu` takes a power."""
    return 0.5 * x * (1 + tf.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))


def layer_norm(x, gamma, beta):
    m, v = tf.nn.moments(x, [-1], keepdims=True)
    return tf.nn.batch_normalization(x, m, v, beta, gamma, 1e-5)


def attention(q, k, v, causal=True):
    scores = tf.matmul(q, k, transpose_b=True) * (1 / math.sqrt(q.shape[-1]))
    if causal:
        scores = scores + np.triu(np.full((q.shape[-2],) * 2, -np.inf, scores.dtype.as_numpy_dtype), 1)
    return tf.matmul(tf.nn.softmax(scores), v)


def embedding(ids, weight):
    return tf.gather(weight, ids)


def conv(x, w, b, stride=1, padding=(0, 0)):
    pads = [[0, 0], list(padding), list(padding), [0, 0]]
    y = tf.nn.conv2d(x, w, stride, pads)
    return y if b is None else tf.nn.bias_add(y, b)


def max_pool(x, padding=(0, 0)):
    return tf.nn.max_pool2d(x, 2, 2, "SAME" if padding[1] else "VALID")


def batch_norm(x, gamma, beta):
    if len(x.shape) == 4 and x.dtype == tf.float32:
        return tf.compat.v1.nn.fused_batch_norm(x, gamma, beta, epsilon=1e-5)[0]
    m, v = tf.nn.moments(x, list(range(len(x.shape) - 1)))
    return tf.nn.batch_normalization(x, m, v, beta, gamma, 1e-5)


def group_norm(x, groups, gamma, beta):
    parts = tf.reshape(x, (*x.shape[:3], groups, -1))
    m, v = tf.nn.moments(parts, [1, 2, 4], keepdims=True)
    return tf.reshape((parts - m) * tf.math.rsqrt(v + 1e-5), x.shape) * gamma + beta


def upsample(x):
    return tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)


def side_by_side(x, y):
    return tf.concat([x, y], -1)


def add_channels(x, v):
    return x + v[:, None, None, :]


def mean_of_space(x):
    return tf.reduce_mean(x, (1, 2))


def pixels(x):
    return tf.reshape(x, (x.shape[0], -1, x.shape[-1]))


def images(x, height, width):
    return tf.reshape(x, (x.shape[0], height, width, -1))


def dropout(x, keep):
    return x if keep == 1.0 else tf.nn.dropout(x, 1 - keep)


def flatten(x):
    """With the channels first, as the weights of the next layer have it."""
    return tf.reshape(tf.transpose(x, (0, 3, 1, 2)), (x.shape[0], -1))


def cross_entropy(scores, labels):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores))


def lstm(x, wx, wh, b):
    """Unrolled, with the input's product for all steps before."""
    units = wh.shape[0]
    h = c = tf.zeros((x.shape[0], units), x.dtype)
    states = []
    for z in tf.unstack(linear(tf.transpose(x, (1, 0, 2)), wx, b)):
        z = z + tf.matmul(h, wh)
        gates, candidate = tf.split(z, [3 * units, units], axis=-1)
        i, f, o = tf.split(tf.sigmoid(gates), 3, axis=-1)
        c = f * c + i * tf.tanh(candidate)
        h = o * tf.tanh(c)
        states.append(h)
    return tf.stack(states, axis=1)


def rnn(x, wx, wh, b):
    """Unrolled, as the LSTM is."""
    h, states = tf.zeros((x.shape[0], wh.shape[0]), x.dtype), []
    for z in tf.unstack(linear(tf.transpose(x, (1, 0, 2)), wx, b)):
        h = tf.tanh(z + tf.matmul(h, wh))
        states.append(h)
    return tf.stack(states, axis=1)


def adam(p, gradients, slots, t, rate):
    """TensorFlow's own kernel, whose epsilon is scaled so that it stands where the paper has it."""
    rate, *betas = (tf.constant(x, t.dtype) for x in (rate, 0.9, 0.999))
    powers = [tf.pow(beta, t) for beta in betas]
    epsilon = 1e-8 * tf.sqrt(1 - powers[1])
    for w, g, (m, v) in zip(p, gradients, slots):
        tf.raw_ops.ResourceApplyAdam(
            var=w.handle, m=m.handle, v=v.handle, beta1_power=powers[0], beta2_power=powers[1], lr=rate,
            beta1=betas[0], beta2=betas[1], epsilon=epsilon, grad=g,
        )  # fmt: skip


def momentum(p, gradients, slots, t, rate):
    rate, kept = tf.constant(rate, t.dtype), tf.constant(0.9, t.dtype)
    for w, g, (v,) in zip(p, gradients, slots):
        tf.raw_ops.ResourceApplyMomentum(var=w.handle, accum=v.handle, lr=rate, grad=g, momentum=kept)


def rmsprop(p, gradients, slots, t, rate):
    """Written out: TensorFlow's own kernel has epsilon under the root."""
    for w, g, (s,) in zip(p, gradients, slots):
        s.assign(0.99 * s + 0.01 * tf.square(g))
        w.assign_sub(rate * g / (tf.sqrt(s) + 1e-8))


def trainer(loss, problem, optimizer):
    kind, rate = optimizer
    update, count = {"adam": (adam, 2), "momentum": (momentum, 1), "rmsprop": (rmsprop, 1)}[kind]
    p = {name: tf.Variable(filters(value)) for name, value in problem.parameters.items()}
    slots = [[tf.Variable(tf.zeros_like(w)) for _ in range(count)] for w in p.values()]
    t = tf.Variable(0.0, dtype=problem.dtype)
    batch = [tf.constant(laid_out(array)) for array in problem.batch]

    @tf.function
    def compiled(*batch):
        with tf.GradientTape() as tape:
            value = loss({name: tf.convert_to_tensor(w) for name, w in p.items()}, *batch)
        gradients = tape.gradient(value, list(p.values()))
        number = t.assign_add(tf.ones_like(t))
        update(list(p.values()), [tf.convert_to_tensor(g) for g in gradients], slots, number, rate)
        return value

    return lambda: compiled(*batch)


def gradient(f, array):
    x = tf.constant(array)

    def step():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x)

    return step


def hessian_product(loss, problem, vectors):
    p = {name: tf.Variable(value) for name, value in problem.parameters.items()}
    batch, vs = [tf.constant(array) for array in problem.batch], [tf.constant(v) for v in vectors]
    parameters = list(p.values())

    @tf.function
    def product(*batch):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                value = loss(p, *batch)
            gradients = inner.gradient(value, parameters)
        return outer.gradient(gradients, parameters, output_gradients=vs)

    return lambda: product(*batch)
