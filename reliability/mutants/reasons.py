"""Why some mutants survive: what they change makes no difference that a test should see."""

from __future__ import annotations

REASONS: dict[str, str] = {
    """ntb/tape/at.py
- return is_mask(index) or is_basic(index)
+ return is_mask(index) and is_basic(index)""": "the same sums are made by `np.add.at`, more slowly",
    """ntb/tape/rules.py
- nested, foreign = bool(kwargs), False
+ nested, foreign = bool(kwargs), True""": "the arguments are looked at once more, to the same end",
    """ntb/tape/jacobian.py
- if j.size and np.max(np.abs(turned - 1j * j)) > 100 * np.finfo(j.dtype).eps * np.max(np.abs(j) + np.abs(turned)):
+ if j.size and np.max(np.abs(turned - 1j * j)) > 101 * np.finfo(j.dtype).eps * np.max(np.abs(j) + np.abs(turned)):""": (
        "how many roundings are forgiven is a choice"
    ),
    """ntb/ops/convolution.py
- return np.broadcast_to(np.reshape(sums, (-1, *[1] * (len(shape) - 2))), shape)
+ return np.broadcast_to(np.reshape(sums, (- 2, *[1] * (len(shape) - 2))), shape)""": (
        "NumPy takes any negative number for the size that it is to find"
    ),
    """ntb/ops/norms.py
- unit = np.eye(x.shape[-1], dtype=x.dtype)
+ unit = np.eye(x.shape[- 2], dtype=x.dtype)""": "only square matrices come here: others have raised an error",
    """ntb/ops/ufunc_methods.py
- d = pull(g, y, x, ufunc, np.arange(x.shape[-1]) == 0)
+ d = pull(g, y, x, ufunc, np.arange(x.shape[-1]) <= 0)""": "no place is negative",
    """ntb/compat/nodes/rnn.py
- if len(x.shape) == 2:
+ if len(x.shape) <= 2:""": "the length is 2 or 3 here: others have raised an error",
    """ntb/compat/nodes/loss.py
- integers = True
+ integers = False""": "`labels` turns floats into integers, exactly up to 2**24 classes",
    """ntb/compat/session.py
- self.tick = Variable(0, trainable=False, name="tick")  # an input of nodes that are called in every run
+ self.tick = Variable(0, trainable=True, name="tick")  # an input of nodes that are called in every run""": (
        "nobody collects the variables of a session, and integers are never differentiated"
    ),
    """ntb/compat/datasets/vis.py
- side = round(images.shape[-1] ** 0.5) if images.ndim == 2 else 0
+ side = round(images.shape[-1] ** 0.5) if images.ndim == 2 else -1""": "the side is used for two dimensions only",
    """ntb/compat/misc.py
- return [np.zeros(tuple(s)) if np.ndim(d) == 0 and d == 0 else sum_to_match(d, s) for d, s in zip(ds, shapes)]
+ return [np.zeros(tuple(s)) if np.ndim(d) <= 0 and d == 0 else sum_to_match(d, s) for d, s in zip(ds, shapes)]""": (
        "the number of dimensions is never negative"
    ),
    """ntb/compat/misc.py
- if len(ds) != len(shapes):
+ if len(ds) is not len(shapes):""": "CPython has one object for each small number",
}
"""By name: the file, and the lines that differ."""
