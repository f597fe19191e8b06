"""The datasets in the form of the earlier ntb: dicts of arrays."""

from . import cifar10, mnist, textdata, vis

__all__ = ["cifar10", "mnist", "textdata", "vis"]
