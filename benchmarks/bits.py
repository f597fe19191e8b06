"""Programs whose numbers two states of the tree must have in common, to the last bit: demos and random training steps.

`python -m benchmarks.bits` answers the name of a program, as `demo text graph` or `random 17`, by digests of its
results. A random step runs three times eagerly, and three times traced: the first call traces, the others replay.
"""

from __future__ import annotations

import hashlib
import tempfile
import unittest.mock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import ntb
from ntb import compat
from ntb.demos import DEMOS
from ntb.demos.demo import Demo
from ntb.state import named_variables
from tests.replay.steps import STEPS

from .states import serve
from .with_ntb import Decorator, eagerly

LENGTHS = {"linear": 30, "mnist": 12, "convnet": 24, "cifar": 16, "text": 16}
"""The steps of training of each demo."""
WAYS: dict[str, dict[str, Any]] = {"eager": {"replay": False}, "replayed": {}, "graph": {"style": "graph"}}
RANDOM = 300
CALLS = 3

Items = dict[str, tuple[int, str]]
"""By name: how many numbers, and a digest of their bytes."""


def digest(x: Any) -> tuple[int, str]:
    """Of a number or array: its size, and a hash of dtype, shape and elements."""
    array = np.asarray(x)
    text = f"{array.dtype} {array.shape} ".encode() + array.tobytes()
    return array.size, hashlib.sha256(text).hexdigest()


# --- demos


class Kept(Demo):
    """A demo that draws no pictures, and keeps what it trained.

    Attributes:
        step, batch: the training step, and what it was called with at last.
        state: the variables and generators, by name.
    """

    step: Any
    batch: tuple
    state: dict[str, Any]

    def before_step(self, train_step: Callable[..., Any], batch: tuple[Any, ...]) -> None:
        self.step, self.batch = train_step, batch

    @contextmanager
    def training(self, loop: Any) -> Iterator[None]:
        with super().training(loop):
            yield
        self.state = named_variables(loop.state)

    def picture(self, *_: Any, **__: Any) -> None:
        """Draw nothing."""


def demo(name: str, way: str) -> dict[str, Any]:
    """A demo of a few steps: losses, variables in the end, texts that it wrote, and the source of its training step."""
    with tempfile.TemporaryDirectory() as out, last_graph_step() as graph_step:
        run = Kept(name, steps=LENGTHS[name], out=out, **WAYS[way])
        DEMOS[name].run(run)
        items = {"losses": digest(run.memory.losses)}
        items |= {name: digest(variable.value) for name, variable in run.state.items()}
        items |= {path.name: digest(np.frombuffer(path.read_bytes(), np.uint8)) for path in Path(out).glob("*.txt")}
    source = ""
    if way == "replayed":
        source = run.program(run.step, *run.batch).source
    elif way == "graph":
        graph, nodes, fed = graph_step[-1]
        source = graph.program(nodes, fed).source
    return {"items": items, "source": source, "about": f"{LENGTHS[name]} steps"}


@contextmanager
def last_graph_step() -> Iterator[list[tuple]]:
    """A list that holds the graph, nodes and fed values of the last run that trained."""
    run, last = compat.ComputationGraph.run, []

    def recorded(graph: Any, nodes: Any, assign_dict: Any = None) -> Any:
        if any(isinstance(node, compat.Optim) for node in nodes):
            last[:] = [(graph, nodes, assign_dict)]
        return run(graph, nodes, assign_dict)

    with unittest.mock.patch.object(compat.ComputationGraph, "run", recorded):
        yield last


# --- random training steps


LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
}


def random(seed: int) -> dict[str, Any]:
    """A random training step: its results and the state after each call, eagerly and traced."""
    rng = np.random.default_rng(seed)
    n, dtype, layout = int(rng.choice([1, 3, 40])), str(rng.choice(["float32", "float64"])), str(rng.choice([*LAYOUTS]))
    chosen = rng.integers(0, len(STEPS), rng.integers(1, 9)).tolist()
    items: Items = {}
    for function in (eagerly, ntb.function):
        items |= calls(seed, n, dtype, layout, chosen, function)
    return {"items": items, "source": "", "about": f"n={n} {dtype} {layout}, steps {chosen}"}


def calls(seed: int, n: int, dtype: str, layout: str, chosen: list[int], function: Decorator) -> Items:
    """The digests of three calls, made at the end, when no call may have changed what another one gave."""
    rng = np.random.default_rng(seed)
    draw = lambda: LAYOUTS[layout](rng.normal(size=(n, n)).astype(dtype))
    w, velocity = ntb.Variable(draw(), name="w"), ntb.Variable(np.zeros((n, n), dtype), trainable=False)
    generator = ntb.random.generator(3)

    @function
    def step(x: Any, y: Any, lr: Any) -> dict[str, Any]:
        surroundings = {"w": w, "lr": lr, "const": x, "rng": generator}
        with ntb.Tape() as tape:
            source = tape.watch(x * 1.0)
            h = [source, y - 0.5]
            for i in chosen:
                h.append(STEPS[i](h, surroundings))
            loss = np.mean(h[-1] ** 2) + np.sum(np.tanh(h[-1] * w)) * 0.1
        gw, gx = tape.gradient(loss, [w, source], unconnected="zero")
        velocity.assign(0.9 * velocity - lr * gw)
        w.assign_add(velocity)
        return {"loss": loss, "h": h[-1], "gradient w": gw, "gradient x": gx}

    results = {}
    for i in range(1, CALLS + 1):
        with np.errstate(all="ignore"):
            found = step(draw(), draw(), 0.01)
        how = "eager" if function is eagerly else "traced" if i == 1 else "replayed"
        state = {"w": w.value, "velocity": velocity.value, "generator": generator.value}
        results |= {f"call {i}, {how}, {name}": x for name, x in {**found, **state}.items()}
    return {name: digest(x) for name, x in results.items()}


# --- by name


def names(demos: list[str], count: int) -> list[str]:
    """The programs: demos in all ways, and so many random steps."""
    return [*[f"demo {name} {way}" for name in demos for way in WAYS], *[f"random {i}" for i in range(count)]]


def program(name: str) -> dict[str, Any]:
    """What a program gives.

    Returns:
        "items": digests by name. "source": of the training step, or "". "about": what the program is.
    """
    kind, *rest = name.split()
    return demo(*rest) if kind == "demo" else random(int(*rest))


if __name__ == "__main__":
    serve(program)
