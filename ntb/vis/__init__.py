"""Pictures of what networks learn. The only part of ntb that uses matplotlib (the extra `vis`), and only when called.

Each function returns a matplotlib Figure, which a notebook shows and `figure.savefig("name.png")` writes. None touches
matplotlib's global state. `layers` returns a page of HTML, as its boxes open, and `graph` what Graphviz draws where
there are too many boxes for a figure.

All take arrays, tensors and Variables, and have the same words: `x` are images or vectors, `classes` their names,
`predictions` come before `targets`, `title` stands above and is there by itself, `figsize` is in inches.
"""

from .classes import confusion, predictions
from .curves import fit, history
from .graph import graph
from .model import Layers, layers
from .pictures import gallery, images
from .plane import landscape
from .plot import MissingMatplotlib
from .points import embedding
from .signed import activations, filters, saliency

__all__ = [
    "Layers", "MissingMatplotlib", "activations", "confusion", "embedding", "filters", "fit", "gallery", "graph",
    "history", "images", "landscape", "layers", "predictions", "saliency",
]  # fmt: skip
