"""Import this module, and einops takes tensors: `rearrange`, `reduce`, `repeat`, `einsum`, `pack`, `unpack`.

einops knows the libraries it works on by its backends, and finds those that others define. (Its `einops.array_api` asks
the tensor for its namespace instead and needs nothing of this, but has no `einsum`.)

>>> import einops, ntb, ntb.array_api.einops
>>> images = ntb.tensor(np.arange(8.0).reshape(2, 2, 2))
>>> einops.reduce(images, "b h w -> b", "sum")
Tensor([ 6., 22.])
>>> einops.einsum(images, images, "b h w, b w k -> b h k").shape
(2, 2, 2)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from einops._backends import NumpyBackend

from ..tape.tensor import ArrayLike
from ..values.creation import tensor


class Backend(NumpyBackend):
    """NumPy's backend, as NumPy's functions take tensors."""

    framework_name = "ntb"

    def is_appropriate_type(self, tensor: Any) -> bool:
        """Whether it is a tensor or a variable."""
        return isinstance(tensor, ArrayLike)

    def from_numpy(self, x: np.ndarray) -> Any:
        """A tensor of an array."""
        return tensor(x)

    def to_numpy(self, x: Any) -> np.ndarray:
        """The array of a tensor."""
        return x.numpy()
