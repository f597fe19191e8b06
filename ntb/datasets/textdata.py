"""Text as rows of character numbers: the data of a network that learns to write on, one character at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["TextData", "load"]

_EMBEDDED = Path(__file__).with_name("embedded")


@dataclass(frozen=True, eq=False, repr=False)
class TextData:
    """Rows of a text, split for training and validation.

    `x_train`, `x_val`: int64 of shape (rows, seq_length), positions in `characters`.
    `y_train`, `y_val`: the same shape; `y[i, t]` is the character that follows `x[i, t]` in the text.
    `characters`: all that occur in the text, sorted.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    characters: list[str]

    def encode(self, text: str) -> np.ndarray:
        """The numbers of the characters of `text`, int64 (len(text),). Raises ValueError for an unknown character."""
        numbers = {character: i for i, character in enumerate(self.characters)}
        unknown = sorted(set(text) - numbers.keys())
        if unknown:
            raise ValueError(
                f"the data have no {unknown}; their {len(numbers)} characters are {''.join(numbers)!r}; "
                "leave others out, or load a text that has them"
            )
        return np.array([numbers[character] for character in text], np.int64)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that `encode` gives these numbers, one row of integers. Raises ValueError for one out of range."""
        numbers = np.asarray(numbers if isinstance(numbers, np.ndarray) else list(numbers))
        if numbers.size == 0:
            return ""
        if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
            raise ValueError(f"decode expects integers in one row, got {numbers.dtype} of shape {numbers.shape}")
        if numbers.min() < 0 or numbers.max() >= len(self.characters):
            raise ValueError(
                f"decode expects numbers from 0 to {len(self.characters) - 1}, got {numbers.min()} to {numbers.max()}"
            )
        return "".join(self.characters[i] for i in numbers)

    def __repr__(self) -> str:
        return (
            f"TextData({len(self.x_train)} rows for training, {len(self.x_val)} for validation, "
            f"{self.x_train.shape[1]} characters each, {len(self.characters)} different)"
        )


def load(
    text: str | PathLike[str], *, seq_length: int = 50, val_frac: float = 0.05, stride: int | None = None
) -> TextData:
    """Rows of `seq_length` characters that begin every `stride` characters (by default `seq_length`: no overlap).

    `text` is the name of a text that comes with ntb ("us_constitution.txt") or the path of a UTF-8 file. The last
    `val_frac` of the rows are for validation; rows between that share targets with both parts are dropped.

    Raises FileNotFoundError when there is no such text; ValueError when it is not UTF-8, too short for two rows, or an
    option is out of range.

    >>> data = load("us_constitution.txt", seq_length=30, stride=10)
    >>> data
    TextData(4256 rows for training, 224 for validation, 30 characters each, 70 different)
    >>> data.decode(data.x_train[0]), data.decode(data.y_train[0])
    ('We the People of the United St', 'e the People of the United Sta')
    """
    stride = seq_length if stride is None else stride
    if seq_length < 1 or stride < 1:
        raise ValueError(f"seq_length and stride must be at least 1, got {seq_length} and {stride}")
    if not 0 <= val_frac < 1:
        raise ValueError(f"val_frac is a fraction, 0 <= val_frac < 1, got {val_frac}")
    content = _read(text)
    if len(content) <= seq_length:
        raise ValueError(
            f"{text} has {len(content)} characters, a row of seq_length={seq_length} with its targets needs "
            f"{seq_length + 1}; choose a smaller seq_length"
        )
    characters, numbers = np.unique(np.array([ord(c) for c in content], np.uint32), return_inverse=True)
    rows = sliding_window_view(numbers.astype(np.int64), seq_length + 1)[::stride]
    shared = (seq_length - 1) // stride  # so many rows begin within the row before them
    n_val = round(val_frac * max(len(rows) - shared, 0))
    n_train = len(rows) - n_val - (shared if n_val else 0)
    if n_train < 1:
        raise ValueError(
            f"{text} gives {len(rows)} rows, none of them left for training beside {n_val} for validation; "
            f"choose a smaller seq_length or stride"
        )
    train, val = rows[:n_train], rows[len(rows) - n_val :]
    return TextData(
        x_train=train[:, :-1].copy(),
        y_train=train[:, 1:].copy(),
        x_val=val[:, :-1].copy(),
        y_val=val[:, 1:].copy(),
        characters=[chr(c) for c in characters],
    )


def _read(text: str | PathLike[str]) -> str:
    embedded = sorted(path.name for path in _EMBEDDED.glob("*.txt"))
    path = _EMBEDDED / text if str(text) in embedded else Path(text)
    if not path.is_file():
        raise FileNotFoundError(
            f"{text} is neither a file nor one of the texts that come with ntb: {', '.join(embedded)}"
        )
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{text} is not UTF-8: {error}; convert it first") from error
