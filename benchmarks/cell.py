"""One cell of the table, in a process of its own: `python -m benchmarks.cell W3 float32 ntb-replay`.

Prints one line of JSON:

losses   numbers of the first steps, which must agree among libraries (dropout keeps all there)
first    milliseconds of the first three calls of a new step, in which a compiler or tracer has its work (where the
         library keeps what it compiled for the first steps, that is their time)
ms       the median time of a step
memory   for ntb, bytes that a step needs beyond the parameters and the optimizer's state
above    for ntb.compat, milliseconds by which `g.run` is longer than the program that it runs
"""

from __future__ import annotations

import argparse
import json
import sys
from time import perf_counter
from typing import Any

from .libraries import DTYPES, LIBRARIES, CannotError, cores, limit_threads, make_step

COMPARED = 4
"""How many steps have their losses compared."""


class Cell:
    """A workload in a dtype by a library: set up, compared, and ready to be measured any number of times."""

    def __init__(self, name: str, dtype: str, library: str, small: bool = False) -> None:
        from . import measure, workloads

        self.measure = measure
        self.library = library
        self.workload = workloads.load(name)
        self.dtype, self.small = dtype, small
        compared = make_step(self.workload, library, self.workload.problem(dtype, small))
        steps = 1 if library == "gemm" else COMPARED
        began = perf_counter()
        self.losses = [measure.numbers(compared())]
        compiled = 1e3 * (perf_counter() - began)
        self.losses += [measure.numbers(compared()) for _ in range(steps - 1)]
        del compared
        self.step = self.make()
        self.first = measure.first_calls(self.step)
        if LIBRARIES[library].keeps:
            self.first[0] = max(compiled, self.first[0])
        if library in ("ntb-replay", "ntb-compat"):
            measure.until_compiled(self.step)

    def make(self, library: str | None = None) -> Any:
        """A new step as it is timed: with the network's own dropout."""
        keep = getattr(self.workload, "KEEP", 1.0)
        return make_step(self.workload, library or self.library, self.workload.problem(self.dtype, self.small, keep))

    def described(self) -> dict[str, Any]:
        return {"losses": self.losses, "first": self.first}

    def times(self, seconds: float) -> dict[str, Any]:
        """Measure for so many seconds."""
        found = self.measure.samples(self.step, waiter(self.library), seconds)
        result = {"ms": self.measure.summary(found) / getattr(self.workload, "UNITS", 1), "samples": len(found)}
        if self.library == "ntb-compat":
            result["above"] = self.above(seconds / 2)
        return result

    def above(self, seconds: float) -> float:
        """How much longer `g.run` takes than the program that it runs, at the small sizes, as it does not depend on
        them."""
        step = make_step(self.workload, self.library, self.workload.problem(self.dtype, True))
        step()
        return self.measure.beyond_replay(step, step.program(), seconds)

    def memory(self) -> dict[str, Any]:
        """The memory of a step, for the two ways of ntb."""
        if self.library not in ("ntb-eager", "ntb-replay"):
            return {}
        eager = self.measure.step_memory(lambda: self.make("ntb-eager"))
        if self.library == "ntb-eager":
            return {"memory": eager["peak"]}
        return {"memory": self.measure.step_memory(self.make, eager["standing"])["peak"]}


def second(name: str, dtype: str, small: bool = False) -> dict[str, Any]:
    """Milliseconds of ntb's replayed step in a process that has run nothing before, while the loops that an earlier one
    kept on disk are fetched: around the tenth call, and when they are there."""
    from . import measure, workloads

    workload = workloads.load(name)
    step = make_step(workload, "ntb-replay", workload.problem(dtype, small, getattr(workload, "KEEP", 1.0)))
    tenth = measure.summary(measure.first_calls(step, 14)[9:])
    measure.until_compiled(step)
    return {"tenth": tenth, "steady": measure.summary(measure.samples(step, measure.no_wait, 0.3))}


def waiter(library: str) -> Any:
    """What waits for a result that a library computes behind the caller's back."""
    if library != "jax":
        from .measure import no_wait

        return no_wait
    from jax import block_until_ready

    return block_until_ready


def serve(cell: Cell) -> None:
    """Answer requests, one a line: a number of seconds to measure for, or "memory"."""
    tell(cell.described())
    for line in sys.stdin:
        request = line.strip()
        tell(cell.memory() if request == "memory" else cell.times(float(request)))


def tell(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cell", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("workload", help="W1 ... W14")
    parser.add_argument("dtype", choices=DTYPES)
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("--threads", type=int, default=cores(), help="for all libraries (default: the cores there are)")
    parser.add_argument("--seconds", type=float, default=2.0, help="to measure for")
    parser.add_argument("--no-memory", action="store_true", help="leave out the memory of a step")
    parser.add_argument("--small", action="store_true", help="the small sizes of the tests")
    parser.add_argument("--free", action="store_true", help="whatever the threads, run on all cores")
    parser.add_argument("--second", action="store_true", help="the tenth call, by loops that are on disk")
    parser.add_argument("--serve", action="store_true", help="measure on request, as `python -m benchmarks` does")
    options = parser.parse_args(arguments)
    limit_threads(options.threads, pinned=not options.free)
    if options.second:
        tell(second(options.workload, options.dtype, options.small))
        return
    try:
        cell = Cell(options.workload, options.dtype, options.library, options.small)
    except CannotError as error:
        tell({"cannot": str(error)})
        return
    if options.serve:
        serve(cell)
        return
    named = {"workload": options.workload, "dtype": options.dtype, "library": options.library}
    times = cell.times(options.seconds)
    tell({**named, **cell.described(), **times, **({} if options.no_memory else cell.memory())})


if __name__ == "__main__":
    main()
