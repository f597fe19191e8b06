"""Random programs, and random changes of every array, list and dict that the user holds.

A program is a list of steps from a matrix to a matrix, each with arrays of its own, which are given to it in forms that
a user may have: views, bases, locked arrays with an older view, subclasses, lists. Two runs are made. In the second,
arrays are changed after the step that used them: while the tape records, before the gradient, between two gradients,
between the calls of a traced function, between the runs of a graph. Each change must raise, or all values and gradients
must be those of the first run, bit for bit.

    python -m reliability mutation
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import ntb
from ntb import Tape, Variable, compat
from tests.samples import SAMPLES

Choose = Callable[[int], int]
N = 3
CASES = 20_000
ALLOWED = (ntb.MutationError, ntb.ConvergenceError, LookupError)
"""What a run may raise after a change; the last where a function that is run again finds its list empty."""


def chooser(seed: int) -> Choose:
    """From a number n to one of 0 … n-1, at random."""
    rng = np.random.default_rng(seed)
    return lambda n: int(rng.integers(n))


class Subclass(np.ndarray):
    """As np.memmap and np.matrix are."""


class Hands:
    """What the user holds: arrays in the forms in which he has them, with all that reaches their memory.

    After `rewind`, as before the second call of a traced function, it gives the same objects in the same order.
    """

    def __init__(self, seed: int) -> None:
        self.choose = chooser(seed)
        self.rng = np.random.default_rng(seed)
        self.given: list[Any] = []
        self.handles: list[Any] = []
        self.next = 0

    def rewind(self) -> None:
        self.next = 0

    def keep(self, make: Callable[[], Any]) -> Any:
        if self.next == len(self.given):
            self.given.append(make())
        self.next += 1
        return self.given[self.next - 1]

    def array(self, array: Any) -> Any:
        """The array in one of its forms."""
        return self.keep(lambda: self.form(np.array(array)))

    def floats(self, *shape: int) -> Any:
        return self.keep(lambda: self.form(np.asarray(self.rng.uniform(0.3, 1.2, shape))))

    def integers(self, *shape: int) -> Any:
        return self.keep(lambda: self.form(np.asarray(self.rng.integers(0, N, shape))))

    def mask(self, *shape: int) -> Any:
        return self.keep(lambda: self.form(np.asarray(self.rng.random(shape) < 0.5)))

    def form(self, array: np.ndarray) -> np.ndarray:
        form = self.choose(7)
        if form == 0:  # a view of something larger
            base = np.zeros((2, *array.shape), array.dtype)
            base[1] = array
            self.handles.append(base)
            return base[1]
        if form == 1:  # locked, with a view from before
            array = array.copy()
            self.handles.append(array[...])
            array.flags.writeable = False
            return array
        if form == 2:  # locked, and unlocked later
            array = array.copy()
            array.flags.writeable = False
            self.handles.append(array)
            return array
        if form == 3:
            array = array.copy().view(Subclass)
        elif form == 4:
            array = np.array(array, order="F")
        elif form == 5:  # backwards in memory
            array = array[::-1].copy()[::-1] if array.ndim else array.copy()
        else:
            array = array.copy()
        self.handles.append(array)
        return array

    def list(self, *items: Any) -> Any:
        def make() -> Any:
            self.handles.append(list(items))
            return self.handles[-1]

        return self.keep(make)

    def dict(self, **items: Any) -> Any:
        def make() -> Any:
            self.handles.append(items)
            return items

        return self.keep(make)

    def also(self, *handles: Any) -> None:
        """Hold what ntb gave out: results, values of variables, gradients."""
        self.handles.extend(handles)


def change(x: Any, choose: Choose) -> bool:
    """Change something that the user holds, in some way that NumPy offers; whether it could be changed."""
    if isinstance(x, list | dict):
        x.clear()
        return True
    if isinstance(x, ntb.Tensor | Variable):
        ways: list[Callable[[], Any]] = [
            lambda: x.__setitem__(..., 0),
            lambda: np.add(x, 1.0, out=x),
            lambda: x.numpy().__setitem__(..., 0),
            lambda: np.asarray(x).__setitem__(..., 0),
            lambda: np.array(x).__setitem__(..., 0),
            lambda: np.from_dlpack(x).__setitem__(..., 0),
            lambda: np.copyto(np.asarray(x), 0.0),
            lambda: np.asarray(x).sort(axis=-1),
        ]
    else:
        ways = [
            lambda: x.__setitem__(..., 0),
            lambda: x.__setitem__(..., x[::-1].copy() if x.ndim else 1),
            lambda: np.copyto(x, 1),
            lambda: x.__ixor__(1) if x.dtype == bool else x.__iadd__(1),
            lambda: x.fill(2 if x.dtype.kind in "iu" else np.nan if x.dtype.kind == "f" else 1),
            lambda: x.flat.__setitem__(slice(0, 1), 1),
        ]
        if not x.flags.writeable and x.base is None:
            x.flags.writeable = True
    try:
        ways[choose(len(ways))]()
    except (ntb.NtbError, ValueError, TypeError, AttributeError):
        return False
    return True


# --- steps: from the values so far and the user's hands to another matrix

STEPS: list[Callable[[Any, Hands], Any]] = [
    lambda h, u: h[-1] * u.floats(N, N),
    lambda h, u: u.floats(N) / (np.abs(h[-1]) + 1.0),
    lambda h, u: np.power(np.abs(h[-1]) + 0.5, u.floats(N, 1)),
    lambda h, u: u.floats(N, N) @ h[-1] * 0.3,
    lambda h, u: h[-1] @ u.floats(N, N) * 0.3 + u.floats(),
    lambda h, u: np.where(u.mask(N, N), h[-1], h[0] * u.floats(N)),
    lambda h, u: h[-1][u.integers(N)],
    lambda h, u: h[-1][u.integers(N, 1), u.integers(N)],
    lambda h, u: h[-1] * h[-1][u.mask(N)].sum(),
    lambda h, u: h[-1][u.list(2, 0, 1)] * 1.5,
    lambda h, u: np.concatenate([h[-1][u.array(1) :], h[-1][: u.array(1)]]),
    lambda h, u: np.take(h[-1], u.integers(N), axis=1),
    lambda h, u: np.take_along_axis(h[-1], u.integers(N, N), 0),
    lambda h, u: np.clip(h[-1], u.floats(N) - 1.0, u.floats(N)),
    lambda h, u: np.maximum(h[-1], u.floats(N, N)) + np.minimum(u.floats(N), h[0]),
    lambda h, u: np.einsum("ij,jk,k->ik", h[-1], u.floats(N, N), u.floats(N)) * 0.2,
    lambda h, u: np.concatenate(u.list(h[-1][1:], u.floats(1, N))) * h[-1],
    lambda h, u: np.stack(u.list(h[-1], u.floats(N, N), h[0])).prod(axis=0),
    lambda h, u: np.atleast_2d(h[-1], u.floats(N))[1] * h[-1],
    lambda h, u: np.broadcast_arrays(h[-1], u.floats(N))[1] * h[-1],
    lambda h, u: np.reshape(np.ravel(h[-1]) * u.floats(N * N), u.list(N, N)),
    lambda h, u: np.transpose(h[-1], u.list(1, 0)) * h[-1],
    lambda h, u: h[-1].at[u.integers(N), u.integers(N)].set(u.floats(N)) * h[-1],
    lambda h, u: h[-1].at[u.integers(4)].add(u.floats(4, N)) * h[0],
    lambda h, u: h[-1].at[u.mask(N, N)].multiply(u.floats()),
    lambda h, u: np.sum(h[-1], axis=0, where=u.mask(N, N)) * h[-1] + np.average(h[-1], weights=u.floats(N, N)),
    lambda h, u: np.interp(h[-1], u.array(np.linspace(-3, 3, 7)), u.floats(7)) * h[-1],
    lambda h, u: np.pad(h[-1] * u.floats(N, N), u.array([[1, 0], [0, 1]]))[:-1, 1:],
    lambda h, u: np.repeat(h[-1], u.array([1, 0, 2]), axis=0) * h[-1],
    lambda h, u: np.linalg.solve(u.floats(N, N) + 3 * np.eye(N), h[-1]) * h[-1],
    lambda h, u: np.select(u.list(u.mask(N, N), u.mask(N)), u.list(h[-1], h[0] * 2.0), u.floats(N, N)),
    lambda h, u: h[-1] + ntb.nn.cross_entropy(h[-1], u.integers(N)),
    lambda h, u: ntb.nn.embedding(u.integers(N), h[-1]) * u.floats(N),
    lambda h, u: ntb.nn.linear(h[-1], u.floats(N, N), u.floats(N)) * 0.3,
    lambda h, u: ntb.nn.conv2d(h[-1][None, None], u.floats(1, 1, N, N), padding=1)[0, 0] * 0.2,
    lambda h, u: buffered(u)(h[-1]) * h[-1],
    lambda h, u: pulled(h[-1], u.floats(N, N)),
    lambda h, u: ntb.checkpoint(lambda x, c: np.tanh(x * c) * c)(h[-1], u.floats(N, N)),
    lambda h, u: rerun(ntb.checkpoint, h[-1], u.floats(N, N)),
    lambda h, u: rerun(ntb.checkpoint, h[-1], u.dict(c=u.list(u.floats(N, N)))),
    lambda h, u: rerun(repeated, h[-1], u.floats(N, N)),
    lambda h, u: ntb.scan(lambda c, x: (np.tanh(c + x), None), h[-1], u.floats(2, N, N))[0],
    lambda h, u: rerun(settled, h[-1], u.floats(N, N)),
]

EAGER: list[Callable[[Any, Hands], Any]] = [
    lambda h, u: h[-1] * read_from(Variable(u.floats(N, N)), u),
    lambda h, u: h[-1] * assigned(u.floats(N, N), u),
    lambda h, u: h[-1] * ntb.tensor(u.floats(N, N)),
    lambda h, u: shown(h[-1], u) * h[-1],
    lambda h, u: h[-1] * np.asarray(u.floats(N, N), like=h[-1]),
    lambda h, u: h[-1] + np.sum(ntb.grad(lambda x, c: np.sum(x**2 * c))(h[-1], u.floats(N, N))),
]
"""Steps that no traced function takes: they make variables, and read values."""


def buffered(u: Hands) -> Any:
    """A function on arrays that returns the same memory each time."""
    buffer = u.floats(N, N) + 0.0
    u.also(buffer)

    def forward(x: Any) -> Any:
        return np.tanh(x, out=buffer), 1 - buffer * buffer

    return ntb.numpy_function(forward, lambda g, slope, _wanted, _shape: [g * slope])


@ntb.custom_gradient
def pulled(x: Any, c: Any) -> Any:
    return np.sin(x * c), lambda g: (g * c * np.cos(x * c), None)


def rerun(how: Any, x: Any, c: Any) -> Any:
    """A function that finds an array around it, and is run again for the gradient."""
    return how(lambda x: np.sin(x * (c["c"][0] if isinstance(c, dict) else c)))(x)


def repeated(f: Callable[[Any], Any]) -> Any:
    return lambda x: ntb.scan(lambda c, _: (f(c), None), x, length=2)[0]


def settled(f: Callable[[Any], Any]) -> Any:
    return lambda x: ntb.fixed_point(lambda y, p: 0.3 * f(y) + p, np.zeros((N, N)), x)


def read_from(v: Variable, u: Hands) -> Any:
    u.also(v, v.value, v.numpy())
    return v.read()


def assigned(array: Any, u: Hands) -> Any:
    v = Variable(np.zeros((N, N)))
    v.assign(array)
    return read_from(v, u)


def shown(x: Any, u: Hands) -> Any:
    u.also(x, x.numpy(), np.array(x.numpy()))
    return np.tanh(x)


# --- a run: it yields what must be the same whatever is changed


class Changes:
    """Changes at random what the user holds; without a seed, nothing. Counts what it did."""

    def __init__(self, seed: int | None, figures: Counter) -> None:
        self.choose = None if seed is None else chooser(seed)
        self.figures = figures

    def __call__(self, handles: list[Any], often: int = 2) -> None:
        for x in handles if self.choose else ():
            if self.choose and self.choose(often) == 0:
                self.figures["changes" if change(x, self.choose) else "changes refused"] += 1


def on_a_tape(steps: list[int], seed: int, changes: Changes) -> Iterator[Any]:
    """Values and gradients of a program of steps; changes come after each step, and before and after each gradient."""
    u = Hands(seed)
    program = [(STEPS + EAGER)[i % (len(STEPS) + len(EAGER))] for i in steps]
    with Tape(persistent=True) as tape:
        x = tape.watch(u.floats(N, N))
        w = Variable(u.floats(N, N))
        h = [x, x * w]
        for step in program:
            done = len(u.handles)
            h.append(np.tanh(step(h, u)))
            changes(u.handles[done:])
    changes(u.handles)
    yield [y.value for y in h]
    seed_array = u.floats(N, N)
    seed_tensor = ntb.tensor(seed_array)
    first = tape.gradient(h[-1], [x, w, h[1]], seed=seed_array, unconnected="zero")
    yield [g.value for g in first]
    u.also(*first, *[np.array(g) for g in first], *h)
    changes(u.handles)
    yield [g.value for g in tape.gradient(h[-1], [x, w, h[1]], seed=seed_tensor, unconnected="zero")]
    yield [y.value for y in (*first, *h)]


def of_the_table(rows: list[int], seed: int, changes: Changes) -> Iterator[Any]:
    """Gradients of operations of the table, of whose arguments some are watched and some are the user's arrays."""
    u = Hands(seed)
    sources, parts = [], []
    with Tape(persistent=True) as tape:
        for i in rows:
            sample = SAMPLES[i % len(SAMPLES)]
            arrays = sample.arrays(u.rng, sample.shapes[u.choose(len(sample.shapes))])
            watched = {u.choose(len(arrays)) for _ in arrays}
            given = [tape.watch(u.array(a)) if i in watched else u.array(a) for i, a in enumerate(arrays)]
            sources += [given[i] for i in watched]
            try:
                results = sample.call(*given)
            except ntb.NtbError:  # a tensor where NumPy looks for none
                continue
            results = results if isinstance(results, tuple | list) else (results,)
            changes(u.handles)
            parts += [y for y in results if isinstance(y, ntb.Tensor) and y.dtype.kind == "f"]
        total = sum([np.sum(np.sin(y)) for y in parts], sources[0] * 0.0)
    changes(u.handles)
    yield [y.value for y in parts]
    for _ in range(2):
        found = tape.gradient(total, sources, seed=np.ones(total.shape, total.dtype), unconnected="zero")
        u.also(*found)
        yield [g.value for g in found]
        changes(u.handles)


