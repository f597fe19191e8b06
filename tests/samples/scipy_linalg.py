"""Samples of ntb.scipy; rows exist where SciPy is installed."""

import numpy as np

from ntb.ops import scipy_linalg
from ntb.ops.scipy_special import functions, gamma
from ntb.scipy import linalg, special

from . import base
from .base import positive, real, regular, small, unreal

SYSTEMS = [((1, 1), (1,)), ((2, 2), (2,)), ((2, 2), (2, 1))]
STACKS = [((2, 2, 2), (2,)), ((2, 2), (2, 2, 1)), ((2, 1, 2, 2), (2, 1))]
SQUARES = [(1, 1), (2, 2), (2, 2, 2)]


def row(operation, call, shapes, domains=(real,), label="", **options):
    base.row(operation, call, shapes, domains, f"ntb.scipy {label}".strip(), **options)


for trans in (0, 1, 2):
    for lower in (False, True):
        row(
            scipy_linalg.solve_triangular,
            lambda a, b, trans=trans, lower=lower: linalg.solve_triangular(a, b, trans, lower),
            SYSTEMS,
            (regular, real),
            f"{trans} {lower}",
        )
row(
    scipy_linalg.solve_triangular,
    lambda a, b: linalg.solve_triangular(a, b, "T", lower=True, unit_diagonal=True),
    SYSTEMS,
    (regular, real),
    "unit diagonal",
)
row(scipy_linalg.solve_triangular, linalg.solve_triangular, STACKS, (regular, real), "stacks")
for lower in (False, True):
    row(
        "cho_solve",
        lambda a, b, lower=lower: linalg.cho_solve((a, lower), b),
        SYSTEMS + STACKS[:1],
        (regular, real),
        str(lower),
    )
for trans in ("N", "T", "C"):
    row(
        scipy_linalg.solve_triangular,
        lambda a, b, trans=trans: linalg.solve_triangular(a, b, trans, lower=True),
        SYSTEMS[:1],
        (unreal(regular), unreal(small)),
        f"complex {trans}",
    )
for lower in (False, True):
    row(
        "cho_solve",
        lambda a, b, lower=lower: linalg.cho_solve((a, lower), b),
        SYSTEMS[:1],
        (unreal(regular), unreal(small)),
        f"complex {lower}",
    )
row(scipy_linalg.expm, linalg.expm, SQUARES, (unreal(real),), "complex")
row("cho_factor", lambda a: linalg.cho_factor(a + np.swapaxes(a, -1, -2))[0], SQUARES, (regular,))
row(scipy_linalg.expm, linalg.expm, SQUARES, (real,))
row(scipy_linalg.expm, lambda a: linalg.expm(a * 0.01) * 1e3, SQUARES, (real,), "small")

for label, options, shapes in [
    ("all", {}, [(3,), (2, 2)]),
    ("axis", {"axis": 0}, [(3,), (2, 2)]),
    ("axes", {"axis": (0, -1), "keepdims": True}, [(2, 1, 2)]),
]:
    row("logsumexp", lambda a, options=options: special.logsumexp(a, **options), shapes, label=label)
    pairs = [(shape, shape) for shape in shapes]
    row(
        "logsumexp",
        lambda a, b, options=options: special.logsumexp(a, b=b, **options),
        pairs,
        (real, positive),
        f"{label}, weights",
    )
row(
    "logsumexp",
    lambda a, b: special.logsumexp(a, b=-b, return_sign=True),
    [((3,), (3,)), ((2, 2), (2,))],
    (real, positive),
    "sign",
)
row("softmax", special.softmax, [(3,), (2, 2)])
row("log_softmax", lambda x: special.log_softmax(x, axis=0), [(3,), (2, 2)])
row("softplus", special.softplus, [(), (2, 2)])
row("multigammaln", lambda x: special.multigammaln(x + 1, 3), [(), (2, 2)], (positive,))
row(gamma.polygamma, lambda x: special.polygamma(np.arange(2), x), [(2,), (2, 1)], (positive,), "orders")
for f in (special.spherical_jn, special.spherical_yn, special.spherical_in, special.spherical_kn):
    row(f, lambda x, f=f: f(np.arange(3), x, derivative=True), [(3,), (2, 1)], (positive,), "slope")
row(functions.spherical_jn, lambda x: special.spherical_jn(2, x), [(), (2, 2)], label="signs")
