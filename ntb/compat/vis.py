"""Pictures, by their old names."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import vis
from .nodes.leaves import Variable


def render_cnn_filters(w: Any, **kw: Any) -> Any:
    """The filters of a convolution (F, C, H, W): an array, or a Variable node."""
    return vis.filters(
        np.asarray(w.value if isinstance(w, Variable) else w), **{k: v for k, v in kw.items() if k == "title"}
    )
