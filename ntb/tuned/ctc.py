"""The tuned form of the forward algorithm of connectionist temporal classification, with a backward one beside it.

The slope of the logarithm of the whole probability in what a state says at a step is the probability that a way is in
that state then, given that it ends well. So the gradient needs no tape over the steps: two runs, from either end. The
sequences lie on the last axis, so that the states before and after are contiguous, too. Of 16 sequences of 100 steps
with 20 labels, replayed with the gradient in float32 on one thread: 75 to 9 ms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..forms import off, tuned
from ..nn.losses.ctc import ways_to_the_end as plain
from ..primitive import primitive
from ..tape.rules import derivative
from ..tape.tape import Tape
from ..tape.tensor import Tensor, value_of


def merged(a: Any, b: Any, c: Any) -> Any:
    """log(exp(a) + exp(b) + exp(c)), by exp and log, which are quicker than two of np.logaddexp.

    Of nothing but -inf it is -inf, of which NumPy warns where nobody asks it not to.
    """
    top = np.maximum(np.maximum(a, b), c)
    np.maximum(top, np.finfo(top.dtype).min, out=top)
    total = np.exp(a - top)
    total += np.exp(b - top)
    total += np.exp(c - top)
    np.log(total, out=total)
    total += top
    return total


def ways_from_the_start(emissions: Any, counts: Any, skip: Any) -> Any:
    """For each step, and before the first, the logarithm of the probability of the ways so far: (T + 1, 2 + L, N).

    `skip` (L, N) is 0 where a step may come over the state before, else -inf. The first two states are never met.
    """
    steps, length, n = emissions.shape
    ways = np.full((steps + 1, 2 + length, n), -np.inf, emissions.dtype)
    ways[0, 2] = 0
    with np.errstate(divide="ignore"):
        for t in range(steps):
            before, after = ways[t], ways[t + 1, 2:]
            new = merged(before[2:], before[1:-1], before[:-2] + skip)
            new += emissions[t]
            np.copyto(after, before[2:])
            np.copyto(after, new, where=counts[t])
    return ways


def by_state(emissions: Any, counts: Any, may_skip: Any, ends: Any) -> tuple:
    """The arguments with the sequences on the last axis; what may not be skipped to, and no end, as -inf."""
    turned = np.ascontiguousarray(np.swapaxes(emissions, 1, 2)), np.swapaxes(counts, 1, 2)
    zero, never = emissions.dtype.type(0), emissions.dtype.type(-np.inf)
    return *turned, np.where(may_skip.T, zero, never), np.where(ends.T, zero, never)


@tuned(plain)
@primitive
def ways_to_the_end(emissions: Any, counts: Any, may_skip: Any, ends: Any) -> Any:
    """The logarithm of the probability of all ways through states that are at an end after the last step: (N,)."""
    emissions, counts, skip, ends = by_state(emissions, counts, may_skip, ends)
    return np.logaddexp.reduce(ways_from_the_start(emissions, counts, skip)[-1, 2:] + ends, axis=0)


@primitive
def probability_of_states(emissions: Any, counts: Any, may_skip: Any, ends: Any) -> Any:
    """The probability that a way that ends well is in each state after each step: (T, N, L); 0 if none does."""
    emissions, counts, skip, rest = by_state(emissions, counts, may_skip, ends)
    steps, length, n = emissions.shape
    ways = ways_from_the_start(emissions, counts, skip)
    total = np.logaddexp.reduce(ways[-1, 2:] + rest, axis=0)
    total = np.where(np.isfinite(total), total, 0)
    result = np.empty((steps, n, length), emissions.dtype)
    further = np.full((length + 2, n), -np.inf, emissions.dtype)  # from each state on; of two after the last, never
    skipping = further.copy()
    with np.errstate(divide="ignore"):
        for t in range(steps - 1, -1, -1):
            result[t] = np.where(counts[t], np.exp(ways[t + 1, 2:] + rest - total), 0).T
            further[:-2] = emissions[t] + rest
            skipping[:-2] = further[:-2] + skip
            np.copyto(rest, merged(further[:-2], further[1:-1], skipping[2:]), where=counts[t])
    return result


def _probability_rule(g: Any, _y: Any, emissions: Any, counts: Any, may_skip: Any, ends: Any) -> Any:
    """Second derivatives are rare; they come from the plain form, whose backward walk is recorded."""
    with Tape(watch_variables=False) as outer:
        watched = outer.watch(emissions)
        with Tape(watch_variables=False) as inner, off():
            here = inner.watch(watched)
            total = np.sum(plain(here, counts, may_skip, ends))
        slopes = inner.gradient(total, here)
    found = outer.gradient(slopes, watched, seed=g, unconnected="zero")
    return found if isinstance(g, Tensor) else value_of(found)


def _ways_rule(g: Any, _y: Any, emissions: Any, counts: Any, may_skip: Any, ends: Any) -> Any:
    return np.expand_dims(g, -1) * probability_of_states(emissions, counts, may_skip, ends)


derivative(ways_to_the_end, _ways_rule, None, None, None)
derivative(probability_of_states, _probability_rule, None, None, None)
