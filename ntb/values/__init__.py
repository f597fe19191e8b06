"""What tensors and variables are besides operands: their creation, conversions and looks, and NumPy's methods.

A room that gives the engine's classes further methods. All layers above it may use it.
"""

from . import copies
from .conversions import Conversions
from .methods import ArrayMethods
from .show import Looks

_GIVEN = (copies,)
"""Imported for what it gives to tensors and tapes."""


class Methods(Conversions, ArrayMethods, Looks):
    """All methods that tensors and variables get here, for readers and for type checkers."""
