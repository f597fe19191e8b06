"""Ordinary code is neither refused nor traced again and again, and no check warns of it."""

import contextlib
import cProfile
import functools
import logging
import math
import re
import sys
import time
import types
import warnings
from collections import deque

import numpy as np
import pytest

import ntb
from ntb import Tape, Variable, nn

from .worlds import programs_of

ONE = np.ones(2)
BETAS = (0.9, 0.999)
log = logging.getLogger(__name__)


class Progress:
    """Something that counts and draws a bar, outside of the function."""

    def __init__(self, total):
        self.total, self.n, self.postfix = total, 0, {}

    def update(self, **postfix):
        self.n += 1
        self.postfix.update(postfix)


class Model(nn.Module):
    def __init__(self, *layers):
        self.layers, self.losses, self.epoch, self.scale = list(layers), [], 0, 2.0

    def __call__(self, x, train=False):
        for layer in self.layers:
            x = layer(x, train=train) if isinstance(layer, nn.Dropout | nn.BatchNorm) else layer(x)
        return x * self.scale


# --- what a function may do besides computing


def logs(x):
    log.debug("step %s", x.shape)
    log.info("of %d", 3)
    return x * 2.0


def prints(x):
    print("traced", x.shape, file=sys.stderr)
    print(f"{len(BETAS)} numbers")
    return x * 2.0


