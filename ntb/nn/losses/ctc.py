"""Connectionist temporal classification: labels of a sequence whose places in time nobody knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...forms import block
from ...ops.scores import log_softmax, logsumexp
from ...primitive import primitive
from ...tape.rules import declare
from ..checks import as_array, class_axis, contained, floating, of_shape, real_numbers, widened
from ..ranges import checked_labels, checked_mask, checked_numbers
from .common import reduced


def ctc(
    logits: Any, labels: Any, *,
    lengths: Any = None, label_lengths: Any = None, blank: int = 0,
    mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The negative log-probability of label sequences, summed over all the ways to spread them over time.

    A way gives each step a label or the blank; repeats are merged, then blanks left out, so that "a-ab" and "aa-b",
    with the blank "-", read "aab" and "ab". For speech and handwriting (Graves et al., 2006).

    Args:
        logits: (N, T, K): real numbers of any precision; log-probabilities are such, too.
        labels: (N, S): integers, each 0 … K-1 and not the blank.
        lengths: (N,): how many steps of each sequence count; all without it.
        label_lengths: (N,): how many of each row's labels count; all without it. What the others are does not matter.
        blank: the class that stands for no label.
        mask: (N,), bools: which sequences count.
        weights: (N,): numbers, as in `cross_entropy`.
        reduction: "mean" over the sequences, "sum" or "none" (the loss of each sequence).

    Returns:
        A number, or with "none" (N,), of the logits' type.

    Raises:
        InputError: shapes that do not fit; a label that is the blank or out of range; lengths that reach beyond the
            arrays; a sequence with fewer steps than its labels need: one for each, and a blank between two that are
            equal. A mask leaves it out.

    >>> ctc(np.zeros((1, 3, 2)), [[1]], reduction="none")  # six of eight ways read so
    array([0.28768207])
    """
    logits, labels, lengths, label_lengths, dtype = _sequences(logits, labels, lengths, label_lengths, blank)
    if mask is not None:
        mask = checked_mask(mask, labels.shape[:1])
        lengths, label_lengths = np.where(mask, lengths, 0), np.where(mask, label_lengths, 0)
    n, steps, classes = logits.shape
    labels = checked_labels(labels, classes, np.arange(labels.shape[1]) < np.expand_dims(label_lengths, 1))
    labels = _checked_alignable(labels, lengths, label_lengths, blank)
    counts = np.expand_dims(np.arange(steps) < np.expand_dims(lengths, 1), -1)
    states, may_skip = _states(labels, blank)

    scores = np.swapaxes(log_softmax(np.where(counts, logits, 0.0)), 1, 2)  # a row for each class of each sequence
    rows = states + classes * np.expand_dims(np.arange(n), 1)
    emissions = np.reshape(scores, (n * classes, steps))[rows]
    beyond = np.arange(states.shape[1]) - 2 * np.expand_dims(label_lengths, 1)
    ends = np.logical_or(np.equal(beyond, 0), np.equal(beyond, -1))  # the last blank, and the last label
    losses = -ways_to_the_end(np.transpose(emissions, (2, 0, 1)), np.swapaxes(counts, 0, 1), may_skip, ends)
    return reduced(losses, mask, weights, reduction, dtype)


@block
def ways_to_the_end(emissions: Any, counts: Any, may_skip: Any, ends: Any) -> Any:
    """The logarithm of the probability of all ways through states that are at an end after the last step: (N,).

    A step stays in its state, goes on by one, or by two where it may skip one. All probabilities are logarithms, as the
    products over many steps are too small for numbers.

    Args:
        emissions: (T, N, L): what each state says at each step.
        counts: (T, N, 1), bools: whether a step is one.
        may_skip: (N, L), bools: to which states a step may come over the one before.
        ends: (N, L), bools.
    """
    from ...transforms.scan import scan  # which takes a while, and most programs do without it

    _, n, length = emissions.shape
    start = np.full((n, length), -np.inf, emissions.dtype)  # nothing but the first state before the first step
    start[:, 0] = 0.0

    def step(before: Any, at: Any) -> Any:
        emission, counted = at
        ways = np.logaddexp(before, _after(before, 1))
        ways = np.logaddexp(ways, np.where(may_skip, _after(before, 2), -np.inf))
        return np.where(counted, ways + emission, before), None

    last, _ = scan(step, start, (emissions, counts))
    return logsumexp(np.where(ends, last, -np.inf), axis=-1)


