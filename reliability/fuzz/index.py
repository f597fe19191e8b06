"""Index expressions, `t[index]`, `t.at[index].add(x)` and `t.at[index].set(x)`, against NumPy's."""

from __future__ import annotations

from typing import Any

import atheris
import numpy as np

from .harness import close, fuzz, refuses, same

with atheris.instrument_imports(include=["ntb"]):
    import ntb


def item(data: Any, n: int) -> Any:
    """Something that may stand for an axis of length n."""
    kind = data.ConsumeIntInRange(0, 12)
    if kind <= 1:
        return data.ConsumeIntInRange(-n - 1, n)
    if kind <= 4:
        ends = [data.PickValueInList([None, *range(-4, 5)]) for _ in range(3)]
        return slice(*ends)
    if kind == 5:
        return None
    if kind == 6:
        return Ellipsis
    if kind <= 9:
        shape = sizes(data, 2)
        whole = [
            data.ConsumeIntInRange(-n, max(-n, n - bool(data.ConsumeIntInRange(0, 9))))
            for _ in range(np.prod(shape, dtype=int))
        ]
        array = np.reshape(np.array(whole).astype(data.PickValueInList(["i8", "i4", "i1", "u1", "f8"])), shape)
        return array.tolist() if kind == 9 else array
    if kind == 10:
        return np.array([data.ConsumeBool() for _ in range(n)], bool)
    return data.PickValueInList([True, False, np.True_, np.int8(0), 1.5, "a", [], (), [True], np.zeros((), int)])


def sizes(data: Any, most: int) -> tuple[int, ...]:
    return tuple(data.ConsumeIntInRange(0, 3) for _ in range(data.ConsumeIntInRange(0, most)))


def index_of(data: Any, shape: tuple[int, ...]) -> Any:
    if not data.ConsumeIntInRange(0, 7):  # a mask of the first axes
        masked = shape[: data.ConsumeIntInRange(0, len(shape))]
        return np.reshape(np.array([data.ConsumeBool() for _ in range(np.prod(masked, dtype=int))], bool), masked)
    items = [item(data, n) for n in shape[: data.ConsumeIntInRange(0, len(shape) + 1)]]
    items[1:1] = [item(data, 2)] if not data.ConsumeIntInRange(0, 5) else []
    return items[0] if len(items) == 1 and data.ConsumeBool() else tuple(items)


def try_index(data: bytes) -> str:
    source = atheris.FuzzedDataProvider(data)
    shape = sizes(source, 4)
    index = index_of(source, shape)
    a = np.random.default_rng(len(data)).normal(size=shape)
    told = f"a{list(shape)}[{index!r}]"
    try:
        y = a[index]
    except Exception as error:
        refuses(lambda: ntb.tensor(a)[index], error, told)
        return "both refuse"
    with ntb.Tape(persistent=True) as tape:
        t = tape.watch(ntb.tensor(a))
        values = np.random.default_rng(1).normal(size=np.shape(y))
        v = tape.watch(ntb.tensor(values))
        found, added, placed = t[index], t.at[index].add(v), t.at[index].set(v)
    expected, weights = a.copy(), np.random.default_rng(2).normal(size=shape)
    same(found, y, told)
    np.add.at(expected, index, values)
    same(added, expected, f"{told}, added to")
    expected = a.copy()
    expected[index] = values
    same(placed, expected, f"{told}, replaced")
    expected = np.zeros(shape)
    np.add.at(expected, index, values)
    close(tape.gradient(found, t, seed=values), expected, f"the gradient of {told}")
    ga, gv = tape.gradient(added, [t, v], seed=weights)
    same(ga, weights, f"the gradient of {told}, added to")
    same(gv, weights[index], f"the gradient of what is added to {told}")
    ga, gv = tape.gradient(placed, [t, v], seed=weights)
    mask = np.ones(shape)
    mask[index] = 0
    same(ga, weights * mask, f"the gradient of {told}, replaced")
    # `placed` is linear in what replaces: its last writer takes all.
    close(np.sum(gv * values), np.sum(weights * (placed.numpy() - a * mask)), f"the gradient of what replaces {told}")
    return "the same values and gradients"


if __name__ == "__main__":
    fuzz(try_index)