def traced(steps: list[int], seed: int, changes: Changes) -> Iterator[Any]:
    """Results of a traced training step; what it captured, was given and has returned is changed between the calls."""
    u, form, w = Hands(seed), Hands(seed), Variable(np.eye(N))
    program = [STEPS[i % len(STEPS)] for i in steps]
    hidden = np.empty((), object)  # what is in an array a traced function is not known to look at
    hidden[()] = u
    kind = form.choose(7)
    if kind == 3:  # a subclass is no array to a signature
        kind = 6

    def run(x: Any, more: Any) -> Any:
        hands = hidden[()]
        hands.rewind()
        with Tape() as tape:
            x = tape.watch(x)
            h = [x, x * w * more["parts"][0]]
            for step in program:
                h.append(np.tanh(step(h, hands)))
            loss = np.sum(h[-1])
        gradients = tape.gradient(loss, [x, w])
        w.assign_sub(0.01 * np.clip(np.nan_to_num(gradients[1]), -1, 1))
        return h[-1], gradients

    f, kept = ntb.function(run, check="never"), []  # as a check finds that an array is another
    form.choose = lambda n: kind
    for _ in range(3):
        x, more = form.floats(N, N), form.dict(parts=form.list(form.floats(N, N)))
        result, gradients = f(x, more)
        yield [np.copy(y) for y in (result, *gradients)]
        kept += gradients
        form.also(result, w.value, w)
        changes([*u.handles, *form.handles])
    yield kept
    yield [w.value]


