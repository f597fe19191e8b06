"""Checkpoints: named arrays in a file, as NumPy's .npz or as .safetensors. Never pickle, which can run code when read.

A file is written aside and moved into place, so that a crash at any moment leaves the old file or the new one. It is
sealed by the SHA-256 of its bytes, so that one that was cut or changed is refused. Names, shapes and dtypes are read
first and compared with what is expected; memory is taken after that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..habits import answer_to, knows_habits, of_package
from ..state import State, compare, restore, snapshot
from . import npz, safetensors
from .kinds import METADATA, TRAINABLE, Kinds, Texts
from .replacing import replace
from .seal import seal

__all__ = ["load", "read", "save", "write"]
__getattr__, __dir__ = of_package(__name__, __all__)

_FORMATS = {".npz": npz, ".safetensors": safetensors}


def save(path: str | os.PathLike[str], tree: Any, metadata: Mapping[str, Any] | None = None) -> None:
    """Save all Variables and random generators of a tree, and which Variables are trainable.

    Args:
        path: ends in .npz or .safetensors, which decides on the format. An existing file is replaced at once.
        tree: a model, an optimizer, or a dict or list of such; see `ntb.state.named_variables`.
        metadata: what else is to be remembered, of the types that JSON has.

    Raises:
        InputError: another ending, nothing to save, metadata that JSON cannot hold.
        OSError: the disk is full, or the folder cannot be written to; the old file is as it was.

    >>> import ntb, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     w = ntb.Variable([1.0, 2.0])
    ...     save(f"{folder}/model.npz", {"w": w}, {"epoch": 3})
    ...     w.assign([0.0, 0.0])
    ...     load(f"{folder}/model.npz", {"w": w})
    {'epoch': 3}
    >>> w
    Variable([1., 2.])
    """
    _format(path)
    state = snapshot(tree)
    if not state:
        raise InputError(
            f"there is nothing to save in this {type(tree).__name__}: Variables and generators are expected, in a "
            "model, an optimizer, or a dict of such; np.savez saves plain arrays"
        )
    write(path, state, metadata)


@knows_habits
def load(path: str | os.PathLike[str], tree: Any) -> dict[str, Any]:
    """Give all Variables and generators of a tree the values that `save` wrote; returns the metadata.

    What was frozen when it was saved is frozen afterwards, and what was not is not; a file of another program leaves
    this as it is. An optimizer without slots gets those that are in the file.

    Raises:
        InputError: the file is damaged, or names, shapes or dtypes differ from the tree's; nothing is changed then.
        FileNotFoundError: there is no such file.

    >>> import ntb, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(f"{folder}/model.npz", {"w": ntb.Variable([1.0, 2.0])})
    ...     load(f"{folder}/model.npz", {"v": ntb.Variable(3.0)})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ntb.errors.InputError: model.npz: the values do not fit, and nothing was changed.
    """
    arrays, metadata = read(path, lambda kinds: compare(tree, kinds))
    try:
        restore(tree, arrays)
    except InputError as error:
        raise InputError(f"{os.fspath(path)}: {error}") from None
    return metadata


def write(
    path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], metadata: Mapping[str, Any] | None = None
) -> None:
    """Write named arrays to a file; see `save`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(f"{folder}/a.safetensors", {"x": np.arange(3)})
    ...     read(f"{folder}/a.safetensors")
    ({'x': array([0, 1, 2])}, {})
    """
    form = _format(path)
    wrong = {name: a.dtype for name, a in arrays.items() if a.dtype.kind not in "biufc"}
    if wrong or METADATA in arrays or TRAINABLE in arrays:
        raise InputError(
            f"arrays of numbers can be saved, under any name but {METADATA!r} and {TRAINABLE!r}; not "
            f"{wrong or list(arrays)}"
        )
    try:
        texts = {METADATA: json.dumps(dict(metadata or {}))}
    except (TypeError, ValueError) as error:
        raise InputError(
            f"metadata are a dict of what JSON has: numbers, strings, lists, dicts ({error}); convert the rest, as by "
            "float(x) or x.tolist()"
        ) from None
    if isinstance(arrays, State) and arrays.trainable is not None:
        texts[TRAINABLE] = json.dumps(sorted(arrays.trainable))
    replace(Path(path), lambda file: seal(file, form.write(file, arrays, texts)))


def read(
    path: str | os.PathLike[str], check: Callable[[Kinds], object] | None = None
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read the named arrays and the metadata of a file.

    Args:
        check: called with the dtype and shape of each array, by name, before memory is taken for any; it may raise
            `InputError`. Without it a file may need as much memory as it says: compressed, a thousand times its size.

    Raises:
        InputError: the file is damaged or of another format than its ending says.
        FileNotFoundError: there is no such file.
    """
    form = _format(path)
    look = lambda kinds: check and check({name: kind.native() for name, kind in kinds.items()})
    with open(path, "rb") as file:
        try:
            arrays, texts = form.read(file, look)
            state = State((name, a.astype(a.dtype.newbyteorder("="), copy=False)) for name, a in arrays.items())
            metadata = json.loads(texts.get(METADATA, "{}"))
            if type(metadata) is not dict:
                raise ValueError(f"its metadata are a {type(metadata).__name__}, not a dict")
            state.trainable = _trainable(texts)
            return state, metadata
        except InputError as error:
            raise InputError(f"{os.fspath(path)}: {error}") from None
        except Exception as error:  # a damaged file can raise anything
            what = str(error)[:300] or type(error).__name__
            raise InputError(
                f"{os.fspath(path)} is damaged or not what its ending says: {what}. Save or fetch it again"
            ) from error


def _trainable(texts: Texts) -> frozenset[str] | None:
    """The names of the trainable Variables, if a file has them."""
    if TRAINABLE not in texts:
        return None
    names = json.loads(texts[TRAINABLE])
    if type(names) is not list or not all(type(name) is str for name in names):
        raise ValueError("its list of trainable Variables is none")
    return frozenset(names)


def _format(path: str | os.PathLike[str]) -> Any:
    if not isinstance(path, str | os.PathLike):
        raise InputError(
            f"the path of the file comes first, as a string or Path; this is a {type(path).__name__}; "
            + answer_to('ntb.save(model, "model.npz")')
        )
    suffix = Path(path).suffix
    if suffix not in _FORMATS:
        raise InputError(f"a checkpoint's name ends in {' or '.join(_FORMATS)}, not as {os.fspath(path)!r}")
    return _FORMATS[suffix]
