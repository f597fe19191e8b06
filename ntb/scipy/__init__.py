"""SciPy's functions that are written in Python, for tensors: `ntb.scipy.special` and `ntb.scipy.linalg`.

SciPy's ufuncs take tensors themselves: `scipy.special.erf(t)`. Its Python functions would make arrays of them, which
tracked tensors refuse; here are those that programs differentiate most, under the same names. They need SciPy, which
the extra `scipy` installs.
"""

from importlib import import_module
from importlib.util import find_spec

from ..errors import NtbError

__all__ = ["MissingSciPy", "linalg", "special"]


class MissingSciPy(NtbError, ImportError):
    """SciPy is not installed."""


def __getattr__(name):
    if name not in ("linalg", "special"):
        raise AttributeError(f"ntb.scipy has linalg and special, not {name!r}")
    if find_spec("scipy") is None:
        raise MissingSciPy(f"ntb.scipy.{name} needs SciPy, which is not installed: pip install 'ntb[scipy]'")
    return import_module(f"{__name__}.{name}")
