"""Data to learn from. Each set is a module with a function `load`: `mnist`, `cifar10`, `shapes32`, `textdata`."""

from . import cifar10, mnist, shapes32, textdata

__all__ = ["cifar10", "mnist", "shapes32", "textdata"]