def as_a_graph(steps: list[int], seed: int, changes: Changes) -> Iterator[Any]:
    """A graph that learns; what is fed, fetched, and read from its variables is changed between the runs."""
    u, g = Hands(seed), compat.ComputationGraph()
    with compat.default_graph(g):
        x, y = compat.Placeholder([-1, N]), compat.Placeholder([-1, 1])
        w = compat.Variable(value=u.floats(N, 1))
        c = compat.Variable(value=u.floats(N, N))
        loss = ((compat.Dot(x, w) * 1.5 - y) ** 2).mean() + (compat.Dot(x * c, w) ** 2).sum() * 0.1
        slope = compat.Grad(loss, w)
        opt = compat.Optim(loss, lr=0.1, update_rule=("sgd", "adam", "rmsprop")[u.choose(3)])
        changes(u.handles)
        for _ in steps:
            fed = {x: u.floats(N, N), y: u.floats(N, 1)}
            found = g.run([loss, slope, x, w, opt, w], fed)
            yield [np.array(a) for a in found]
            u.also(*[a for a in found if isinstance(a, np.ndarray)], w.value, fed)
            changes(u.handles)
        yield [w.value]


RUNS: list[Callable[[list[int], int, Changes], Iterator[Any]]] = [on_a_tape, of_the_table, traced, as_a_graph]


