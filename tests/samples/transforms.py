"""Samples of the operations that transforms enter: copies, and functions of NumPy with rules of their own."""

from ntb import transforms

from .base import ONE, row

row(transforms.fresh, shapes=ONE)
cube = transforms.numpy_function(lambda x: (x * x * x, x), lambda g, x, wanted, shape: [3 * g * x * x])
row(transforms.call_forward, cube, ONE, order=1)
row(transforms.call_backward, cube, ONE, order=1)
