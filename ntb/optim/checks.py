"""Checks of what an optimizer is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..tape.tensor import ArrayLike
from ..variable import Variable
from .precision import as_gradient, computing_type


def checked(grads: list, variables: list) -> tuple[list, list]:
    """The gradients of what is not frozen, in the types in which it is updated, and these variables."""
    _check_variables(grads, variables)
    changed = [(g, v) for g, v in zip(grads, variables) if not v.frozen]
    grads, variables = [g for g, _ in changed], [v for _, v in changed]
    types = [computing_type(v.dtype) for v in variables]
    grads = [as_gradient(g, types[i], _called(i, v)) for i, (g, v) in enumerate(zip(grads, variables))]
    _check_shapes(grads, variables)
    return grads, variables


def _check_variables(grads: list, variables: list) -> None:
    if len(grads) != len(variables):
        raise InputError(
            f"{len(grads)} gradients for {len(variables)} variables; there must be one for each, in two lists"
        )
    if len({id(v) for v in variables}) != len(variables):
        names = [_called(i, v) for i, v in enumerate(variables) if any(v is w for w in variables[:i])]
        raise InputError(
            f"{', '.join(names)} occurs twice among the variables and would be changed twice; name it once"
        )
    for i, (g, v) in enumerate(zip(grads, variables)):
        if not isinstance(v, Variable):
            raise InputError(
                f"an optimizer changes Variables; number {i} is a {type(v).__name__}. Give lists, "
                "opt.apply([gradient], [variable]), gradients first"
            )
        if v.frozen:
            continue
        if v.dtype.kind not in "fc":
            raise InputError(
                f"{_called(i, v)} is of {v.dtype}, and an optimizer changes floating-point numbers; make it with "
                "dtype=np.float32"
            )
        if g is None:
            raise InputError(
                f"{_called(i, v)} has no gradient: the loss does not depend on it (tape.explain(loss, variable) tells "
                'why). Leave it out, or ask for zeros by tape.gradient(..., unconnected="zero")'
            )


def _check_shapes(grads: list, variables: list) -> None:
    for i, (g, v) in enumerate(zip(grads, variables)):
        if g.shape != v.shape:
            raise InputError(
                f"the gradient of {_called(i, v)} has shape {g.shape}; expected {v.shape}. Give both "
                "lists in the same order"
            )


def checked_rate(rate: Any) -> Any:
    """A learning rate."""
    known = callable(rate) or isinstance(rate, (int, float, np.number, np.ndarray, ArrayLike))
    if not known or hasattr(rate, "named_variables"):
        raise InputError(
            f"a learning rate is a number, a Variable or a schedule, not a {type(rate).__name__}; the variables "
            "of a model are given to each step, opt.apply(gradients, model.variables())"
        )
    if isinstance(rate, (int, float, np.number)) and not rate >= 0:
        raise InputError(f"a learning rate is not negative, as {rate} is; a step goes down the gradient by itself")
    return rate


def fraction(name: str, value: float) -> float:
    """The value, which is the part of a running mean that is kept, if 0 <= value < 1; an error otherwise."""
    if not 0 <= value < 1:
        raise InputError(f"{name} is the part that is kept, 0 <= {name} < 1, not {value}")
    return float(value)


def not_negative(name: str, value: float) -> float:
    """The value, if it is a number from 0 on; an error otherwise."""
    if not value >= 0:
        raise InputError(f"{name} is not negative, as {value} is")
    return float(value)


def count(name: str, value: int) -> int:
    """The value, if it is a number of steps from 1 on; an error otherwise."""
    if not value >= 1 or value != int(value):
        raise InputError(f"{name} is a number of steps, 1 or more, not {value}")
    return int(value)


def _called(i: int, variable: Variable) -> str:
    name = f" {variable.name!r}" if variable.name else ""
    return f"variable{name} (number {i}, shape {variable.shape})"
