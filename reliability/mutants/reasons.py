"""Why some mutants survive: what they change makes no difference that a test should see."""

from __future__ import annotations

REASONS: dict[str, str] = {
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