def try_case(run: Any, steps: list[int], seed: int, hurt: int, figures: Counter) -> None:
    """Compare a run in which nothing is changed with one in which the user's arrays are.

    Raises:
        AssertionError: the numbers differ and nothing was raised.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of numbers outside of a domain
        expected = [[np.array(a) for a in part] for part in run(steps, seed, Changes(None, figures))]
        try:
            for i, part in enumerate(run(steps, seed, Changes(hurt, figures))):
                for a, b in zip(part, expected[i], strict=True):
                    case = f"{run.__name__}({steps}, {seed}), changed by {hurt}, in part {i}"
                    same = np.array_equal(a, b, equal_nan=b.dtype.kind in "fc")
                    assert same or np.asarray(a).tobytes() == b.tobytes(), f"{case}: {a!r} instead of {b!r}"
        except ALLOWED as error:
            figures[f"programs that raised {type(error).__name__}"] += 1
    figures["programs"] += 1


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    figures: Counter = Counter()
    choose = chooser(0)
    for i in range(round(CASES * scale)):
        run = RUNS[choose(20) // 8 if choose(20) else 3]
        steps = [choose(1 << 16) for _ in range(1 + choose(4))]
        try_case(run, steps, choose(1 << 31), choose(1 << 31), figures)
        figures[f"programs {run.__name__.replace('_', ' ')}"] += 1
        if i % 1000 == 999:
            say(f"{i + 1:,} programs: {figures['changes']:,} changes")
    return dict(sorted(figures.items()))
