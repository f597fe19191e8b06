"""Calls of np.einsum on tensors, against NumPy's; gradients against einsum itself, which is linear in each operand."""

from __future__ import annotations

from typing import Any

import atheris
import numpy as np

from .harness import close, fuzz, refuses

with atheris.instrument_imports(include=["ntb"]):
    import ntb

ALPHABET = "ijkIJ"
PIECES = ["i", "j", "k", "I", "...", " ", ",", "->", ".", "é", "1", ""]


def subscripts_of(data: Any) -> str:
    """Mostly right ones: some terms of letters, with or without an ellipsis and the result; else any pieces."""
    if not data.ConsumeIntInRange(0, 5):
        return "".join([data.PickValueInList(PIECES) for _ in range(data.ConsumeIntInRange(0, 10))])
    terms = [term(data, ALPHABET, 3) for _ in range(data.ConsumeIntInRange(1, 3))]
    text = data.PickValueInList([",", ", "]).join(terms)
    if data.ConsumeBool():
        met = "".join(sorted({c for c in text if c.isalpha()}))
        text += data.PickValueInList(["->", " -> "]) + term(data, met if data.ConsumeIntInRange(0, 9) else ALPHABET, 3)
    return text


def term(data: Any, letters: str, most: int) -> str:
    count = data.ConsumeIntInRange(0, most) if letters else 0
    chosen = [data.PickValueInList(list(letters)) for _ in range(count)]
    if not data.ConsumeIntInRange(0, 3):
        chosen.insert(data.ConsumeIntInRange(0, len(chosen)), "...")
    return "".join(chosen)


def operand(data: Any, rng: np.random.Generator, term: str, sizes: dict[str, int]) -> np.ndarray:
    """An array that fits a term, unless something is changed."""
    labels = [c for c in term.replace("...", "." * data.ConsumeIntInRange(0, 2)) if c not in " "]
    shape = [sizes.get(c, 2) for c in labels]
    for axis in range(len(shape)):
        if not data.ConsumeIntInRange(0, 9):
            shape[axis] = data.ConsumeIntInRange(0, 3)  # 1 is broadcast
    if not data.ConsumeIntInRange(0, 19):
        shape.append(2)
    return rng.normal(size=shape)


def call_of(data: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call, in one of the two forms that einsum has."""
    rng = np.random.default_rng(data.ConsumeIntInRange(0, 255))
    text = subscripts_of(data)
    sizes = {c: data.ConsumeIntInRange(0, 3) for c in ALPHABET}
    inputs, arrow, result = text.partition("->")
    terms = inputs.split(",")
    operands = [operand(data, rng, term, sizes) for term in terms]
    operands = [np.ones(0) if reads_nothing(*pair) else pair[1] for pair in zip(terms, operands, strict=True)]
    options = {"optimize": data.PickValueInList([True, "greedy"])} if not data.ConsumeIntInRange(0, 7) else {}
    if options or data.ConsumeIntInRange(0, 3):  # (optimizing, NumPy takes more than numbers of letters)
        return [text, *operands], options
    lists = [numbers(data, term) for term in terms]
    ends = [numbers(data, result)] if arrow else []
    return [part for pair in zip(operands, lists, strict=True) for part in pair] + ends, options


def numbers(data: Any, term: str) -> list[Any]:
    """A term in the form with lists: numbers for letters."""
    labels = [*term.replace("...", ".").replace(" ", "")]
    return [Ellipsis if c == "." else "ijkIJ".find(c) + 26 * (not data.ConsumeIntInRange(0, 15)) for c in labels]


def reads_nothing(term: str, array: np.ndarray) -> bool:
    """Whether a label names axes of length 0 and of another: of "ii->i" NumPy then reads memory beyond the array."""
    lengths: dict[str, set[int]] = {}
    for label, n in zip(term.replace(" ", ""), array.shape, strict=False):
        lengths.setdefault(label, set()).add(n)
    return any(0 in found and len(found) > 1 for found in lengths.values())


def is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray)


def try_einsum(data: bytes) -> str:
    source = atheris.FuzzedDataProvider(data)
    args, options = call_of(source)
    told = f"np.einsum({', '.join(f'array{list(x.shape)}' if is_array(x) else repr(x) for x in args)}, {options})"
    try:
        y = np.einsum(*args, **options)
    except Exception as error:
        refuses(lambda: np.einsum(*[ntb.tensor(x) if is_array(x) else x for x in args], **options), error, told)
        return "both refuse"
    with ntb.Tape() as tape:
        watched = [tape.watch(ntb.tensor(x)) if is_array(x) else x for x in args]
        try:
            found: Any = np.einsum(*watched, **options)
        except ntb.InputError:
            refuses(lambda: np.einsum(*args), ValueError(), told)  # it is wrong, and NumPy takes it when it optimizes
            return "refused, though NumPy optimizes it"
    close(found, y, told)
    rng = np.random.default_rng(1)
    seed = rng.normal(size=np.shape(y))
    places = [i for i, x in enumerate(args) if is_array(x)]
    for i, g in zip(places, tape.gradient(found, [watched[i] for i in places], seed=seed), strict=True):
        step = rng.normal(size=args[i].shape)
        moved = np.einsum(*[*args[:i], step, *args[i + 1 :]], **options)
        close(np.sum(g.numpy() * step), np.sum(moved * seed), f"the gradient of argument {i} of {told}")
        assert g.shape == args[i].shape
    return "the same value and gradients"


if __name__ == "__main__":
    fuzz(try_einsum)
