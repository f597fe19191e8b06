"""A replay never goes on with what was replaced: models, optimizers and variables.

Each world yields a function, changes something that it depends on, and yields it again.
"""

import sys
import types

import numpy as np

import ntb
from ntb import Variable, nn

from .worlds import Worlds, every_check

SCALE = 1.0
here = sys.modules[__name__]
stale = Worlds(__name__)


class Sequence(nn.Module):
    def __init__(self, *layers):
        self.layers = list(layers)

    def __call__(self, x, train=False):
        for layer in self.layers:
            x = layer(x, train=train)
        return x


class Scale(nn.Module):
    def __init__(self, k):
        self.k, self.on = k, True

    def __call__(self, x, train=False):
        return x * self.k if self.on else x


def deep(layer, depth=10):
    for _ in range(depth):
        layer = Sequence(layer)
    return layer


@stale
def layer_ten_deep():
    layer, model = Scale(1.0), None
    model = deep(layer)
    yield (f := lambda x: model(x))
    layer.k = 2.0
    yield f
    layer.on = False
    yield f
    inner = model
    while isinstance(inner.layers[0], Sequence):
        inner = inner.layers[0]
    inner.layers[0] = Scale(3.0)
    yield f
    inner.layers.append(Scale(4.0))
    yield f


@stale
def dropout_ten_deep():
    drop = nn.Dropout(0.0)
    model = deep(drop)
    yield (f := lambda x: np.sum(model(x, train=True)) > 1.5)
    drop.p = 1.0 - 1e-12
    yield f


@stale
def trainable_variables():
    a, b, opt = Variable(1.0), Variable(1.0), ntb.optim.SGD(0.1)

    class Model(nn.Module):
        def __init__(self):
            self.a, self.b = a, b

    model = Model()

    def f(x):
        with ntb.Tape() as tape:
            loss = np.sum(a * x * b)
        variables = model.trainable_variables()
        if variables:
            opt.apply(tape.gradient(loss, variables), variables)
        return a + 10.0 * b

    yield f
    a.trainable = False
    yield f
    b.trainable = False
    yield f
    a.trainable = True
    yield f
    a.trainable, b.trainable = False, True
    yield f


@stale
def trainable_variables_in_a_comprehension():
    a, b, opt = Variable(1.0), Variable(1.0), ntb.optim.SGD(0.1)

    def f(x):
        with ntb.Tape() as tape:
            loss = np.sum(a * x * b)
        chosen = [v for v in [a, b] if v.trainable]
        opt.apply(tape.gradient(loss, chosen), chosen)
        return a + 10.0 * b

    yield f
    a.trainable = False
    yield f
    a.trainable, b.trainable = True, False
    yield f


@stale
def trainable_variables_that_a_tape_watches():
    a, b = Variable(1.0), Variable(1.0)

    def f(x):
        with ntb.Tape() as tape:
            loss = np.sum(a * x * b)
        g, h = tape.gradient(loss, [a, b])
        return (0.0 if g is None else 1.0 * g) + (0.0 if h is None else 10.0 * h) + x

    yield f
    a.trainable = False
    yield f
    a.trainable = True
    yield f


@stale
def settings_of_optimizers():
    w, opt, adam = Variable(1.0), ntb.optim.SGD(0.1, momentum=0.9), ntb.optim.AdamW(0.1)

    def f(x):
        for o in (opt, adam):
            with ntb.Tape() as tape:
                loss = np.sum(w * w * x)
            o.apply(tape.gradient(loss, [w]), [w])
        return w * x

    yield f
    opt.momentum = 0.5
    yield f
    opt.lr = 0.01
    yield f
    adam.weight_decay = 0.5
    yield f
    adam.lr = ntb.optim.schedules.cosine(0.1, 10)
    yield f


@stale
def schedule_with_state():
    class Schedule:
        def __init__(self):
            self.rate = 0.1

        def __call__(self, step):
            return self.rate

    schedule = Schedule()
    w = Variable(1.0)
    opt = ntb.optim.SGD(schedule)

    def f(x):
        with ntb.Tape() as tape:
            loss = np.sum(w * w * x)
        opt.apply(tape.gradient(loss, [w]), [w])
        return w * x

    yield f
    schedule.rate = 0.2
    yield f


@stale
def values_of_variables():
    target, online = Variable(0.0), Variable(1.0)

    def f(x):
        target.assign(0.5 * target.value + 0.5 * online.value)
        online.assign(online + 1.0)
        return x * target

    yield f
    target.assign(7.0)
    yield f


@stale
def variable_that_is_replaced():
    model = types.SimpleNamespace(w=Variable(1.0), parts={"w": Variable(1.0)})
    yield (f := lambda x: x * model.w * model.parts["w"])
    model.w = Variable(2.0)
    yield f
    model.parts["w"] = Variable(3.0)
    yield f


@stale
def array_that_is_replaced():
    table, scale = {"a": np.ones(2)}, np.ones(2)
    yield (f := lambda x: x * table["a"] * scale)
    table["a"] = np.full(2, 2.0)
    yield f
    scale = np.full(2, 3.0)
    yield f


@every_check
@stale.each
def test_what_was_replaced_is_seen(world, check):
    stale.compare(world, check)
