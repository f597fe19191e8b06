"""Random programs, drawn by hypothesis, with the arguments of some calls and the state that they change."""

import hypothesis.strategies as st
import numpy as np

import ntb
from ntb import Tape, Variable
from tests.replay.parity import KINDS, layouts
from tests.replay.steps import STEPS
from tests.samples import SAMPLES

# --- programs of square matrices


def training_step(draw, calls=3):
    """Up to eight of the steps, a loss, gradients, and an update with momentum."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.sampled_from([1, 2, 3, 4, 9]))
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    steps = [STEPS[i] for i in draw(st.lists(st.integers(0, len(STEPS) - 1), min_size=1, max_size=8))]
    wrt_input = draw(st.booleans())
    same = draw(st.booleans())
    w, velocity = Variable(rng.normal(size=(n, n)).astype(dtype), name="w"), Variable(np.zeros((n, n), dtype))
    counter, generator = Variable(0, trainable=False), ntb.random.generator(3)
    const = layouts(rng.normal(size=(n, n)).astype(dtype), draw(st.sampled_from(KINDS)))

    def step(x, y, lr):
        surroundings = {"w": w, "lr": lr, "const": const, "rng": generator}
        with Tape() as tape:
            source = tape.watch(x * 1.0)
            h = [source, y - 0.5]
            for f in steps:
                h.append(f(h, surroundings))
            loss = np.mean(h[-1] ** 2) + np.sum(np.tanh(h[-1] * w)) * 0.1
        gw, gx = tape.gradient(loss, [w, source], unconnected="zero")
        velocity.assign(0.9 * velocity - lr * gw)
        w.assign_add(velocity)
        counter.assign_add(1)
        return {"loss": loss, "gradients": [gw, gx if wrt_input else gx.T], "h": h[-1], "w": w * 1.0, "n": counter * 2}

    arguments = []
    for _ in range(calls):
        x = layouts(rng.normal(size=(n, n)).astype(dtype), draw(st.sampled_from(KINDS)))
        y = x if same else layouts(rng.normal(size=(n, n)).astype(dtype), draw(st.sampled_from(KINDS)))
        arguments.append((x, y, float(rng.uniform(0.001, 0.1))))
    return step, arguments, [w, velocity, counter, generator]


# --- programs of the operation table


def gradients_of(call):
    def f(*arrays):
        with Tape() as tape:
            xs = [tape.watch(a * 1) for a in arrays]
            y = call(*xs)
            parts = [part for part in (y if isinstance(y, tuple | list) else (y,)) if part.dtype.kind in "fc"]
            total = sum(np.sum(np.real(part * np.cos(part))) for part in parts)
        return y, tape.gradient(total, xs, unconnected="zero")

    return f


def sampled(draw):
    """Up to four samples of the operation table, with shapes of their arguments."""
    chosen = [SAMPLES[i] for i in draw(st.lists(st.integers(0, len(SAMPLES) - 1), min_size=1, max_size=4))]
    return chosen, [draw(st.sampled_from(sample.shapes)) for sample in chosen]


def real_parts(y):
    """The results of an operation as arrays of real numbers, without those of integers."""
    parts = [part for part in (y if isinstance(y, tuple | list) else (y,)) if part.dtype.kind in "fc"]
    return [np.real(part) + np.imag(part) if part.dtype.kind == "c" else part for part in parts]


def sampled_step(draw, calls=3):
    """A sum over sampled operations, all of whose arguments hang on a variable, its gradient, and an update."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    chosen, shapes = sampled(draw)
    shift = Variable(0.01, name="shift")

    def step(arrays, scale):
        with Tape() as tape:
            total = shift * 1.0
            for sample, xs in zip(chosen, arrays, strict=True):
                for part in real_parts(sample.call(*[x + shift * scale for x in xs])):
                    total = total + np.sum(np.sin(part))
        g = tape.gradient(total, shift)
        shift.assign(np.nan_to_num(g) * 1e-3)
        return total, g

    arguments = []
    for _ in range(calls):
        kind = draw(st.sampled_from(KINDS))
        arrays = [[layouts(a, kind) for a in s.arrays(rng, sh)] for s, sh in zip(chosen, shapes, strict=True)]
        arguments.append((arrays, float(rng.uniform(0.5, 1.0))))
    return step, arguments, [shift]
