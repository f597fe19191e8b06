"""Optim: a node that makes a training step when it is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import optim
from ..current import GraphError
from ..misc import Shape
from ..node import Node
from .leaves import Variable

if TYPE_CHECKING:
    from ..session import Run


def sgd(config: dict[str, Any]) -> optim.Optimizer:
    return optim.SGD(momentum=config["momentum"], lr_in_velocity=True)


def rmsprop(config: dict[str, Any]) -> optim.Optimizer:
    return optim.RMSProp(decay=config["decay_rate"], eps=config["epsilon"])


def adam(config: dict[str, Any]) -> optim.Optimizer:
    return optim.Adam(beta1=config["beta1"], beta2=config["beta2"], eps=config["epsilon"])


RULES = {
    "sgd": (sgd, {"momentum": 0.9}, {"velocity": "velocity"}),
    "rmsprop": (rmsprop, {"decay_rate": 0.99, "epsilon": 1e-8}, {"cache": "square"}),
    "adam": (adam, {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, {"m": "m", "v": "v"}),
}
"""For each rule: the optimizer, the config's keys with defaults, and the slots by the names they are saved under."""


class Optim(Node):
    """A step of an optimizer whenever it is fetched; its value is True.

    Args:
        loss_node: a scalar; all learnable nodes that it depends on now are the parameters.
        lr: a number, or a scalar node.
        update_rule: "sgd" (with momentum), "rmsprop" or "adam".
        config: the rule's options, see `RULES`.
    """

    mutable = True
    disruptive = True
    differentiable = False

    def __init__(self, loss_node: Node, lr: Any = 1e-4, update_rule: str = "sgd", config: Any = None, **_: Any) -> None:
        if not isinstance(loss_node, Node) or loss_node.shape != ():
            raise GraphError(
                f"Not a valid loss node: {loss_node!r}; a loss is a node of shape (), as .sum() or .mean() makes it"
            )
        if update_rule not in RULES:
            raise GraphError(f'Invalid update_rule "{update_rule}"; there are {", ".join(RULES)}')
        if not isinstance(lr, Node):
            lr = Variable(value=float(lr), learnable=False, graph=loss_node.graph)
        super().__init__(loss_node, lr, update_rule=update_rule, config=config or {})
        self.parameters: list[Any] = self.graph.learnable(loss_node)
        self.optimizer.build([parameter.cell for parameter in self.parameters])

    def init(self, update_rule: str, config: dict[str, Any]) -> None:
        self.update_rule = update_rule
        make, defaults, self.saved_slots = RULES[update_rule]
        if unknown := set(config) - set(defaults):
            raise GraphError(f"{update_rule} has no options {sorted(unknown)}; it has {sorted(defaults)}")
        self.config = {**defaults, **config}
        self.optimizer = make(self.config)

    def infer_shape(self, loss: Shape, lr: Shape) -> Shape:
        return ()

    def targets(self) -> Iterable[Node]:
        return self.parameters

    def evaluate(self, run: Run, *inputs: Any) -> Any:
        gradients = run.gradient(self.graph.inputs[self][0], self.parameters)
        cells = [p.cell for p in self.parameters]
        self.optimizer.apply(gradients, cells, lr=inputs[1])
        return True

    # --- state, in the form in which it was always saved: a dict for each parameter

    @property
    def configs(self) -> list[dict[str, Any]]:
        return self.save_attributes()

    def save_attributes(self) -> list[dict[str, Any]]:
        saved = []
        for i, parameter in enumerate(self.parameters):
            entry = dict(deepcopy(self.config))
            for key, slot in self.saved_slots.items():
                cells = self.optimizer.slots.get(slot)  # none for the velocity of a momentum of 0
                entry[key] = np.zeros(parameter.value.shape) if cells is None else np.array(cells[i].value)
            if self.update_rule == "adam":
                entry["t"] = int(self.optimizer.step.value)
            saved.append(entry)
        return saved

    def load_attributes(self, x: Any) -> None:
        fits = isinstance(x, list | tuple) and all(isinstance(entry, dict) for entry in x)
        if not fits or len(x) != len(self.parameters):
            raise GraphError(
                f"{self} has a dict for each of its {len(self.parameters)} parameters, not this: {x!r:.80}"
            )
        for i, entry in enumerate(x):
            for key, slot in self.saved_slots.items():
                for cell in self.optimizer.slots.get(slot, [])[i : i + 1]:
                    cell.assign(entry.get(key, np.zeros(cell.shape)))
            if "t" in entry:
                self.optimizer.step.assign(int(entry["t"]))

    def reset(self) -> None:
        for cell in (self.optimizer.step, *(slot for slots in self.optimizer.slots.values() for slot in slots)):
            cell.assign(np.zeros(cell.shape, cell.dtype))
