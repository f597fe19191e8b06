"""Optim: a node that makes a training step when it is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ... import optim
from ...tape.listener import unheard
from ...tape.tensor import Tensor
from ...variable import Variable as Cell
from ..current import GraphError
from ..misc import number
from ..node import Node
from .leaves import Variable

if TYPE_CHECKING:
    from ..run import Run


class Rule(NamedTuple):
    """A rule of ntb: the eager optimizer, made of a rate and the options; these with their defaults; and the state by
    the names under which it is saved, each with the name of the optimizer's slot."""

    make: Callable[..., optim.Optimizer]
    options: dict[str, float]
    state: dict[str, str]


RULES = {
    "sgd": Rule(partial(optim.SGD, lr_in_velocity=True), {"momentum": 0.9}, {"velocity": "velocity"}),
    "rmsprop": Rule(optim.RMSProp, {"decay_rate": 0.99, "epsilon": 1e-8}, {"cache": "square"}),
    "adam": Rule(optim.Adam, {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, {"m": "m", "v": "v", "t": "step"}),
}


Group = tuple[optim.Optimizer, tuple[float, ...], list[Any]]
"""The parameters that share an eager optimizer, as they have the same options and have made as many steps."""


def loading(name: str) -> Callable[..., Any]:
    """A method that changes a dict, of which the optimizer is told."""

    def change(self: Config, *args: Any, **values: Any) -> Any:
        entries = self.optim.save_attributes()
        getattr(dict, name)(entries[self.i], *args, **values)
        self.optim.load_attributes(entries)
        return getattr(dict, name)(self, *args, **values)

    return change


class Config(dict):
    """The options and the state of one parameter; what is taken out of it is again as at the beginning."""

    def __init__(self, optim: Optim, i: int, entry: dict[str, Any]) -> None:
        super().__init__(entry)
        self.optim, self.i = optim, i

    __setitem__, update, __ior__, setdefault = map(loading, ("__setitem__", "update", "__ior__", "setdefault"))
    __delitem__, pop, popitem, clear = map(loading, ("__delitem__", "pop", "popitem", "clear"))

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


class Optim(Node):
    """A step of an optimizer whenever it is fetched; its value is True.

    Args:
        loss_node: a scalar; lr: a number, or a scalar node.
        update_rule: "sgd" (with momentum), "rmsprop" or "adam"; or the name of a function of a subclass of yours,
            `rule(w, dw, lr, config) -> new w`, on arrays, which keeps what it likes in the dict `config`.
        config: the rule's options, see `RULES`.
        variables: the parameters; by itself all learnable nodes that the loss depends on now.

    Attributes:
        nodes: the parameters; assign others to train these.
        configs: for each parameter a dict of its options and state; what is put there takes effect in the next step.

    A subclass may override `forw_eval(lr, d_loss)`, for example to clip the gradients, a dict by node, before
    `super().forw_eval(lr, d_loss)` makes the step.

    Raises:
        GraphError: the loss is no scalar node, or the rule or an option is not known.
    """

    mutable = disruptive = stateful = True
    differentiable = False
    shape = ()

    def __init__(
        self, loss_node: Node, lr: Any = 1e-4, update_rule: str = "sgd", config: Any = None,
        variables: Iterable[Any] | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(loss_node, Node) or loss_node.shape != ():
            raise GraphError(f"Not a valid loss node: {loss_node!r}; its shape is (), as .sum() or .mean() makes it")
        is_name = isinstance(update_rule, str) and update_rule not in NOT_RULES
        self.own: Any = getattr(type(self), update_rule, None) if is_name else None
        self.rule: Any = RULES.get(update_rule) if is_name else None
        if not callable(self.own) and self.rule is None:
            raise GraphError(f'Invalid update_rule "{update_rule}"; there are {", ".join(RULES)}')
        self.opaque = self.own is not None  # and the rule of one's own is Python, on arrays
        self.graph = loss_node.graph
        self._rule_name, self.config = update_rule, deepcopy(config or {})
        self._nodes: list[Any] = []
        self._kept: dict[Any, dict[str, Any]] = {}  # for each parameter its options and state, which may be in cells
        self.groups: list[Group] = []
        self.nodes = self.graph.learnable(loss_node) if variables is None else variables
        if not self._nodes:
            raise GraphError(f"{loss_node} depends on no learnable Variable, so that there is nothing to train")
        if not isinstance(lr, Node):
            lr = Variable(value=number("lr", lr), learnable=False, graph=self.graph)
            lr.role = "lr"
        elif lr.shape != ():
            raise GraphError(f"lr is a number or a scalar node; {lr} has the shape {lr.shape}")
        super().__init__(loss_node, lr, name=name)

    @property
    def update_rule(self) -> str:
        return self._rule_name

    @update_rule.setter
    def update_rule(self, name: Any) -> None:
        raise GraphError(f"{self} keeps its rule; make another Optim, with update_rule={name!r:.40}")

    @property
    def optimizer(self) -> optim.Optimizer:
        """The eager optimizer, of all parameters that share their options with the first."""
        return self.groups[0][0]

    @property
    def nodes(self) -> list[Any]:
        """The parameters. What is assigned replaces them: new ones begin with the options that `config` names."""
        return list(self._nodes)

    @nodes.setter
    def nodes(self, nodes: Iterable[Any]) -> None:
        nodes = list(nodes)
        for node in nodes:
            if not (isinstance(node, Variable) and node.graph is self.graph and node.learnable):
                met = f"an Optim changes learnable Variables of its graph, and {node!r:.80} is none"
                raise GraphError(f"{met}; set w.learnable = True, or leave it out")
        if len(set(nodes)) != len(nodes):
            raise GraphError("a node stands twice among those that an Optim changes; name it once")
        kept = dict(zip(self._nodes, self.save_attributes()))
        self._nodes = nodes
        self.load_attributes([kept.get(node, self.config) for node in nodes])
        if self in self.graph.nodes:  # so that runs that are known differentiate by others
            self.graph.session.forget()

    parameters = nodes

    # --- the step

    def targets(self) -> Iterable[Node]:
        return self._nodes

    def value_in(self, run: Run, *inputs: Any) -> Any:
        gradients, lr = run.gradient(self.graph.inputs[self][0], self._nodes), inputs[1]
        if self.is_opaque:
            gradients, lr = [getattr(g, "value", g) for g in gradients], getattr(lr, "value", lr)
        with unheard(run.tape):
            answer = self.forw_eval(lr, dict(zip(self._nodes, gradients)))
        return answer[0] if isinstance(answer, tuple) else answer

    def forw_eval(self, lr: Any, d_loss: Any) -> tuple[Any, Any]:
        """Make a step, from the learning rate and a dict of gradients by node; 0 stands for zeros."""
        gradients = {node: d_loss.get(node, 0) for node in self._nodes if node.learnable}
        for node, g in gradients.items():
            if not isinstance(g, Tensor):
                gradients[node] = np.broadcast_to(np.asarray(g, self.graph.dtype), node.cell.shape)
        if self.own:
            for node, value in [(n, self.own(n.value, g, lr, self._kept[n])) for n, g in gradients.items()]:
                node.value = value
        for optimizer, _, members in self.groups:
            nodes = [node for node in members if node in gradients]
            optimizer.apply([gradients[node] for node in nodes], [node.cell for node in nodes], lr=lr)
        return True, None

    # --- options and state, in the form in which they were always saved: a dict for each parameter

    @property
    def configs(self) -> list[dict[str, Any]]:
        if self.own:
            return [self._kept[node] for node in self._nodes]
        return [Config(self, i, entry) for i, entry in enumerate(self.save_attributes())]

    @configs.setter
    def configs(self, entries: Any) -> None:
        self.load_attributes(entries)

    def save_attributes(self) -> list[dict[str, Any]]:
        copied = lambda x: np.array(x.value)[()] if isinstance(x, Cell) else deepcopy(x)
        return [{key: copied(x) for key, x in self._kept[node].items()} for node in self._nodes]

    def load_attributes(self, x: Any) -> None:
        fits = isinstance(x, list | tuple) and all(isinstance(entry, Mapping) for entry in x)
        if not fits or len(x) != len(self._nodes):
            raise GraphError(f"{self} has a dict for each of its {len(self._nodes)} parameters, not this: {x!r:.80}")
        if self.own:
            self._kept = dict(zip(self._nodes, deepcopy(list(x))))
            return
        known = {**self.rule.options, **dict.fromkeys(self.rule.state, 0)}
        entries = {node: {**known, **entry} for node, entry in zip(self._nodes, x)}
        if unknown := {key for entry in entries.values() for key in entry} - known.keys():
            raise GraphError(f"{sorted(unknown)} are none of {self.update_rule}'s; it keeps {list(known)}")
        parts = self._alike(entries)
        anew = parts != [(options, nodes) for _, options, nodes in self.groups]
        groups, kept = self._grouped(parts) if anew else (self.groups, self._kept)
        for node, entry in entries.items():
            for key in [key for key, x in kept[node].items() if isinstance(x, Cell)]:
                cell, value = kept[node][key], np.asarray(entry[key])
                cell.assign(value if value.ndim else np.full(cell.shape, value, cell.dtype))
        if anew:  # what was traced has other optimizers
            self.groups, self._kept = groups, kept

    def _alike(self, entries: dict[Any, dict[str, Any]]) -> list[tuple[tuple[float, ...], list[Any]]]:
        """Each choice of options with its parameters, apart from those that have made another number of steps."""
        found: dict[Any, list[Any]] = {}
        for node, entry in entries.items():
            options = tuple([number(key, entry[key]) for key in self.rule.options])
            found.setdefault((options, number("t", entry.get("t", 0))), []).append(node)
        return [(options, nodes) for (options, _), nodes in found.items()]

    def _grouped(self, parts: list[Any]) -> tuple[list[Group], dict[Any, dict[str, Any]]]:
        """An optimizer for each choice of options, and for each parameter its options and the cells of its state."""
        groups, kept = [], {}
        for options, nodes in parts:
            optimizer = self.rule.make(0.0, *options)  # as each step is told its rate
            for node in nodes:
                node.cell.name = node.name  # of which the names of slots are made
            optimizer.build([node.cell for node in nodes])
            groups.append((optimizer, options, nodes))
            slots = {**optimizer.slots, "step": [optimizer.step] * len(nodes)}
            for i, node in enumerate(nodes):
                zeros = dict.fromkeys(self.rule.state, np.zeros(node.cell.shape))  # as a momentum of 0 has no velocity
                cells = {key: slots[slot][i] for key, slot in self.rule.state.items() if slot in slots}
                kept[node] = {**dict(zip(self.rule.options, options)), **zeros, **cells}
        return groups, kept

    def reset(self) -> None:
        """Forget the state, and return to the options that `config` names."""
        self.load_attributes([self.config] * len(self._nodes))


NOT_RULES = frozenset(dir(Optim))
"""The names of the class itself, none of which is a rule."""
