"""What the activations and losses of `ntb.nn` are exactly, element by element; softmax and its kin on two scores."""

from __future__ import annotations

import math
from typing import Any

import mpmath as mp
import numpy as np

from .truth import Function

INF, NAN = math.inf, math.nan
FLAT_LEFT = {INF: (INF, 1, 0), -INF: (0, 0, 0)}


def exp(x: Any) -> Any:
    """`mp.exp`, but of numbers far beyond all dtypes, which would take very many digits."""
    return mp.exp(x) if abs(x) < 100_000 else mp.mpf(0) if x < 0 else mp.mpf(10) ** 43_000


def sigmoid(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def _sigmoid_slope(x: Any) -> Any:
    return 1 / ((1 + exp(-x)) * (1 + exp(x)))


def softplus(x: Any) -> Any:
    return mp.log1p(exp(x)) if x < 0 else x + mp.log1p(exp(-x))


def elu(x: Any) -> Any:
    return x if x > 0 else mp.expm1(x)


def _elu_slope(x: Any) -> Any:
    return mp.mpf(1) if x > 0 else exp(x)


_LAMBDA, _ALPHA = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")


def selu(x: Any) -> Any:
    return _LAMBDA * (x if x > 0 else _ALPHA * mp.expm1(x))


def _selu_slope(x: Any) -> Any:
    return _LAMBDA * (mp.mpf(1) if x > 0 else _ALPHA * exp(x))


def _gelu_inner(x: Any) -> tuple:
    """2u and its derivative."""
    root, cubic = mp.sqrt(2 / mp.pi), mp.mpf("0.044715")
    return 2 * root * (x + cubic * x**3), 2 * root * (1 + 3 * cubic * x * x)


def gelu(x: Any) -> Any:
    if abs(x) > 1000:
        return max(x, mp.mpf(0))  # to hundreds of thousands of digits
    return x * sigmoid(_gelu_inner(x)[0])


def _gelu_slope(x: Any) -> Any:
    if abs(x) > 1000:
        return mp.mpf(1) if x > 0 else mp.mpf(0)
    u, du = _gelu_inner(x)
    return sigmoid(u) + x * _sigmoid_slope(u) * du


def silu(x: Any) -> Any:
    return x * sigmoid(x)


def _silu_slope(x: Any) -> Any:
    return sigmoid(x) + x * _sigmoid_slope(x)


def activation(name: str, exact: Any, torch: str | None = None, jax: str | None = None, **options: Any) -> Function:
    torchs = f"torch.nn.functional.{name}(x)" if torch is None else torch
    jaxs = f"jax.nn.{name}(x)" if jax is None else jax
    return Function(f"nn.{name}", exact, f"nn.{name}(x)", torchs, jaxs, **options)


def loss(name: str, exact: Any, own: str, torch: str = "", jax: str = "", **options: Any) -> Function:
    return Function(f"nn.{name}", exact, own, torch, jax, arguments=2, **options)


def _share(a: Any, b: Any) -> Any:
    return 1 / (1 + exp(b - a))


def _logsumexp(a: Any, b: Any) -> Any:
    return max(a, b) + mp.log1p(exp(-abs(a - b)))


def _bce(x: Any, t: Any) -> Any:
    return t * softplus(-x) + (1 - t) * softplus(x)


def _bce_slope(x: Any, t: Any) -> Any:
    return (1 - t) * sigmoid(x) - t * sigmoid(-x)


def _huber(a: Any, b: Any) -> Any:
    d = abs(a - b)
    return d * d / 2 if d <= 1 else d - mp.mpf(0.5)


def _softmax_ends(kind: str) -> Any:
    """Of two scores of which one or both are infinite; the gradients there are those of the limit."""

    def rule(a: float, b: float) -> tuple | None:
        if math.isnan(a) or math.isnan(b):
            return (NAN, *[None] * 5)
        if math.isfinite(a) and math.isfinite(b):
            return None
        if a == b:
            return (None,) * 6
        first = a > b
        if kind == "softmax":
            return (1.0 if first else 0.0, 0, 0, 0, 0, 0)
        if kind == "logsumexp":
            return (max(a, b), 1.0 if first else 0.0, 0.0 if first else 1.0, 0, 0, 0)
        sign = 1 if kind == "log_softmax" else -1
        slope = 0 if first else sign
        return (0 if first else -sign * INF, slope, -slope, 0, 0, 0)

    return rule


def _bce_ends(x: float, t: float) -> tuple | None:
    if math.isnan(x) or math.isnan(t) or not 0 <= t <= 1:
        return (None,) * 6
    if math.isinf(x):
        right = (x > 0) == (t == 1) and t in (0, 1)
        slope = (1 - t) if x > 0 else -t
        return (0 if right else INF, slope, None, 0, None, None)
    return None


def _difference_ends(a: float, b: float) -> tuple | None:
    return (None,) * 6 if not (math.isfinite(a) and math.isfinite(b)) else None


def _mae_ends(a: float, b: float) -> tuple | None:
    return (0, 0, 0, 0, 0, 0) if a == b and math.isfinite(a) else _difference_ends(a, b)


def _huber_ends(a: float, b: float) -> tuple | None:
    return (None,) * 6 if abs(a - b) == 1 else _difference_ends(a, b)


def _huber_left_out(dtype: str, a: float, b: float) -> bool:
    return abs(a - b) > float(np.finfo(dtype).max) or abs(abs(a - b) - 1) < 1e-3


def _apart(a: Any, b: Any) -> tuple:
    """The way to a = b."""
    return abs(a - b), abs(a - b)


def _huber_reach(a: Any, b: Any) -> tuple:
    way = abs(abs(a - b) - 1)
    return way, way


def _score(a: float, b: float) -> float:
    """The size of the scores: those of softmax and its kin are shifted only where they are large."""
    return max([1.0, *(abs(n) for n in (a, b) if math.isfinite(n))])


DIFFERENCE = "a - b is rounded, and the exponential takes it times a - b; the error of 1 - y is one of 1"
SCORES = "a score and the logarithm of the sum are subtracted; derivatives are differences from 1"
PAIR, FIRST = "np.stack([a, b], -1)", "[..., 0]"
TORCH_PAIR, JAX_PAIR = "torch.stack([a, b], -1)", "jnp.stack([a, b], -1)"
ZEROS = "np.zeros(a.shape, int)"
_F = "torch.nn.functional"

ROWS = [
    activation("relu", lambda x: max(x, mp.mpf(0)), singular=(0,), far=1, at={0.0: (0, 0, 0), **FLAT_LEFT}),
    activation(
        "leaky_relu",
        lambda x: x if x > 0 else x * mp.mpf(0.01),
        singular=(0,),
        far=1,
        at={0.0: (0, None, 0), INF: (INF, 1, 0), -INF: (-INF, mp.mpf(0.01), 0)},
    ),
    activation("elu", elu, slope=_elu_slope, singular=(0,), at={0.0: (0, 1, None), INF: (INF, 1, 0), -INF: (-1, 0, 0)}),
    activation(
        "selu",
        selu,
        slope=_selu_slope,
        singular=(0,),
        at={0.0: (0, None, None), INF: (INF, _LAMBDA, 0), -INF: (-_LAMBDA * _ALPHA, 0, 0)},
    ),
    activation(
        "gelu",
        gelu,
        "torch.nn.functional.gelu(x, approximate='tanh')",
        slope=_gelu_slope,
        far=-1,
        at=FLAT_LEFT,
        bound=(2048, 4096, 4096),
        why="the cubic in the exponent is rounded, and the exponential takes it times its value",
    ),
    activation(
        "silu",
        silu,
        slope=_silu_slope,
        at=FLAT_LEFT,
        bound=(512, 512, 512),
        why="a subnormal sigmoid has few digits, and is multiplied by x",
    ),
    activation("sigmoid", sigmoid, "torch.sigmoid(x)", slope=_sigmoid_slope, at={INF: (1, 0, 0), -INF: (0, 0, 0)}),
    activation("softplus", softplus, slope=sigmoid, at=FLAT_LEFT),
    activation(
        "log_sigmoid",
        lambda x: -softplus(-x),
        "torch.nn.functional.logsigmoid(x)",
        slope=lambda x: sigmoid(-x),
        at={INF: (0, 0, 0), -INF: (-INF, 1, 0)},
    ),
    loss(
        "softmax",
        _share,
        f"nn.softmax({PAIR}){FIRST}",
        f"torch.softmax({TORCH_PAIR}, -1){FIRST}",
        f"jax.nn.softmax({JAX_PAIR}){FIRST}",
        rule=_softmax_ends("softmax"),
        least=(0, 1, 1),
        bound=(512, 8, 8),
        why=DIFFERENCE,
        slope=(lambda a, b: _sigmoid_slope(a - b), lambda a, b: -_sigmoid_slope(a - b)),
    ),
    loss(
        "log_softmax",
        lambda a, b: -softplus(b - a),
        f"nn.log_softmax({PAIR}){FIRST}",
        f"torch.log_softmax({TORCH_PAIR}, -1){FIRST}",
        f"jax.nn.log_softmax({JAX_PAIR}){FIRST}",
        slope=(lambda a, b: _share(b, a), lambda a, b: -_share(b, a)),
        rule=_softmax_ends("log_softmax"),
        least=(_score, 1, 1),
        why=SCORES,
    ),
    loss(
        "logsumexp",
        _logsumexp,
        f"nn.logsumexp({PAIR}, -1)",
        f"torch.logsumexp({TORCH_PAIR}, -1)",
        f"jax.nn.logsumexp({JAX_PAIR}, -1)",
        slope=(_share, lambda a, b: _share(b, a)),
        rule=_softmax_ends("logsumexp"),
        least=(_score, 1, 1),
        why=SCORES,
    ),
    loss(
        "cross_entropy",
        lambda a, b: softplus(b - a),
        f"nn.cross_entropy({PAIR}, {ZEROS}, reduction='none')",
        f"{_F}.cross_entropy({TORCH_PAIR}, torch.zeros(len(a), dtype=int), reduction='none')",
        "",
        slope=(lambda a, b: -_share(b, a), lambda a, b: _share(b, a)),
        rule=_softmax_ends("cross_entropy"),
        least=(_score, 1, 1),
        why=SCORES,
    ),
    loss(
        "cross_entropy, soft",
        lambda a, b: softplus(b - a),
        f"nn.cross_entropy({PAIR}, np.stack([np.ones_like(HELD), np.zeros_like(HELD)], -1), reduction='none')",
        f"{_F}.cross_entropy({TORCH_PAIR}, torch.tensor([[1, 0]]).to(a).expand(len(a), 2), reduction='none')",
        "",
        slope=(lambda a, b: -_share(b, a), lambda a, b: _share(b, a)),
        rule=_softmax_ends("cross_entropy"),
        least=(_score, 1, 1),
        why=SCORES,
    ),
    loss(
        "binary_cross_entropy_with_logits",
        _bce,
        "nn.binary_cross_entropy_with_logits(a, b, reduction='none')",
        f"{_F}.binary_cross_entropy_with_logits(a, b, reduction='none')",
        rule=_bce_ends,
        slope=(_bce_slope, lambda x, t: -x),
        least=(0, 1, 1),
    ),
    loss(
        "mse",
        lambda a, b: (a - b) ** 2,
        "nn.mse(a, b, reduction='none')",
        f"{_F}.mse_loss(a, b, reduction='none')",
        far=1,
        rule=_difference_ends,
    ),
    loss(
        "mae",
        lambda a, b: abs(a - b),
        "nn.mae(a, b, reduction='none')",
        f"{_F}.l1_loss(a, b, reduction='none')",
        reach=_apart,
        rule=_mae_ends,
    ),
    loss(
        "huber",
        _huber,
        "nn.huber(a, b, reduction='none')",
        f"{_F}.huber_loss(a, b, reduction='none')",
        reach=_huber_reach,
        rule=_huber_ends,
        but=_huber_left_out,
        why="left out are errors that overflow, or are rounded onto the corner",
    ),
    Function(
        "nn.l1",
        abs,
        "np.stack([nn.l1(x[i]) for i in range(x.size)])",
        singular=(0,),
        far=1,
        at={0.0: (0, 0, 0), INF: (INF, 1, 0), -INF: (INF, -1, 0)},
    ),
    Function(
        "nn.l2",
        lambda x: x * x / 2,
        "np.stack([nn.l2(x[i]) for i in range(x.size)])",
        but=lambda dtype, x: x * x > float(np.finfo(dtype).max),
        why="left out is where the square overflows",
        far=1,
        at={INF: (INF, INF, 1), -INF: (INF, -INF, 1)},
    ),
]
