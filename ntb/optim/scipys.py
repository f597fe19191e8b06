"""SciPy's minimizers for models: all parameters as one vector, and its gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..atomic import assign_all
from ..errors import InputError, describe
from ..variable import Variable
from .minimizer import loss_and_gradients, variables_of

_Function = Callable[[], Any]


def minimize(loss_function: _Function, variables: Any, method: str = "L-BFGS-B", **options: Any) -> Any:
    """Minimize a loss by `scipy.optimize.minimize`, and leave the parameters at what it finds.

    For a loss of all data at once that is computed exactly: a few hundred parameters of a fit, or a small network.

    Args:
        loss_function: takes nothing and gives the loss, a real number without axes; an `ntb.function` is fast.
        variables: a model, whose trainable Variables are changed, or a list of models and Variables, of any shapes, of
            floating-point or complex numbers. SciPy sees them in float64, complex numbers as pairs.
        method: one of SciPy's that take a gradient: "BFGS", "CG", "TNC", "SLSQP", …
        options: others of SciPy's arguments: `tol`, `bounds`, `callback`, `options={"maxiter": 100}`.

    Returns:
        SciPy's result: `x`, `fun`, `nit`, `message` and others. If an error comes in between, the parameters are as
        they were.

    Raises:
        InputError: there is nothing to change; a parameter has no gradient; the loss is no real number.
        ModuleNotFoundError: SciPy is not installed (the extra `scipy`).

    >>> x, y = np.arange(4.0), 3 * np.arange(4.0) + 1
    >>> slope, offset = Variable(0.0), Variable(0.0)
    >>> found = minimize(lambda: np.sum((slope * x + offset - y) ** 2), [slope, offset])
    >>> bool(found.success), round(float(slope), 4), round(float(offset), 4)
    (True, 3.0, 1.0)
    """
    from scipy import optimize

    cells = _trainable(variables)

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        assign_all(cells, _parted(x, cells))
        loss, grads, _ = loss_and_gradients(loss_function, cells)
        return float(loss), _joined(_checked(grads, cells))

    before = [v.read() for v in cells]
    try:
        found = optimize.minimize(value_and_gradient, _joined(before), jac=True, method=method, **options)
        assign_all(cells, _parted(found.x, cells))
    except BaseException:
        assign_all(cells, before)
        raise
    return found


def _trainable(variables: Any) -> list[Variable]:
    given = variables_of(variables if isinstance(variables, list | tuple) else [variables])
    if not given or not all(isinstance(v, Variable) for v in given):
        raise InputError(f"minimize changes a model, or a list of models and Variables, not {describe(variables)}")
    return [v for v in dict.fromkeys(given) if not v.frozen]


def _checked(grads: list[Any], cells: list[Variable]) -> list[Any]:
    for i, (g, v) in enumerate(zip(grads, cells)):
        if g is None:
            raise InputError(
                f"the loss does not depend on {v.name or f'variable number {i}'}; leave it out, or freeze it by "
                "`trainable = False`"
            )
    return grads


def _wide(v: Variable) -> np.dtype:
    return np.dtype(complex if v.dtype.kind == "c" else float)


def _joined(arrays: Sequence[Any]) -> np.ndarray:
    """One vector of float64."""
    wide = [np.asarray(a).astype(_wide(a)).reshape(-1) for a in arrays]
    return np.concatenate([a.view(float) for a in wide])


def _parted(x: np.ndarray, like: list[Variable]) -> list[np.ndarray]:
    """Arrays of the shapes and types of the variables."""
    parts, begin = [], 0
    for v in like:
        end = begin + v.read().size * (2 if v.dtype.kind == "c" else 1)
        parts.append(x[begin:end].copy().view(_wide(v)).reshape(v.shape).astype(v.dtype))
        begin = end
    return parts
