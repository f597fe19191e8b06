"""Pictures, by their old names."""

from __future__ import annotations

from typing import Any

from .. import vis

graph = vis.graph


def render_cnn_filters(w: Any, **style: Any) -> Any:
    """The filters of a convolution (F, C, H, W): an array, or a Variable node; `style` as for `ntb.vis.filters`."""
    return vis.filters(getattr(w, "value", w), **style)
