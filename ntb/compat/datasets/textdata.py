"""Text as a dict of rows of character numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...datasets import textdata


def load(
    filename: str, seq_length: int = 50, path: str | None = None, val_frac: float = 0.05, stride: int | None = None
) -> tuple[dict[str, Any], Any, Any]:
    """Rows of a text, and functions that encode and decode.

    Args:
        filename: of a text inside the package (`us_constitution.txt`), or in the folder `path`.
        seq_length, val_frac, stride: as in `ntb.datasets.textdata.load`.
    """
    text = filename if path is None else Path(path) / filename
    data = textdata.load(text, seq_length=seq_length, val_frac=val_frac, stride=stride)
    result = {
        "X_train": data.x_train, "y_train": data.y_train, "X_val": data.x_val, "y_val": data.y_val,
        "charmap": list(data.characters), "inv_charmap": {c: i for i, c in enumerate(data.characters)},
    }  # fmt: skip
    return result, data.encode, data.decode
