"""Pictures of what networks learn. The only part of ntb that uses matplotlib (the extra `vis`), and only when called.

Each function returns a matplotlib Figure, which a notebook shows and `figure.savefig("name.png")` writes. None touches
matplotlib's global state. Graphs that are too large for a figure go to Graphviz.
"""

from .curves import fit, history
from .graph import graph
from .pictures import confusion, filters, images
from .plot import MissingMatplotlib

__all__ = ["MissingMatplotlib", "confusion", "filters", "fit", "graph", "history", "images"]
