"""A replay equals the eager run bit for bit, and so does the printed source: random programs, data and layouts."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb
from ntb import Tape, Variable
from tests.replay.parity import KINDS, check, layouts
from tests.samples import SAMPLES

INDEX = np.array([2, 0, 0, 1])

# --- programs of square matrices: a step takes the values so far and the surroundings, and gives another matrix

STEPS = [
    lambda h, e: np.tanh(h[-1]),
    lambda h, e: np.exp(-h[-1] * h[-1]),
    lambda h, e: h[-1] + h[0],
    lambda h, e: h[-1] - h[len(h) // 2],
    lambda h, e: h[-1] * h[0],
    lambda h, e: h[-1] / (np.abs(h[0]) + 1.5),
    lambda h, e: h[-1] @ h[0] * 0.2,
    lambda h, e: h[-1] @ h[-1].T * 0.1,
    lambda h, e: h[-1].T,
    lambda h, e: h[-1][::-1],
    lambda h, e: h[-1][:, ::-1] * 1.5,
    lambda h, e: np.roll(h[-1], 1, axis=0),
    lambda h, e: h[-1][INDEX % h[-1].shape[0]][: h[-1].shape[0]] if h[-1].shape[0] == 4 else h[-1],
    lambda h, e: np.sort(h[-1], axis=1),
    lambda h, e: h[-1] - np.mean(h[-1], axis=0, keepdims=True),
    lambda h, e: np.cumsum(h[-1], axis=1) * 0.3,
    lambda h, e: np.sum(h[-1]) * h[0] * 0.01,
    lambda h, e: np.where(h[-1] > 0, h[-1], h[0]),
    lambda h, e: np.maximum(h[-1], 0.0),
    lambda h, e: h[-1] + e["w"],
    lambda h, e: e["w"] @ h[-1] * 0.3,
    lambda h, e: h[-1] * e["lr"] + h[0] * (1 - e["lr"]),
    lambda h, e: h[-1] * e["const"],
    lambda h, e: np.einsum("ij,jk->ki", h[-1], h[0]) * 0.2,
    lambda h, e: np.concatenate([h[-1][1:], h[0][:1]]),
    lambda h, e: np.transpose(np.reshape(np.ravel(h[-1]), h[-1].shape)),
    lambda h, e: np.var(h[-1], axis=1)[:, None] + h[-1],
    lambda h, e: np.broadcast_to(np.max(h[-1], axis=0), h[-1].shape) + h[-1],
    lambda h, e: h[-1] + e["rng"].normal(0.0, 0.1, h[-1].shape),
    lambda h, e: h[-1] * (e["rng"].random(h[-1].shape) < 0.8),
    lambda h, e: h[-1] * np.linalg.norm(h[0]) * 0.1,
    lambda h, e: h[-1] + np.arange(h[-1].shape[0]) * 0.1,
    lambda h, e: h[-1] ** 2 * 0.5,
    lambda h, e: 1.0 / (1.0 + np.exp(-h[-1])),
    lambda h, e: np.clip(h[-1], -1.0, 1.0) + 0.1 * h[-1],
    lambda h, e: h[-1] * h[-1][0, 0],
    lambda h, e: h[-1] * 2 if h[-1][0, 0] > 0 else h[-1] * 3,
    lambda h, e: np.stack([h[-1], h[0]]).mean(axis=0),
    lambda h, e: h[-1] + np.take(h[0], [0], axis=1),
    lambda h, e: h[-1].astype(np.float32),
    lambda h, e: np.swapaxes(h[-1], 0, 1)[:, :],
]


@settings(max_examples=150)
@given(st.data())
def test_random_training_steps(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    n = data.draw(st.sampled_from([1, 2, 3, 4, 9]))
    dtype = data.draw(st.sampled_from([np.float64, np.float32]))
    steps = [STEPS[i] for i in data.draw(st.lists(st.integers(0, len(STEPS) - 1), min_size=1, max_size=8))]
    wrt_input = data.draw(st.booleans())
    same = data.draw(st.booleans())
    w, velocity = Variable(rng.normal(size=(n, n)).astype(dtype), name="w"), Variable(np.zeros((n, n), dtype))
    counter, generator = Variable(0, trainable=False), ntb.random.generator(3)
    const = layouts(rng.normal(size=(n, n)).astype(dtype), data.draw(st.sampled_from(KINDS)))

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

    calls = []
    for _ in range(3):
        x = layouts(rng.normal(size=(n, n)).astype(dtype), data.draw(st.sampled_from(KINDS)))
        y = x if same else layouts(rng.normal(size=(n, n)).astype(dtype), data.draw(st.sampled_from(KINDS)))
        calls.append((x, y, float(rng.uniform(0.001, 0.1))))
    with np.errstate(all="ignore"):
        check(step, calls, [w, velocity, counter, generator])


def gradients_of(call):
    def f(*arrays):
        with Tape() as tape:
            xs = [tape.watch(a * 1) for a in arrays]
            y = call(*xs)
            parts = [part for part in (y if isinstance(y, tuple) else (y,)) if part.dtype.kind in "fc"]
            total = sum(np.sum(part * np.cos(part)) for part in parts)
        return y, tape.gradient(total, xs, unconnected="zero")

    return f


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_every_operation(sample):
    rng = np.random.default_rng(0)
    shapes = [s for s in sample.shapes if all(0 not in shape for shape in s)][-2:]
    variants = ((np.float64, ("C", "backwards")), (np.float32, ("swapped", "F")))
    for shape, (dtype, kinds) in zip(shapes, variants, strict=False):
        calls = [[layouts(a, kind) for a in sample.arrays(rng, shape, dtype)] for kind in kinds]
        with np.errstate(all="ignore"):
            check(gradients_of(sample.call), calls, sources=shape == shapes[-1])


def test_numbers_without_axes():
    """NumPy's scalars are not its arrays without axes: `*` and np.square of complex ones round otherwise."""
    rng = np.random.default_rng(0)
    for sample in SAMPLES:
        if sample.shapes[0] == ((),) * len(sample.domains):
            calls = [sample.arrays(rng, sample.shapes[0]) for _ in range(2)]
            with np.errstate(all="ignore"):
                check(gradients_of(sample.call), calls)


@settings(max_examples=80)
@given(st.data())
def test_random_programs_of_the_operation_table(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    chosen = [SAMPLES[i] for i in data.draw(st.lists(st.integers(0, len(SAMPLES) - 1), min_size=1, max_size=4))]
    shapes = [data.draw(st.sampled_from(s.shapes)) for s in chosen]
    shift = Variable(0.01, name="shift")

    def f(arrays, scale):
        with Tape() as tape:
            total = shift * 1.0
            for sample, xs in zip(chosen, arrays, strict=True):
                y = sample.call(*[x + shift * scale for x in xs])
                for part in y if isinstance(y, tuple) else (y,):
                    if part.dtype.kind == "f":
                        total = total + np.sum(np.sin(part))
        g = tape.gradient(total, shift)
        shift.assign(np.nan_to_num(g) * 1e-3)
        return total, g

    calls = []
    for _ in range(3):
        kind = data.draw(st.sampled_from(KINDS))
        calls.append(
            ([[layouts(a, kind) for a in s.arrays(rng, sh)] for s, sh in zip(chosen, shapes, strict=True)],
             float(rng.uniform(0.5, 1.0)))
        )  # fmt: skip
    with np.errstate(all="ignore"):
        check(f, calls, [shift])
