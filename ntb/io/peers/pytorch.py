"""Weights of PyTorch's models, which are told by names: from a file, or from what `state_dict` gives, and back."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ... import io
from ...errors import InputError
from ...fitting import FitReport, Rename, demand_all, demand_some, fit, renamed
from ...state import named_variables, restore
from ...variable import Variable
from .links import Link, links
from .table import TORCH

_LEFT_OUT = "num_batches_tracked"
"""Batch norm's count of its batches, which nothing of ours needs."""


def load_torch(
    source: str | os.PathLike[str] | Mapping[str, Any],
    model: Any,
    *,
    strict: bool = True,
    rename: Rename | None = None,
) -> FitReport:
    """Give a model the weights of one of PyTorch's.

    A layer's arrays are found by the path to it, as PyTorch names them: part 2 of a `Sequential` has `2.weight` and
    `2.bias`, an attribute `head` of a model has `head.weight`. What lies otherwise in PyTorch is changed: transposed
    dense weights, the order of an LSTM's gates, two biases in the place of one, the projections of attention in one
    array (`ntb/io/peers/table.py` has all of it). docs/files.md has examples.

    Args:
        source: a .safetensors or .npz file; or `net.state_dict()`, tensors or arrays by name.
        model: a layer or model of the same form.
        strict: whether all weights of the model must be there, and no others; if False, what fits is loaded.
        rename: PyTorch's names as the model would have them, for those in the source; as for `ntb.load`.

    Returns:
        A report of what fitted, by PyTorch's names. Values of another precision are converted.

    Raises:
        InputError: names or shapes differ, or, if not strict, nothing fits; nothing is changed then. A layer with no
            counterpart in PyTorch; a pickle, which is not read.

    >>> from ntb import nn
    >>> model = nn.Sequential(nn.Linear(3, 2), nn.relu, nn.Linear(2, 1, bias=False))
    >>> theirs = {"0.weight": np.ones((2, 3)), "0.bias": np.zeros(2), "2.weight": np.ones((1, 2))}
    >>> load_torch(theirs, model).fitted
    ['0.weight', '0.bias', '2.weight']
    >>> model(np.ones(3))
    Tensor([6.], dtype=float32)
    """
    found = links(model, TORCH)
    given, read = _opened(source)
    names = renamed([name for name in given if not name.endswith(_LEFT_OUT)], rename)
    expected = {name: array for link in found for name, array in link.values().items()}
    report = _whole(fit(expected, {name: given[old] for name, old in names.items()}), found)
    if strict:
        demand_all(report, "rename= makes names fit, and strict=False takes what fits.")
    demand_some(report)
    arrays = read([names[name] for name in report.fitted])
    put(model, found, {name: arrays[names[name]] for name in report.fitted})
    return report


def torch_state(model: Any) -> dict[str, np.ndarray]:
    """The weights of a model as PyTorch has them, by its names: for `load_state_dict`, or a file.

    Raises:
        InputError: a layer with no counterpart in PyTorch.

    >>> from ntb import nn
    >>> {name: a.shape for name, a in torch_state(nn.Sequential(nn.Linear(3, 2))).items()}
    {'0.weight': (2, 3), '0.bias': (2,)}

    In PyTorch: `net.load_state_dict({name: torch.tensor(a) for name, a in torch_state(model).items()})`.
    """
    return {name: np.array(array, order="C") for link in links(model, TORCH) for name, array in link.values().items()}


def put(model: Any, found: list[Link], arrays: Mapping[str, np.ndarray]) -> None:
    """Give a model the values that links make of arrays; a link is left out unless all of its arrays are there."""
    values: dict[Variable, np.ndarray] = {}
    for link in found:
        if all(name in arrays for name in link.theirs):
            values |= link.to_ours(arrays)
    named = {name: values[v] for name, v in named_variables(model).items() if v in values}
    restore(model, named, strict=False)


_Arrays = Mapping[str, np.ndarray]


def _opened(source: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[Mapping[str, Any], Callable[[Any], _Arrays]]:
    """What there is, by name, and how the arrays of some names are read."""
    if not isinstance(source, str | os.PathLike | Mapping):
        raise InputError(
            f"load_torch takes a file, or arrays by name as net.state_dict() gives them, not a {type(source).__name__}"
        )
    if not isinstance(source, Mapping):
        return io.contents(source), lambda names: io.read(source, names=names)[0]
    arrays = _by_name(source)
    return arrays, lambda names: arrays


def _by_name(source: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Tensors of PyTorch, or other arrays, as NumPy's."""
    arrays = {}
    for name, value in source.items():
        try:
            arrays[name] = np.asarray(value)
        except (TypeError, ValueError, RuntimeError) as error:
            raise InputError(
                f"{name} is a {type(value).__name__} that makes no array of NumPy's ({error}); give arrays, as by "
                "{name: t.detach().cpu().float().numpy() for name, t in net.state_dict().items()}"
            ) from None
    return arrays


def _whole(report: FitReport, found: list[Link]) -> FitReport:
    """The report, in which arrays that are of use only together with others that do not fit are missing, too."""
    given = set(report.fitted)
    halves = {
        name: f"one of {', '.join(link.theirs)}, which are loaded together"
        for link in found
        for name in link.theirs
        if name in given and not given.issuperset(link.theirs)
    }
    fitted = [name for name in report.fitted if name not in halves]
    return report._replace(fitted=fitted, missing={**report.missing, **halves})
