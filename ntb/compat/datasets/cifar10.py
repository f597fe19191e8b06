"""CIFAR-10 as a dict of arrays."""

from __future__ import annotations

from typing import Any

from ...datasets import cifar10, shapes32
from .vis import loaded


def load(num_train: int = 50000, num_val: int = 10000, path: str | None = None) -> tuple[dict[str, Any], Any]:
    """The training images, and the test images for validation: X uint8 (n, 3, 32, 32), y int64.

    Args:
        num_train, num_val: how many, from the beginning.
        path: the folder of CIFAR-10; without one pictures are drawn by `ntb.datasets.shapes32`, so that programs run,
            and a line is printed that says so.
    """
    if path is None:
        print("this is not CIFAR-10: without path= its place is taken by shapes that are drawn (datasets.shapes32)")
        return loaded(shapes32.load(min(num_train, 5000), min(num_val, 1000)), num_train, num_val)
    return loaded(cifar10.load(path), num_train, num_val)
