"""The goals, as lines that the results meet or miss.

Each goal compares two numbers of the results; a number is named by workload, dtype, library and what was measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WORKLOADS = tuple(f"W{i}" for i in range(1, 15))
PRODUCTS = {"W2": 1.5, "W3": 1.6, "W4": 1.6, "W5": 1.6, "W7": 1.6, "W8": 2.5, "W9": 1.6, "W10": 1.6}
"""How many times its matrix products a replayed step may take."""
BOTH = ("float32", "float64")
PEERS = ("torch", "torch-fused", "torch-compiled", "jax", "tensorflow")
"""Those whose best is to be reached; for a fair fight with the optimizers that are compiled into one call."""


@dataclass
class Line:
    """A goal and what came of it.

    Attributes:
        goal: in words; `where`: workload and dtype.
        value, reference: the numbers, with their units; `against`: what the reference is.
        limit: of the ratio, or of the value itself where there is no reference.
        met: None if something was not measured.
    """

    goal: str
    where: str
    value: float | None
    limit: float
    reference: float | None = None
    against: str = ""
    unit: str = "ms"

    @property
    def workload(self) -> str:
        return self.where.partition(" ")[0]

    @property
    def ratio(self) -> float | None:
        if self.value is None:
            return None
        if not self.against:
            return self.value
        return None if not self.reference else self.value / self.reference

    @property
    def met(self) -> bool | None:
        return None if self.ratio is None else self.ratio <= self.limit


class Results:
    """The measured numbers, by workload, dtype and library."""

    def __init__(self, results: dict[str, Any]) -> None:
        self.results = results
        self.cells = {(c["workload"], c["dtype"], c["library"]): c for c in results["cells"]}

    def of(self, workload: str, dtype: str, library: str, what: str = "ms") -> Any:
        cell = self.cells.get((workload, dtype, library), {})
        return None if "error" in cell else cell.get(what)

    def best(self, workload: str, dtype: str) -> tuple[float | None, str]:
        """The time of the fastest peer, and its name."""
        times = [(t, library) for library in PEERS if (t := self.of(workload, dtype, library)) is not None]
        return min(times, default=(None, "the best peer"))


def evaluate(results: dict[str, Any]) -> list[Line]:
    """Every goal, line by line."""
    found = Results(results)
    return [*_replayed(found), *_eager(found), *_graph(found), *_first(found), *_second(found), *_memory(found)]


def _replayed(found: Results) -> Iterator[Line]:
    def against(workload: str, dtype: str, library: str, limit: float) -> Line:
        value, reference = found.of(workload, dtype, "ntb-replay"), found.of(workload, dtype, library)
        return Line("replayed step", f"{workload} {dtype}", value, limit, reference, library)

    def against_best(workload: str, dtype: str, limit: float) -> Line:
        reference, name = found.best(workload, dtype)
        value = found.of(workload, dtype, "ntb-replay")
        return Line("replayed step", f"{workload} {dtype}", value, limit, reference, f"best peer ({name})")

    for workload in WORKLOADS:
        for dtype in BOTH:
            if workload == "W1":
                yield against(workload, dtype, "jax", 0.5)
                yield against(workload, dtype, "torch", 0.15)
            elif workload == "W6":
                operation = found.of(workload, dtype, "ntb-replay")
                value = None if operation is None else 1e3 * operation
                yield Line("replayed operation", f"{workload} {dtype}", value, 0.15, unit="µs")
            else:
                yield against_best(workload, dtype, 1.0)
            if workload in PRODUCTS:
                yield against(workload, dtype, "gemm", PRODUCTS[workload])


def _eager(found: Results) -> Iterator[Line]:
    for workload in WORKLOADS[1:10]:  # the later ones are compared replayed
        limits = {"autograd": 0.5, "mygrad": 0.5}
        if workload == "W6":
            limits = {"torch": 0.6, "autograd": 0.3, "mygrad": 0.2}
        if workload == "W9":
            del limits["mygrad"]  # it has no second derivatives
        for dtype in BOTH:
            for library, limit in limits.items():
                value, reference = found.of(workload, dtype, "ntb-eager"), found.of(workload, dtype, library)
                yield Line("eager step", f"{workload} {dtype}", value, limit, reference, library)


def _graph(found: Results) -> Iterator[Line]:
    for workload in WORKLOADS:
        if workload in ("W6", "W7", "W9", "W11"):
            continue  # not in the graph style
        for dtype in BOTH:
            above = found.of(workload, dtype, "ntb-compat", "above")
            value = None if above is None else 1e3 * above
            yield Line("g.run above its program", f"{workload} {dtype}", value, 10.0, unit="µs")


def _first(found: Results) -> Iterator[Line]:
    for workload in WORKLOADS:
        for dtype in BOTH:
            first, eager = (found.of(workload, dtype, name, "first") for name in ("ntb-replay", "ntb-eager"))
            value = None if first is None else max(first)
            reference = None if eager is None else sorted(eager)[len(eager) // 2]
            yield Line("first call", f"{workload} {dtype}", value, 20.0, reference, "an eager step")
    yield Line("program of 10,000 operations ready", "", found.results.get("ready"), 2.0, unit="s")


def _second(found: Results) -> Iterator[Line]:
    for workload in WORKLOADS:
        for dtype in BOTH:
            tenth, steady = (found.of(workload, dtype, "ntb-replay", what) for what in ("tenth", "steady"))
            yield Line("tenth call of a second process", f"{workload} {dtype}", tenth, 1.1, steady, "later calls")


def _memory(found: Results) -> Iterator[Line]:
    for workload in WORKLOADS:
        limit = 0.7 if workload in WORKLOADS[2:8] else 1.0
        for dtype in BOTH:
            value, reference = (
                None if bytes_ is None else bytes_ / 2**20
                for name in ("ntb-replay", "ntb-eager")
                for bytes_ in [found.of(workload, dtype, name, "memory")]
            )
            yield Line("memory of a step", f"{workload} {dtype}", value, limit, reference, "eager", unit="MiB")
