"""What the targets share: their command line, and the count of how inputs went."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import atheris
import numpy as np

from . import COUNTS

with atheris.instrument_imports(include=["ntb"]):
    from ntb import NtbError, Tensor

REFUSALS = (NtbError, IndexError, ValueError, TypeError)


def fuzz(target: Callable[[bytes], str], seeds: Sequence[bytes] = ()) -> None:
    """Run a target as libFuzzer's options on the command line say; the last argument is the folder of the corpus.

    Without seeds the corpus begins with noise.
    """
    folder = Path(sys.argv[-1])
    runs = max([int(option.removeprefix("-runs=")) for option in sys.argv if option.startswith("-runs=")], default=0)
    outcomes: Counter[str] = Counter()
    if folder.is_dir():
        for number, seed in enumerate(seeds or [Random(i).randbytes(200) for i in range(100)]):
            (folder / f"seed{number}").write_bytes(seed)

    def one(data: bytes) -> None:
        outcomes[target(data)] += 1
        if outcomes.total() == runs:  # libFuzzer ends the process when it is done
            (folder.parent / COUNTS).write_text(json.dumps(outcomes))

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


def refuses(call: Callable[[], Any], error: Exception, told: str) -> None:
    """Tensors must refuse what NumPy refuses with this error."""
    try:
        answer = call()
    except (*REFUSALS, type(error)):
        return
    raise AssertionError(f"{told}: NumPy refuses it; the answer is {answer!r}")


def same(found: Any, expected: Any, told: str) -> None:
    array = np.asarray(found.numpy())
    if array.shape != np.shape(expected) or array.dtype != expected.dtype or not np.array_equal(array, expected):
        raise AssertionError(f"{told}: {array!r} instead of {expected!r}")


def close(found: Any, expected: Any, told: str) -> None:
    array = np.asarray(found.numpy() if isinstance(found, Tensor) else found)
    if array.shape != np.shape(expected) or not np.allclose(array, expected, rtol=1e-11, atol=1e-11):
        raise AssertionError(f"{told}: {array!r} instead of {expected!r}")
