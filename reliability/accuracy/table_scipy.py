"""What SciPy's special functions of one and two real arguments are exactly."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp

from .table_nn import exp
from .truth import Function

INF, NAN = math.inf, math.nan
TYPES = ("float32", "float64")
"""SciPy computes float16 in float32, or in float64."""


def one(name: str, exact: Any, peers: str = "", jax: str | None = None, call: str = "", **options: Any) -> Function:
    jaxs = f"jax.scipy.special.{jax or name}(x)" if jax != "" and (jax or peers) else ""
    return Function(
        f"special.{name}",
        exact,
        call or f"special.{name}(x)",
        f"torch.special.{peers}(x)" if peers else "",
        jaxs,
        dtypes=TYPES,
        **options,
    )


def two(name: str, exact: Any, peers: str = "", jax: str = "", **options: Any) -> Function:
    return Function(
        f"special.{name}",
        exact,
        f"special.{name}(a, b)",
        f"torch.special.{peers}(a, b)" if peers else "",
        f"jax.scipy.special.{jax}(a, b)" if jax else "",
        arguments=2,
        dtypes=TYPES,
        **options,
    )


def _root(x: Any) -> Any:
    return mp.sqrt(x)


def _gauss(x: Any) -> Any:
    return 2 / mp.sqrt(mp.pi) * exp(-x * x)


def _density(x: Any) -> Any:
    return exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _erfcx(x: Any) -> Any:
    """exp(x²) erfc(x), by its asymptotic series where erfc would take as many digits as x² has size."""
    if x < 30:
        return exp(x * x) * mp.erfc(x)
    if abs(x) > mp.mpf(10) ** 200:
        return 1 / (x * mp.sqrt(mp.pi))
    return mp.hyperu(mp.mpf(1) / 2, mp.mpf(1) / 2, x * x) / mp.sqrt(mp.pi)


def _ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _hazard(x: Any) -> Any:
    """The density over the distribution function."""
    return mp.sqrt(2 / mp.pi) / _erfcx(-x / mp.sqrt(2)) if x < 5 else _density(x) / _ndtr(x)


def _log_ndtr(x: Any) -> Any:
    if x > 5:
        return mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2)
    return mp.log(_erfcx(-x / mp.sqrt(2)) / 2) - x * x / 2


def _expit(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def _expit_slope(x: Any) -> Any:
    return 1 / ((1 + exp(-x)) * (1 + exp(x)))


def _log_expit(x: Any) -> Any:
    return -mp.log1p(exp(-x)) if x > 0 else x - mp.log1p(exp(x))


def _exprel(x: Any) -> Any:
    return mp.expm1(x) / x if x else mp.mpf(1)


def _xlogy_rule(a: float, b: float) -> tuple | None:
    return None if b > 0 and math.isfinite(a) and math.isfinite(b) else (None,) * 6


def _positive_rule(a: float, b: float) -> tuple | None:
    return None if 0 < a < INF and 0 < b < INF else (None,) * 6


def _own(a: Any, b: Any) -> tuple:
    return abs(a), abs(b)


def _small(limit: float) -> Any:
    """Only arguments up to a limit: beyond it SciPy gives NaN, or numbers without digits."""
    return lambda dtype, *x: not all(abs(n) <= limit for n in x)


def _beyond_tiny(dtype: str, *x: float) -> bool:
    return any(0 < abs(n) < 1e-30 for n in x)


def _scaled(x: float) -> float:
    """The size of the scaled Bessel functions."""
    return 0.4 / math.sqrt(max(1.0, abs(x)))


GROWS = {INF: (INF, INF, INF)}
SCALED = "the derivatives are differences from the value"
GAMMAS = "differences of digamma functions, nearly equal where one argument is small beside the other"
RECURRENCE_OF_ROOTS = "second derivatives are differences from the limits beside and far from the corner"
RECURRENCE = "differences of nearly equal terms, up to x = 7"
SQUARE = "x² is rounded, and the exponential takes it times x²"
SCIPYS = "SciPy's own values: beyond the limit they have fewer digits"

ROWS = [
    one(
        "erf",
        mp.erf,
        "erf",
        slope=_gauss,
        far=-1,
        bound=(4, 2048, 2048),
        why=SQUARE,
        at={INF: (1, 0, 0), -INF: (-1, 0, 0)},
    ),
    one(
        "erfc",
        mp.erfc,
        "erfc",
        slope=lambda x: -_gauss(x),
        far=-1,
        bound=(1024, 2048, 2048),
        why=SQUARE,
        at={INF: (0, 0, 0), -INF: (2, 0, 0)},
        but=_small(1e30),
    ),
    one(
        "erfcx",
        _erfcx,
        "erfcx",
        "",
        slope=lambda x: 2 * x * _erfcx(x) - 2 / mp.sqrt(mp.pi),
        but=lambda d, x: x < -26,
        bound=(8, 256, 16384),
        why=RECURRENCE,
        far=-1,
        at={INF: (0, 0, 0)},
    ),
    one(
        "erfi",
        mp.erfi,
        slope=lambda x: 2 / mp.sqrt(mp.pi) * exp(x * x),
        far=-1,
        but=_small(30),
        bound=(64, 2048, 2048),
        why=SQUARE,
    ),
    one(
        "dawsn",
        lambda x: mp.sqrt(mp.pi) / 2 * exp(-x * x) * mp.erfi(x),
        "",
        far=-1,
        but=_small(30),
        bound=(64, 256, 8192),
        why=RECURRENCE,
    ),
    one(
        "ndtr",
        _ndtr,
        "ndtr",
        slope=_density,
        far=-1,
        bound=(1024, 2048, 2048),
        why=SQUARE,
        but=_small(1e30),
        at={INF: (1, 0, 0), -INF: (0, 0, 0)},
    ),
    one(
        "log_ndtr",
        _log_ndtr,
        "log_ndtr",
        slope=_hazard,
        far=-1,
        at={INF: (0, 0, 0), -INF: (-INF, INF, None)},
        but=lambda d, x: x < -1e15 or x > 37,
        bound=(1024, 2048, 2048),
        why=SQUARE,
    ),
    one(
        "erfinv",
        mp.erfinv,
        "erfinv",
        domain=(-1, 1),
        at={1.0: (INF, INF, INF), -1.0: (-INF, INF, -INF)},
        bound=(4, 256, 512),
        why="the exponential takes the error of the value times its square",
    ),
    one(
        "expit",
        _expit,
        "expit",
        slope=_expit_slope,
        but=lambda d, x: abs(x) > (87 if d == "float32" else 700),
        at={INF: (1, 0, 0), -INF: (0, 0, 0)},
    ),
    one("log_expit", _log_expit, "", "", slope=lambda x: _expit(-x), at={INF: (0, 0, 0), -INF: (-INF, 1, 0)}),
    one(
        "logit",
        lambda x: mp.log(x / (1 - x)),
        "logit",
        slope=lambda x: 1 / (x * (1 - x)),
        domain=(0, 1),
        at={0.0: (-INF, INF, -INF), 1.0: (INF, INF, INF), "-0": (None,) * 3},
    ),
    one(
        "entr",
        lambda x: -x * mp.log(x),
        "entr",
        slope=lambda x: -1 - mp.log(x),
        domain=(0, INF),
        far=1,
        at={0.0: (0, INF, -INF), "-0": (0, INF, None)},
    ),
    one(
        "exprel",
        _exprel,
        "",
        slope=lambda x: (x * exp(x) - mp.expm1(x)) / x**2 if x else mp.mpf(0.5),
        at={INF: (INF,) * 3, -INF: (0, 0, 0)},
        bound=(4, 32, 128),
        but=_small(700),
    ),
    one("expm1", mp.expm1, "expm1", "", slope=mp.exp, at={INF: (INF,) * 3, -INF: (-1, 0, 0)}),
    one(
        "log1p",
        mp.log1p,
        "",
        slope=lambda x: 1 / (1 + x),
        domain=(-1, INF),
        far=1,
        at={-1.0: (-INF, INF, -INF), INF: (INF, 0, 0)},
    ),
    one("exp2", lambda x: mp.mpf(2) ** x, "exp2", "", slope=lambda x: mp.mpf(2) ** x * mp.ln(2)),
    one("exp10", lambda x: mp.mpf(10) ** x, slope=lambda x: mp.mpf(10) ** x * mp.ln(10), bound=(4, 8, 8)),
    one(
        "cbrt",
        lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        singular=(0,),
        far=1,
        at={0.0: (0, INF, None), INF: (INF, 0, 0), -INF: (-INF, 0, 0)},
    ),
    one("cosm1", lambda x: -2 * mp.sin(x / 2) ** 2, slope=lambda x: -mp.sin(x), but=_small(1e6), bound=(16, 8, 16)),
    one(
        "sindg",
        lambda x: mp.sin(x * mp.pi / 180),
        slope=lambda x: mp.pi / 180 * mp.cos(x * mp.pi / 180),
        but=_small(1e6),
        least=(1e-2, 1e-3, 1e-4),
    ),
    one(
        "cosdg",
        lambda x: mp.cos(x * mp.pi / 180),
        slope=lambda x: -mp.pi / 180 * mp.sin(x * mp.pi / 180),
        but=_small(1e6),
        least=(1e-2, 1e-3, 1e-4),
    ),
    one(
        "gammaln",
        lambda x: mp.log(abs(mp.gamma(x))) if x < 50 else mp.loggamma(x),
        "gammaln",
        slope=mp.digamma,
        domain=(0, INF),
        far=1,
        at={0.0: (INF, -INF, INF), INF: (INF, INF, 0), "-0": (None,) * 3},
        least=(1, 1, 0),
        but=_beyond_tiny,
        why="the logarithm of gamma is 0 at 1 and 2, its slope between them",
    ),
    one(
        "digamma",
        mp.digamma,
        "digamma",
        slope=lambda x: mp.polygamma(1, x),
        domain=(0, INF),
        far=1,
        at={INF: (INF, 0, 0), 0.0: (-INF, INF, -INF), "-0": (None,) * 3},
        least=(1, 0, 0),
    ),
    one(
        "gamma",
        mp.gamma,
        "",
        "gamma",
        slope=lambda x: mp.gamma(x) * mp.digamma(x),
        domain=(0, INF),
        singular=(0,),
        but=lambda d, x: x > 1e5,
        bound=(64, 512, 512),
    ),
    one(
        "rgamma",
        mp.rgamma,
        slope=lambda x: -mp.rgamma(x) * mp.digamma(x),
        domain=(0, INF),
        but=_small(150),
        bound=(64, 512, 2048),
    ),
    one(
        "j0",
        lambda x: mp.besselj(0, x),
        "bessel_j0",
        "",
        slope=lambda x: -mp.besselj(1, x),
        but=_small(1e4),
        bound=(16, 16, 16),
        least=(1, 1, 1),
        why="ulps of 1: a zero of the function is not its best place",
    ),
    one(
        "j1",
        lambda x: mp.besselj(1, x),
        "bessel_j1",
        "",
        slope=lambda x: (mp.besselj(0, x) - mp.besselj(2, x)) / 2,
        but=_small(1e4),
        bound=(16, 16, 16),
        least=(1, 1, 1),
    ),
    one("i0", lambda x: mp.besseli(0, x), "i0", slope=lambda x: mp.besseli(1, x), but=_small(700), bound=(64, 64, 64)),
    one(
        "i1",
        lambda x: mp.besseli(1, x),
        "i1",
        slope=lambda x: (mp.besseli(0, x) + mp.besseli(2, x)) / 2,
        but=lambda d, x: 0 < abs(x) < 1e-100 or abs(x) > 700,
        bound=(64, 64, 64),
    ),
    one(
        "i0e",
        lambda x: mp.besseli(0, x) * exp(-abs(x)),
        "i0e",
        singular=(0,),
        but=_small(1e4),
        at={0.0: (1, 0, None)},
        least=(0, _scaled, _scaled),
        why=SCALED,
    ),
    one(
        "i1e",
        lambda x: mp.besseli(1, x) * exp(-abs(x)),
        "i1e",
        singular=(0,),
        but=_small(1e4),
        at={0.0: (0, 0.5, None)},
        least=(0, _scaled, _scaled),
        why=SCALED,
    ),
    one(
        "exp1",
        mp.e1,
        "",
        "exp1",
        domain=(0, INF),
        slope=lambda x: -exp(-x) / x,
        but=_small(1e4),
        at={0.0: (INF, -INF, INF), "-0": (None,) * 3, INF: (0, 0, 0)},
        bound=(64, 16, 16),
    ),
    one(
        "expi",
        mp.ei,
        "",
        "expi",
        domain=(0, INF),
        slope=lambda x: exp(x) / x,
        but=lambda d, x: not 1e-15 < x < (87 if d == "float32" else 700),
        least=(1, 0, 1),
        bound=(64, 16, 64),
    ),
    one(
        "spence",
        lambda x: mp.polylog(2, 1 - x) if x < 2 else -mp.polylog(2, 1 - 1 / x) - mp.log(x) ** 2 / 2,
        "",
        "spence",
        domain=(0, INF),
        slope=lambda x: mp.log(x) / (1 - x) if x != 1 else mp.mpf(-1),
        singular=(1,),
        far=1,
        but=_small(1e30),
        at={1.0: (0, -1, 0.5)},
        bound=(64, 64, 64),
        least=(1, 0, 0),
    ),
    one("ellipk", lambda m: mp.ellipk(m), domain=(-INF, 1), far=1, but=_small(1e30), bound=(16, 64, 256)),
    one("ellipe", lambda m: mp.ellipe(m), domain=(-INF, 1), far=1, but=_small(1e30), bound=(16, 64, 256)),
    two(
        "xlogy",
        lambda a, b: a * mp.log(b),
        "xlogy",
        "xlogy",
        rule=_xlogy_rule,
        slope=(lambda a, b: mp.log(b), lambda a, b: a / b),
        reach=lambda a, b: (max(1, abs(a)), abs(b)),
    ),
    two(
        "xlog1py",
        lambda a, b: a * mp.log1p(b),
        "xlog1py",
        "xlog1py",
        rule=lambda a, b: None if b > -1 and math.isfinite(a) and math.isfinite(b) else (None,) * 6,
        slope=(lambda a, b: mp.log1p(b), lambda a, b: a / (1 + b)),
        reach=lambda a, b: (max(1, abs(a)), min(1 + b, max(1, b))),
    ),
    two(
        "rel_entr",
        lambda a, b: a * mp.log(a / b),
        "",
        "rel_entr",
        rule=_positive_rule,
        reach=_own,
        slope=(lambda a, b: 1 + mp.log(a / b), lambda a, b: -a / b),
        least=(lambda a, b: a, 1, 0),
    ),
    two(
        "kl_div",
        lambda a, b: a * mp.log(a / b) - a + b,
        "",
        "kl_div",
        rule=_positive_rule,
        reach=_own,
        slope=(lambda a, b: mp.log(a / b), lambda a, b: 1 - a / b),
        least=(lambda a, b: max(a, b), 1, 0),
        but=_beyond_tiny,
    ),
    two(
        "beta",
        mp.beta,
        "",
        "beta",
        rule=lambda a, b: None if 1e-6 < a < 60 and 1e-6 < b < 60 else (None,) * 6,
        reach=_own,
        bound=(256, 32768, 1048576),
        why=GAMMAS,
    ),
    two(
        "betaln",
        lambda a, b: mp.log(mp.beta(a, b)),
        "",
        "betaln",
        reach=_own,
        bound=(256, 32768, 1048576),
        why=GAMMAS,
        rule=lambda a, b: None if 1e-6 < a < 60 and 1e-6 < b < 60 else (None,) * 6,
        least=(1, 0, 0),
    ),
    two(
        "pseudo_huber",
        lambda a, b: a * a * (mp.sqrt(1 + (b / a) ** 2) - 1),
        reach=lambda a, b: (abs(a), abs(a)),
        rule=lambda a, b: None if 0 < a < INF and abs(b) < INF else (None,) * 6,
        bound=(8, 16, 16384),
        least=(0, 0, 1),
        why=RECURRENCE_OF_ROOTS,
        but=lambda d, a, b: not 1e-15 < abs(a) < 1e15 or not 1e-15 < abs(b) < 1e15,
    ),
]
