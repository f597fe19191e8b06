"""Files: named arrays, as NumPy's .npz or as .safetensors, and the weights of other libraries. Never pickle, which can
run code when read.

A file is written aside and moved into place, so that a crash at any moment leaves the old file or the new one. Arrays
have checksums, so that one that was changed is refused. Names, shapes and dtypes are read first and compared with what
is expected; memory is taken after that, for the arrays that are wanted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from ..errors import InputError
from ..fitting import FitReport, Rename, renamed
from ..habits import answer_to, knows_habits
from ..later import later, names_of
from ..state import State, compare, restore, snapshot
from . import npz, safetensors
from .kinds import METADATA, TRAINABLE, Contents, Kind, Texts
from .replacing import replace

if TYPE_CHECKING:
    from .peers.keras import keras_weights, load_keras
    from .peers.pytorch import load_torch, torch_state

_FILES = {"peers.keras": "keras_weights load_keras", "peers.pytorch": "load_torch torch_state"}
"""The names in files that are imported when one of them is first asked for."""

__all__ = ["contents", "load", "read", "save", "write", *names_of(_FILES)]
__getattr__, __dir__ = later(__name__, _FILES, __all__)

_FORMATS = {".npz": npz, ".safetensors": safetensors}
_PICKLES = {".pt", ".pth", ".bin", ".ckpt"}


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


@overload
def load(
    path: str | os.PathLike[str], tree: Any, *, strict: Literal[True] = True, rename: Rename | None = None
) -> dict[str, Any]: ...
@overload
def load(
    path: str | os.PathLike[str], tree: Any, *, strict: Literal[False], rename: Rename | None = None
) -> FitReport: ...
@knows_habits
def load(
    path: str | os.PathLike[str], tree: Any, *, strict: bool = True, rename: Rename | None = None
) -> dict[str, Any] | FitReport:
    """Give all Variables and generators of a tree the values that `save` wrote.

    What was frozen when it was saved is frozen afterwards, and what was not is not; a file of another program leaves
    this as it is. An optimizer without slots gets those that are in the file.

    Args:
        path: a .npz or .safetensors file.
        tree: as for `save`, of the same form; if not strict, one with some of the names.
        strict: if False, what fits is loaded, in the precision of the tree, and the rest of the tree stays as it is.
        rename: the names in the tree for those in the file: a dict from names, or beginnings of names up to a dot, to
            what takes their place (None to leave a value out); or a function of a name.

    Returns:
        The metadata; if not strict, a report of what fitted, which has them too (`ntb.fitting.FitReport`).

    Raises:
        InputError: the file is damaged, or names, shapes or dtypes differ from the tree's; if not strict, nothing
            fits. Nothing is changed then.
        FileNotFoundError: there is no such file.

    >>> import ntb, tempfile
    >>> from ntb import nn
    >>> small, large = nn.MLP(4, 8, 2), {"body": nn.MLP(4, 8, 3), "scale": ntb.Variable(1.0)}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(f"{folder}/small.npz", small)
    ...     load(f"{folder}/small.npz", large, strict=False, rename={"layers": "body.layers"})
    2 of 5 expected values were given: body.layers.0.weight, body.layers.0.bias
    missing, and left as they were:
      scale: expected float64[]
    of another shape or kind, and left as they were:
      body.layers.2.weight: is float32[8, 2]; expected float32[8, 3]
      body.layers.2.bias: is float32[2]; expected float32[3]
    """
    with _opened(path) as file:
        names = renamed(file.kinds, rename)
        kinds = {name: file.kinds[old].native() for name, old in names.items()}
        with _named(path):
            report = compare(tree, kinds, strict=strict)
        with _reading(path):
            arrays = State((name, _native(file.array(names[name]))) for name in report.fitted)
            metadata, trainable = _metadata(file.texts), _trainable(file.texts)
    if trainable is not None:
        arrays.trainable = frozenset(name for name in arrays if names[name] in trainable)
    with _named(path):
        restore(tree, arrays, strict=False)  # all of which fit
    return metadata if strict else report._replace(metadata=metadata)


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
    replace(Path(path), lambda file: form.write(file, arrays, texts))


def contents(path: str | os.PathLike[str]) -> dict[str, Kind]:
    """The dtype and shape of each array in a file, by name; no array is read.

    Raises:
        InputError, FileNotFoundError: as for `read`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(f"{folder}/a.npz", {"x": np.ones((2, 3), np.float32)})
    ...     contents(f"{folder}/a.npz")
    {'x': Kind(dtype=dtype('float32'), shape=(2, 3))}
    """
    with _opened(path) as file:
        return {name: kind.native() for name, kind in file.kinds.items()}


def read(
    path: str | os.PathLike[str],
    check: Callable[[Mapping[str, Kind]], object] | None = None,
    *,
    names: Iterable[str] | None = None,
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read the named arrays and the metadata of a file.

    Args:
        check: called with the dtype and shape of each array, by name, before memory is taken for any; it may raise
            `InputError`. Without it a file may need as much memory as it says: compressed, a thousand times its size.
        names: of the arrays to be read, of which alone the data are read; all by default.

    Raises:
        InputError: the file is damaged or of another format than its ending says; there is no array of such a name.
        FileNotFoundError: there is no such file.
    """
    with _opened(path) as file:
        wanted = list(file.kinds) if names is None else list(names)
        with _named(path):
            if check:
                check({name: kind.native() for name, kind in file.kinds.items()})
            if unknown := [name for name in wanted if name not in file.kinds]:
                raise InputError(
                    f"there is no array of the name {', '.join(map(repr, unknown))}; ntb.io.contents(path) lists the "
                    "names that there are"
                )
        with _reading(path):
            state = State((name, _native(file.array(name))) for name in wanted)
            state.trainable = _trainable(file.texts)
            return state, _metadata(file.texts)


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[Contents]:
    """A block in which a file is open, with its header read."""
    form = _format(path)
    with open(path, "rb") as file:
        with _reading(path):
            found = form.read(file)
        yield found


@contextmanager
def _named(path: str | os.PathLike[str]) -> Iterator[None]:
    """A block whose errors name the file."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{os.fspath(path)}: {error}") from None


@contextmanager
def _reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """A block that reads a file, which can raise anything if that is damaged."""
    try:
        with _named(path):
            yield
    except InputError:
        raise
    except Exception as error:
        what = str(error)[:300] or type(error).__name__
        raise InputError(
            f"{os.fspath(path)} is damaged or not what its ending says: {what}. Save or fetch it again"
        ) from error


def _native(array: np.ndarray) -> np.ndarray:
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _metadata(texts: Texts) -> dict[str, Any]:
    metadata = json.loads(texts.get(METADATA, "{}"))
    if type(metadata) is not dict:
        raise ValueError(f"its metadata are a {type(metadata).__name__}, not a dict")
    return metadata


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
    if suffix in _PICKLES:
        raise InputError(
            f"{os.fspath(path)!r} is by its name a pickle of PyTorch's, which can run code when it is read, and ntb "
            "neither reads nor writes those; where PyTorch is, convert it by "
            "safetensors.torch.save_file(torch.load(path, weights_only=True), 'model.safetensors')"
        )
    if suffix not in _FORMATS:
        raise InputError(f"a checkpoint's name ends in {' or '.join(_FORMATS)}, not as {os.fspath(path)!r}")
    return _FORMATS[suffix]