def warns(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("once", UserWarning, stacklevel=2)
    return x * 2.0


def measures_time(x):
    start = time.perf_counter()
    y = x * 2.0
    assert time.perf_counter() - start >= 0.0
    return y


def asserts(x):
    assert x.shape == (2,), f"a shape of {x.shape}"
    assert isinstance(x, ntb.Tensor)
    return x * 2.0


def iterates(x):
    numbers = [1.0, 2.0, 3.0]
    it = iter(numbers)
    total = next(it) + sum(it) + sum(k for k in numbers) + sum(map(math.sqrt, numbers))
    for i, (a, b) in enumerate(zip(numbers, reversed(numbers))):
        total += i * a * b
    return x * total


def makes_objects(x):
    config = types.SimpleNamespace(lr=1.0)
    config.lr += 1.0
    history = []
    history.append(config.lr)
    seen = {"a": 1}
    seen["a"] += 1
    queue = deque(history)
    queue.append(3.0)

    def inner(k):
        nonlocal history
        history = [*history, k]
        return sum(history)

    return x * inner(seen["a"]) * queue.popleft()


def handles_errors(x):
    try:
        k = {}["missing"]
    except KeyError:
        k = 2.0
    with contextlib.suppress(ValueError):
        k = int("no number")
    return x * k * getattr(x, "no_such_attribute", 1.0)


def copies(x):
    import copy
    import json

    settings = copy.deepcopy({"lr": [1.0, 2.0]})
    return x * json.loads(json.dumps(settings))["lr"][1]


def scans(x):

    k = 2.0
    return x * float(re.match(r"(\d+)", "12 steps").group(1)) * len(f"{k:>9.3f}")


@pytest.mark.parametrize("check", ["never", "sometimes", "always"])
@pytest.mark.parametrize(
    "f",
    [logs, prints, warns, measures_time, asserts, iterates, makes_objects, handles_errors, copies, scans],
    ids=lambda f: f.__name__,
)
def test_ordinary_functions_are_traced_once(f, check):
    assert programs_of(f, ONE, check=check) == (1, 1)


def test_draws_from_ntbs_generators():
    for generator in (ntb.random.generator(0), ntb.random.of_numpy()):
        held = types.SimpleNamespace(rng=generator, bits=generator.numpy)
        assert programs_of(lambda x, held=held: x * held.rng.normal() * (held.bits is not None), ONE) == (1, 1)
        assert programs_of(lambda x, held=held: x * held.rng.random(), ONE, check="always") == (1, 1)


# --- what is made once


def test_a_cache_that_is_made_when_it_is_needed_is_traced_twice():
    class Lazy:
        _cache = None

        def __init__(self):
            self.memo = {}

        def table(self):
            if self._cache is None:
                self._cache = [1.0, 2.0]
            return self._cache

        @functools.cached_property
        def scale(self):
            return 3.0

        def mask(self, n):
            if n not in self.memo:
                self.memo[n] = np.tril(np.ones((n, n)))
            return self.memo[n]

    lazy = Lazy()
    f = ntb.function(lambda x: self_mask(lazy, x) * lazy.table()[1] * lazy.scale, check="always")

    def self_mask(lazy, x):
        return lazy.mask(x.shape[0]) @ x

    for n in (2, 2, 2, 3, 3, 3, 2, 3):
        f(np.ones(n))
    assert f._kept.traces <= 5
    assert len(f.programs) <= 3


def test_functions_that_remember_results():
    @functools.lru_cache
    def remembered(n):
        return float(n)

    @functools.cache
    def table():
        return {"lr": 2.0}

    assert programs_of(lambda x: x * remembered(3) * table()["lr"], ONE, check="always")[0] == 1
    assert programs_of(lambda x: x * remembered(3), ONE, between=lambda i: remembered(i + 10))[0] == 1


def test_optimizers_and_models_that_build_on_the_first_call():
    class Built(nn.Module):
        def __init__(self):
            self.w, self.built = None, False

        def __call__(self, x):
            if not self.built:
                self.w = Variable(np.ones(x.shape[-1]), name="w")
                self.built = True
            return np.sum(self.w * x)

    for make in (ntb.optim.SGD, ntb.optim.Adam, ntb.optim.AdamW, ntb.optim.RMSProp):
        model, opt = Built(), make(0.1)

        def step(x, model=model, opt=opt):
            with Tape() as tape:
                loss = model(x) ** 2
            variables = model.trainable_variables()
            opt.apply(tape.gradient(loss, variables), variables)
            return loss

        programs, traces = programs_of(step, ONE, check="always")
        assert programs == 1
        assert traces <= 3


def step_of(model, opt, loss_of):
    def step(x, y):
        with Tape() as tape:
            loss = loss_of(model(x, train=True), y)
        opt.apply(tape.gradient(loss, variables), variables)
        return loss

    variables = model.trainable_variables()
    return step


def test_training_with_dropout_and_normalization_while_histories_grow():
    model = Model(nn.Linear(4, 8), nn.BatchNorm(8), np.tanh, nn.Dropout(0.5), nn.Linear(8, 1))
    opt, bar = ntb.optim.Adam(ntb.optim.schedules.cosine(0.01, 100)), Progress(20)
    x, y = np.random.default_rng(0).normal(size=(16, 4)), np.ones((16, 1))

    def between(i):
        model.losses.append(float(i))
        model.epoch += 1
        bar.update(loss=i)

    for check in ("sometimes", "always"):
        programs, traces = programs_of(step_of(model, opt, nn.mse), x, y, between=between, check=check)
        assert programs == 1
        assert traces <= 2


def test_training_of_a_recurrent_network():
    class Net(nn.Module):
        def __init__(self):
            self.rnn, self.head = nn.LSTM(3, 4), nn.Linear(4, 1)

        def __call__(self, x, train=False):
            return self.head(self.rnn(x)[0][:, -1])

    step = step_of(Net(), ntb.optim.SGD(0.1, momentum=0.9), nn.mse)
    programs, traces = programs_of(step, np.ones((2, 5, 3)), np.ones((2, 1)), check="always")
    assert programs == 1
    assert traces <= 2


# --- what changes outside


def test_what_the_function_does_not_mention_may_change():
    model = types.SimpleNamespace(scale=2.0, step=0, history=[], best=None, clock=None)
    count = {"calls": 0}

    def between(i):
        model.step += 1
        model.history.append(i)
        model.best = min(model.best or i, i)
        model.clock = time.time()
        count["calls"] += 1
        globals()["_unmentioned"] = i

    assert programs_of(lambda x: x * model.scale, ONE, between=between) == (1, 1)


def test_equal_constants_that_are_made_anew_are_the_same():
    settings = types.SimpleNamespace(betas=(0.9, 0.999), lr=0.1, name="adam", big=10**6)

    def between(i):
        settings.betas = tuple([0.9, 0.999])
        settings.lr = float("0.1")
        settings.name = "".join(["ad", "am"])
        settings.big = int("1000000")

    f = lambda x: x * settings.betas[0] * settings.lr * len(settings.name) * settings.big
    assert programs_of(f, ONE, between=between) == (1, 1)


def test_two_settings_that_alternate_have_two_programs():
    settings = types.SimpleNamespace(train=True)

    def between(i):
        settings.train = not settings.train

    assert programs_of(lambda x: x * 2.0 if settings.train else x, ONE, between=between) == (2, 2)


def test_a_class_a_module_and_a_function_that_get_other_attributes():
    class C:
        lr = 2.0

        def step(self, x):
            return x * self.lr

    c = C()

    def between(i):
        C.calls = i
        c.calls = i
        c.step.__func__.calls = i

    assert programs_of(lambda x: c.step(x), ONE, between=between) == (1, 1)


# --- under other tools


def test_functions_are_traced_under_a_profiler():
    profiler = cProfile.Profile()
    with profiler:
        assert programs_of(lambda x: x * BETAS[0], ONE)[0] == 1
        helper()
    assert any("helper" in str(entry.code) for entry in profiler.getstats())


def helper():
    return 1


def test_functions_are_traced_under_a_profile_function():
    seen = []

    def note(frame, event, arg):
        seen.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        assert programs_of(lambda x: x * BETAS[0], ONE)[0] == 1
        helper()
        assert sys.getprofile() is note
    finally:
        sys.setprofile(None)
    assert "helper" in seen


def test_functions_are_traced_under_a_debugger():
    lines = []
    before = sys.gettrace()

    def follow(frame, event, arg):
        lines.append(event)
        return follow

    sys.settrace(follow)
    try:
        assert programs_of(lambda x: x * BETAS[0], ONE)[0] == 1
    finally:
        sys.settrace(before)
    assert lines
