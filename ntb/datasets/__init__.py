"""Data to learn from. Each set is a module with a function `load`: `mnist`, `fashion_mnist`, `cifar10`, `shapes32`,
`textdata`. Those that do not come with ntb have a function `download`, which fetches their files when it is called."""

from . import cifar10, fashion_mnist, mnist, shapes32, textdata

__all__ = ["cifar10", "fashion_mnist", "mnist", "shapes32", "textdata"]