def _states(labels: Any, blank: int) -> tuple[Any, Any]:
    """What a way goes through: (N, 2 S + 1), a blank before, between and after the labels; and what may be skipped to.

    A step stays in its state or goes on by one; or by two, from a label to another one, over the blank.
    """
    n, count = labels.shape
    pairs = np.stack([np.full((n, count), blank), labels], axis=-1)
    states = np.concatenate([np.reshape(pairs, (n, 2 * count)), np.full((n, 1), blank)], axis=1)
    differ = np.not_equal(states, np.concatenate([np.full((n, 2), blank), states], axis=1)[:, : 2 * count + 1])
    return states, np.logical_and(differ, np.not_equal(states, blank))


def _after(ways: Any, places: int) -> Any:
    """What each state is given by the one so many places before it: (N, L), -inf where there is none."""
    none = np.full((ways.shape[0], places), -np.inf, ways.dtype)
    return np.concatenate([none, ways], axis=1)[:, : ways.shape[1]]


def _sequences(logits: Any, labels: Any, lengths: Any, label_lengths: Any, blank: int) -> tuple:
    """The arguments, checked, with all lengths; and the type of the loss."""
    (logits,) = floating(real_numbers(as_array(logits, "logits"), "logits"))
    labels = contained(labels)
    if logits.ndim != 3 or labels.ndim != 2 or logits.shape[0] != labels.shape[0]:
        raise InputError(
            f"ctc takes logits (N, T, K) and labels (N, S); these have shapes {logits.shape} and {labels.shape}. "
            "np.swapaxes(x, 0, 1) brings the sequences to the first axis"
        )
    class_axis(logits, -1, "logits")
    if labels.dtype.kind not in "iu" and labels.size:
        raise InputError(f"labels are integers, not {labels.dtype}; .astype(int) converts them")
    if not 0 <= blank < logits.shape[-1]:
        raise InputError(f"blank is one of the classes, 0 ... {logits.shape[-1] - 1}, not {blank}")
    lengths = _counts(lengths, logits.shape[0], logits.shape[1], "lengths")
    label_lengths = _counts(label_lengths, logits.shape[0], labels.shape[1], "label_lengths")
    return widened(logits), labels.astype(np.int64), lengths, label_lengths, logits.dtype


def _counts(lengths: Any, n: int, most: int, what: str) -> Any:
    """Lengths of n sequences, none beyond the greatest that there is room for."""
    if lengths is None:
        return np.full(n, most)
    lengths = of_shape((n,), contained(lengths), what)
    if lengths.dtype.kind not in "iu":
        raise InputError(f"{what} are integers, not {lengths.dtype}; .astype(int) converts them")
    return checked_numbers(lengths, 0, most, what)


@primitive
def alignable(labels: Any, lengths: Any, label_lengths: Any, blank: int) -> Any:
    """The labels, if none of those that count is the blank, and each sequence has as many steps as its labels need."""
    counted = np.arange(labels.shape[1]) < label_lengths[:, None]
    if np.any(labels[counted] == blank):
        raise ValueError(f"a label is {blank}, which is the blank; blank= says which class stands for no label")
    repeats = (labels[:, 1:] == labels[:, :-1]) & counted[:, 1:]
    needed = label_lengths + np.sum(repeats, axis=1)
    if np.any(needed > lengths):
        i = int(np.argmax(needed > lengths))
        raise ValueError(
            f"the {label_lengths[i]} labels of sequence {i} need {needed[i]} steps, one for each and a blank between "
            f"equal neighbours, and it has {lengths[i]}; mask= leaves it out"
        )
    return labels


declare(alignable, constant=True)


def _checked_alignable(labels: Any, lengths: Any, label_lengths: Any, blank: int) -> Any:
    """`alignable`, with an error of ntb."""
    try:
        return alignable(labels, lengths, label_lengths, blank)
    except ValueError as error:
        raise InputError(str(error)) from None
