"""Groups of parameters: other settings, or another optimizer, for a part of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..atomic import assign_all
from ..errors import InputError, describe
from ..variable import Variable
from .optimizer import Optimizer
from .wrapper import Wrapper

_WORDS: dict[str, Callable[[Variable], bool]] = {
    "matrices": lambda v: len(v.shape) >= 2,
    "vectors": lambda v: len(v.shape) < 2,
}
"""Selectors that have a name: weights of layers, kernels and embeddings; biases, and the gains of normalisation."""


class Groups(Wrapper):
    """An optimizer, and what is different for some parameters.

    For no weight decay on biases and norms: `Groups(AdamW(1e-3), {"vectors": {"weight_decay": 0}})`; for another rate
    in a part: `{"head.*": {"lr": 1e-2}}`; for another optimizer: `{"layers.*.weight": Muon()}`.

    Args:
        optimizer: for all parameters that are in no group.
        groups: for each selector a dict of settings that are other than this optimizer's, or an optimizer. A selector
            is "matrices" (two axes or more), "vectors" (the others), a pattern like those of files that fits a name or
            the end of a path ("bias", "head.*"), or a function of a Variable. The first one that fits counts.

    All settings but those in the dict are the optimizer's. A later change of its `lr` is one for the groups too, unless
    they have their own. Names are the paths of the model, or what a Variable was called. Parameters are of the types
    and shapes that the optimizers take.

    Raises:
        InputError: a setting that the optimizer does not have; at a step, a pattern that fits no name.

    >>> from ntb.optim import AdamW
    >>> Groups(AdamW(), {"vectors": {"weight_decay": 0.0}})
    Groups(AdamW(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.01),
        'vectors': AdamW(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.0))
    """

    def __init__(self, optimizer: Optimizer, groups: Mapping[Any, Any]) -> None:
        super().__init__(optimizer)
        if not isinstance(optimizer, Optimizer):
            raise InputError(
                f"groups are made of optimizers, not of {describe(optimizer)}; wrap the groups: "
                "ApplyIfFinite(Groups(...))"
            )
        self.groups = [_made(optimizer, settings) for settings in groups.values()]
        self._selectors = list(groups)
        for selector in groups:
            if not isinstance(selector, str) and not callable(selector):
                raise InputError(
                    "a group is selected by a pattern of names, 'matrices', 'vectors' or a function of a Variable, not "
                    f"by {describe(selector)}"
                )

    @property
    def lr(self) -> Any:
        """The learning rate of the optimizer, and of the groups that have no other."""
        return self.optimizer.lr

    @lr.setter
    def lr(self, rate: Any) -> None:
        sharing = [group for group in self.groups if group.lr is self.optimizer.lr]
        self.optimizer.lr = rate
        for group in sharing:
            group.lr = self.optimizer.lr

    def apply(self, grads: Sequence[Any], variables: Sequence[Variable], *, lr: Any = None) -> None:
        """Make one step of each optimizer with its own parameters; see `Optimizer.apply`."""
        grads, variables = list(grads), list(variables)
        members = self._members(variables)
        cells: list[Variable] = []
        values: list[Any] = []
        for optimizer, mine in zip([*self.groups, self.optimizer], members, strict=True):
            changes = optimizer.changes([grads[i] for i in mine], [variables[i] for i in mine], lr)
            cells += changes[0]
            values += changes[1]
        assign_all(cells, values)  # all groups or none

    def _members(self, variables: Sequence[Variable]) -> list[list[int]]:
        """The places of the variables of each group; the last are those of none."""
        members: list[list[int]] = [[] for _ in range(len(self._selectors) + 1)]
        fitting = [[i for i, v in enumerate(variables) if _fits(s, v)] for s in self._selectors]
        for selector, found in zip(self._selectors, fitting):
            if isinstance(selector, str) and selector not in _WORDS and not found:
                names = ", ".join(repr(v.name) for v in variables[:8]) or "none"
                raise InputError(
                    f"no parameter has a name like {selector!r}; the names are {names}{', …' * (len(variables) > 8)}. "
                    "(A model names its parameters when it is asked for them, model.trainable_variables())"
                )
        for i in range(len(variables)):
            members[next((n for n, found in enumerate(fitting) if i in found), -1)].append(i)
        return members

    def __repr__(self) -> str:
        rows = [f"    {selector!r}: {optimizer!r}" for selector, optimizer in zip(self._selectors, self.groups)]
        return "Groups(" + ",\n".join([repr(self.optimizer), *rows]) + ")"


def _made(optimizer: Optimizer, settings: Any) -> Optimizer:
    """The optimizer of a group: the one given, or one like the others with some settings changed."""
    if isinstance(settings, Optimizer):
        return settings
    if not isinstance(settings, Mapping):
        raise InputError(
            f"a group has a dict of settings or an optimizer, {{'weight_decay': 0.0}} or optim.SGD(), not "
            f"{describe(settings)}"
        )
    known = optimizer.settings()
    for name in settings:
        if name not in known:
            raise InputError(f"{type(optimizer).__name__} has no setting {name!r}; it has {', '.join(known)}")
    return type(optimizer)(**{**known, **settings})


def _fits(selector: Any, v: Variable) -> bool:
    if isinstance(selector, str):
        return _WORDS[selector](v) if selector in _WORDS else fnmatchcase(f".{v.name or ''}", f"*.{selector}")
    return bool(selector(v))
