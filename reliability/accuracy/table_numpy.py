"""What NumPy's elementwise functions are exactly."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np

from .truth import Function

INF, NAN = math.inf, math.nan


def one(name: str, exact: Any, torch: str | None = None, jax: str | None = None, **options: Any) -> Function:
    jaxs = f"jnp.{name}(x)" if jax is None else jax
    torchs = f"torch.{name}(x)" if torch is None else torch
    return Function(f"np.{name}", exact, f"np.{name}(x)", torchs, jaxs, **options)


def two(name: str, exact: Any, torch: str | None = None, **options: Any) -> Function:
    torchs = f"torch.{name}(a, b)" if torch is None else torch
    return Function(f"np.{name}", exact, f"np.{name}(a, b)", torchs, f"jnp.{name}(a, b)", arguments=2, **options)


def sinc(x: Any) -> Any:
    return mp.sin(mp.pi * x) / (mp.pi * x) if x else mp.mpf(1)


def logaddexp(a: Any, b: Any) -> Any:
    return max(a, b) + mp.log1p(mp.exp(-abs(a - b)))


def logaddexp2(a: Any, b: Any) -> Any:
    ln2 = mp.ln(2)
    return max(a, b) + mp.log1p(mp.exp(-abs(a - b) * ln2)) / ln2


def _logaddexp_ends(a: float, b: float) -> tuple | None:
    if math.isnan(a) or math.isnan(b):
        return (NAN, *[None] * 5)
    if math.isinf(a) or math.isinf(b):
        share = 0.5 if a == b else 1.0 if a > b else 0.0
        curve = None if a == b else 0.0
        return (max(a, b), share, 1 - share, curve, curve, curve)
    return None


def _hypot_ends(a: float, b: float) -> tuple | None:
    if math.isnan(a) or math.isnan(b):
        return (None,) * 6
    if a == b == 0:
        return (0.0, 0.0, 0.0, None, None, None)
    if math.isinf(a) or math.isinf(b):
        return (INF, *[None] * 5)
    return None


def _arctan2_ends(a: float, b: float) -> tuple | None:
    if a == b == 0:
        return (None, 0.0, 0.0, None, None, None)
    if a == 0 and b < 0:
        return (None, *[None] * 5)
    return None


def _power_ends(a: float, b: float) -> tuple | None:
    if a < 0 or math.isnan(a) or math.isnan(b):  # whole powers of negative numbers have rows of their own
        return (None,) * 6
    if a == 0:
        return (None,) * 6
    return None


def _divide_ends(a: float, b: float) -> tuple | None:
    return (None,) * 6 if b == 0 or not (math.isfinite(a) and math.isfinite(b)) else None


def _power_reach(a: Any, b: Any) -> tuple:
    return abs(a) / max(1, abs(b)), 1 / max(1, abs(mp.log(a)))


def _length(a: Any, b: Any) -> tuple:
    return max(abs(a), abs(b)), max(abs(a), abs(b))


def _subnormal(dtype: str, *x: float) -> bool:
    return max(map(abs, x)) < 8 * float(np.finfo(dtype).smallest_normal)


def _share(a: Any, b: Any) -> Any:
    return 1 / (1 + mp.exp(b - a))


def _share2(a: Any, b: Any) -> Any:
    return 1 / (1 + mp.mpf(2) ** (b - a))


def _no_length(dtype: str, *x: float) -> bool:
    finite = all(map(math.isfinite, x))
    return (_subnormal(dtype, *x) and any(x)) or (finite and math.hypot(*x) > float(np.finfo(dtype).max))


def _extreme_power(dtype: str, a: float, b: float) -> bool:
    return _subnormal(dtype, a) or abs(b) > 1e4


LENGTHS = (
    "left out are subnormal lengths r, which have few digits, and those that overflow; second derivatives are "
    "differences of terms as large as 1 / r, and 1 / r² for `arctan2`"
)
POWERS = "p - 1 is rounded; left out are subnormal x, where x**(p - 1) overflows, and p beyond 10,000"
ANGLES = [("degrees", 1), ("rad2deg", 1), ("radians", -1), ("deg2rad", -1)]

ROWS = [
    one("negative", lambda x: -x, at={INF: (-INF, -1, 0), -INF: (INF, -1, 0)}),
    one("positive", lambda x: x, at={INF: (INF, 1, 0), -INF: (-INF, 1, 0)}),
    one("square", lambda x: x * x, far=1, at={INF: (INF, INF, 2), -INF: (INF, -INF, 2)}),
    one(
        "reciprocal",
        lambda x: 1 / x,
        singular=(0,),
        far=1,
        at={0.0: (INF, -INF, INF), "-0": (-INF, -INF, -INF), INF: (0, 0, 0), -INF: (0, 0, 0)},
    ),
    one("absolute", abs, singular=(0,), far=1, at={0.0: (0, 0, 0), INF: (INF, 1, 0), -INF: (INF, -1, 0)}),
    one("fabs", abs, "", singular=(0,), far=1, at={0.0: (0, 0, 0), INF: (INF, 1, 0), -INF: (INF, -1, 0)}),
    one("sqrt", mp.sqrt, domain=(0, INF), far=1, at={0.0: (0, INF, -INF), "-0": (0, -INF, INF), INF: (INF, 0, 0)}),
    one(
        "cbrt",
        lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        "",
        singular=(0,),
        far=1,
        at={0.0: (0, INF, None), INF: (INF, 0, 0), -INF: (-INF, 0, 0)},
    ),
    one("exp", mp.exp, slope=mp.exp, at={INF: (INF,) * 3, -INF: (0,) * 3}),
    one(
        "exp2",
        lambda x: mp.mpf(2) ** x,
        slope=lambda x: mp.mpf(2) ** x * mp.ln(2),
        but=lambda dtype, x: x >= np.finfo(dtype).maxexp,
        why="left out is where the value overflows and derivatives, of 0.7 and 0.5 times it, do not",
        at={INF: (INF,) * 3, -INF: (0,) * 3},
    ),
    one("expm1", mp.expm1, slope=mp.exp, at={INF: (INF,) * 3, -INF: (-1, 0, 0)}),
    one("log", mp.log, domain=(0, INF), far=1, at={0.0: (-INF, INF, -INF), "-0": (-INF, -INF, -INF), INF: (INF, 0, 0)}),
    one(
        "log2",
        lambda x: mp.log(x) / mp.ln(2),
        domain=(0, INF),
        far=1,
        at={0.0: (-INF, INF, -INF), "-0": (-INF, -INF, -INF), INF: (INF, 0, 0)},
    ),
    one(
        "log10",
        lambda x: mp.log(x) / mp.ln(10),
        domain=(0, INF),
        far=1,
        at={0.0: (-INF, INF, -INF), "-0": (-INF, -INF, -INF), INF: (INF, 0, 0)},
    ),
    one(
        "log1p",
        mp.log1p,
        slope=lambda x: 1 / (1 + x),
        domain=(-1, INF),
        far=1,
        at={-1.0: (-INF, INF, -INF), INF: (INF, 0, 0)},
    ),
    one("sin", mp.sin, at={INF: (NAN,) * 3, -INF: (NAN,) * 3}),
    one("cos", mp.cos, at={INF: (NAN,) * 3, -INF: (NAN,) * 3}),
    one("tan", mp.tan, slope=lambda x: 1 / mp.cos(x) ** 2, at={INF: (NAN,) * 3, -INF: (NAN,) * 3}),
    one(
        "arcsin",
        mp.asin,
        slope=lambda x: 1 / mp.sqrt((1 - x) * (1 + x)),
        domain=(-1, 1),
        at={1.0: (mp.pi / 2, INF, INF), -1.0: (-mp.pi / 2, INF, -INF)},
    ),
    one(
        "arccos",
        mp.acos,
        slope=lambda x: -1 / mp.sqrt((1 - x) * (1 + x)),
        domain=(-1, 1),
        at={1.0: (0, -INF, -INF), -1.0: (mp.pi, -INF, INF)},
    ),
    one(
        "arctan",
        mp.atan,
        slope=lambda x: 1 / (1 + x * x),
        singular=(1j, -1j),
        far=1,
        at={INF: (mp.pi / 2, 0, 0), -INF: (-mp.pi / 2, 0, 0)},
    ),
    *[
        one(name, (lambda x: x * 180 / mp.pi) if sign > 0 else (lambda x: x * mp.pi / 180), "", far=1)
        for name, sign in ANGLES
    ],
    one("sinh", mp.sinh, at={INF: (INF,) * 3, -INF: (-INF, INF, -INF)}),
    one("cosh", mp.cosh, at={INF: (INF,) * 3, -INF: (INF, -INF, INF)}),
    one(
        "tanh",
        mp.tanh,
        slope=lambda x: 1 / mp.cosh(x) ** 2,
        at={INF: (1, 0, 0), -INF: (-1, 0, 0)},
        least=(0, 1, 1),
        why="the slope is 1 - y², which costs a third of an exponential: its error is one of the value 1",
    ),
    one(
        "arcsinh",
        mp.asinh,
        slope=lambda x: 1 / mp.sqrt(x * x + 1),
        singular=(1j, -1j),
        far=1,
        at={INF: (INF, 0, 0), -INF: (-INF, 0, 0)},
    ),
    one(
        "arccosh",
        mp.acosh,
        slope=lambda x: 1 / mp.sqrt((x - 1) * (x + 1)),
        domain=(1, INF),
        far=1,
        at={1.0: (0, INF, -INF), INF: (INF, 0, 0)},
    ),
    one(
        "arctanh",
        mp.atanh,
        slope=lambda x: 1 / ((1 - x) * (1 + x)),
        domain=(-1, 1),
        at={1.0: (INF, INF, INF), -1.0: (-INF, INF, -INF)},
    ),
    one(
        "sinc",
        sinc,
        at={INF: (None,) * 3, -INF: (None,) * 3},
        least=(1, 4, 8),
        but=lambda dtype, x: abs(x) > float(np.finfo(dtype).max) / 4,
        why="NumPy rounds πx, and gives NaN where it overflows",
    ),
    one(
        "i0",
        lambda x: mp.besseli(0, x),
        "torch.special.i0(x)",
        "jnp.i0(x)",
        slope=lambda x: mp.besseli(1, x),
        bound=(8, 256, 256),
        but=lambda dtype, x: dtype == "float16" and abs(x) > 11,
        why="the cosines of the mean are rounded, and multiplied by x in an exponent",
    ),
    two("add", lambda a, b: a + b, far=1),
    two("subtract", lambda a, b: a - b, far=1),
    two("multiply", lambda a, b: a * b, far=1),
    two(
        "divide",
        lambda a, b: a / b,
        reach=lambda a, b: (max(1, abs(a)), abs(b)),
        rule=_divide_ends,
        but=lambda dtype, a, b: bool(b and _subnormal(dtype, a / b)),
        why="a subnormal quotient has few digits",
    ),
    two(
        "power",
        lambda a, b: a**b,
        "torch.pow(a, b)",
        reach=_power_reach,
        rule=_power_ends,
        but=_extreme_power,
        bound=(4, 1024, 1024),
        why=POWERS,
    ),
    two(
        "float_power",
        lambda a, b: a**b,
        "torch.pow(a, b)",
        reach=_power_reach,
        rule=_power_ends,
        but=_extreme_power,
        bound=(4, 1024, 1024),
        dtypes=("float64",),
        why=POWERS,
    ),
    two(
        "logaddexp",
        logaddexp,
        slope=(_share, lambda a, b: _share(b, a)),
        rule=_logaddexp_ends,
        bound=(4, 512, 512),
        least=(1, 0, 0),
        why="a - b is rounded, and the exponential takes it times a - b",
    ),
    two(
        "logaddexp2",
        logaddexp2,
        slope=(_share2, lambda a, b: _share2(b, a)),
        rule=_logaddexp_ends,
        bound=(4, 1024, 1024),
        least=(1, 0, 0),
        why="a - b is rounded, and the exponential takes it times a - b",
    ),
    two(
        "hypot",
        lambda a, b: mp.sqrt(a * a + b * b),
        reach=_length,
        rule=_hypot_ends,
        but=_no_length,
        least=(0, 0, lambda a, b: 1 / math.hypot(a, b)),
        why=LENGTHS,
    ),
    two(
        "arctan2",
        lambda a, b: mp.atan2(a, b),
        reach=_length,
        rule=_arctan2_ends,
        but=_no_length,
        bound=(4, 64, 64),
        slope=(lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)),
        least=(0, 0, lambda a, b: (1 / math.hypot(a, b)) ** 2),
        why=LENGTHS,
    ),
]
