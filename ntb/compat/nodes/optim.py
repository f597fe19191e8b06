"""Optim: a node that makes a training step when it is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import optim
from ...tape.listener import unheard
from ...tape.tensor import Tensor
from ...variable import Variable as Cell
from ..current import GraphError
from ..custom import plain
from ..misc import Shape, number
from ..node import Node
from .leaves import Variable

if TYPE_CHECKING:
    from ..run import Run


RULES: dict[str, tuple[Callable[..., optim.Optimizer], dict[str, float], dict[str, str]]] = {
    "sgd": (
        lambda momentum: optim.SGD(momentum=momentum, lr_in_velocity=True),
        {"momentum": 0.9}, {"velocity": "velocity"},
    ),
    "rmsprop": (
        lambda decay_rate, epsilon: optim.RMSProp(decay=decay_rate, eps=epsilon),
        {"decay_rate": 0.99, "epsilon": 1e-8}, {"cache": "square"},
    ),
    "adam": (
        lambda beta1, beta2, epsilon: optim.Adam(beta1=beta1, beta2=beta2, eps=epsilon),
        {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, {"m": "m", "v": "v"},
    ),
}  # fmt: skip
"""For each rule: the optimizer, the config's keys with defaults, and the slots by the names they are saved under."""


class Config(dict):
    """The options and the state of one parameter: a dict that tells its optimizer of what is put into it."""

    def __init__(self, entry: dict[str, Any], put: Callable[[str, Any], None]) -> None:
        super().__init__(entry)
        self._put = put

    def __setitem__(self, key: str, value: Any) -> None:
        self._put(key, value)
        super().__setitem__(key, value)

    def update(self, *others: Any, **values: Any) -> None:
        for key, value in dict(*others, **values).items():
            self[key] = value

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise GraphError("the options of an optimizer are set, opt.configs[0]['momentum'] = 0.5, and not taken away")

    __delitem__ = pop = popitem = clear = setdefault = __ior__ = _refuse

    def __reduce__(self) -> Any:
        return dict, (dict(self),)

    def __deepcopy__(self, memo: Any) -> dict[str, Any]:
        return deepcopy(dict(self), memo)


class Optim(Node):
    """A step of an optimizer whenever it is fetched; its value is True.

    Args:
        loss_node: a scalar.
        lr: a number, or a scalar node.
        update_rule: "sgd" (with momentum), "rmsprop" or "adam"; or the name of a function of a subclass of yours,
            `rule(w, dw, lr, config) -> new w`, on arrays, which keeps what it likes in the dict `config`.
        config: the rule's options, see `RULES`.
        variables: the parameters; by itself all learnable nodes that the loss depends on now.

    Attributes:
        nodes: the parameters; assign others to train these.
        configs: for each parameter a dict of its options and state; what is put there takes effect in the next step.

    A subclass may override `forw_eval(lr, d_loss)`, of the learning rate and a dict of gradients by node, for example
    to clip them before `super().forw_eval(lr, d_loss)` makes the step.

    Raises:
        GraphError: the loss is no scalar node, or the rule or an option is not known.
    """

    mutable = True
    disruptive = True
    differentiable = False
    stateful = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in RULES.keys() & vars(cls).keys():
            raise GraphError(
                f"class {cls.__name__} defines {name}, which is a rule of ntb's own and would not be called; give it "
                f"another name, and name it as update_rule"
            )

    def __init__(
        self, loss_node: Node, lr: Any = 1e-4, update_rule: str = "sgd", config: Any = None,
        variables: Iterable[Any] | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(loss_node, Node) or loss_node.shape != ():
            raise GraphError(
                f"Not a valid loss node: {loss_node!r}; a loss is a node of shape (), as .sum() or .mean() makes it"
            )
        if not isinstance(config, Mapping | None):
            raise GraphError(f"config is a dict of options, such as {{'momentum': 0.5}}, not {config!r:.60}")
        self.graph = loss_node.graph
        self._rule_name = update_rule
        self.rule: Any = None
        self.defaults: dict[str, Any] = {}
        if isinstance(update_rule, str) and update_rule in RULES:
            self.make, self.defaults, self.saved_slots = RULES[update_rule]
            if unknown := set(config or {}) - set(self.defaults):
                raise GraphError(f"{update_rule} has no options {sorted(unknown)}; it has {sorted(self.defaults)}")
        else:
            self.rule, self.opaque = self.own_rule(update_rule), True
        self.config = {**self.defaults, **(config or {})}
        self._nodes: list[Any] = []
        self.entries: list[dict[str, Any]] = []  # for each parameter its options; for a rule of one's own all it keeps
        self.groups: list[tuple[optim.Optimizer, list[Any]]] = []
        self.nodes = self.graph.learnable(loss_node) if variables is None else list(variables)
        if not self._nodes:
            raise GraphError(f"{loss_node} depends on no learnable Variable, so that there is nothing to train")
        if not isinstance(lr, Node):
            lr = Variable(value=number("lr", lr), learnable=False, graph=self.graph)
            lr.role = "lr"
        elif lr.shape != ():
            raise GraphError(f"lr is a number or a scalar node; {lr} has the shape {lr.shape}")
        super().__init__(loss_node, lr, name=name)

    def own_rule(self, name: str) -> Any:
        """The rule that a subclass defines, or that was put into this class."""
        rule = getattr(type(self), name, None) if isinstance(name, str) and name not in NOT_RULES else None
        if not callable(rule):
            raise GraphError(f'Invalid update_rule "{name}"; there are {", ".join(RULES)}')
        return rule

    def build(self) -> None:
        """Make an optimizer for each choice of options, with the slots that there are."""
        before = self.slots()
        by_options: dict[Any, list[Any]] = {}
        for node, options in zip(self._nodes, self.entries):
            by_options.setdefault(tuple(options.items()), []).append(node)
        groups = [(self.make(**dict(options)), nodes) for options, nodes in by_options.items()]
        for optimizer, nodes in groups:
            for node in nodes:
                node.cell.name = node.name  # of which the names of slots are made
            optimizer.build([node.cell for node in nodes])
        self.groups = groups
        for node, slots in self.slots().items():
            for key in slots.keys() & before.get(node, {}).keys():
                slots[key].assign(before[node][key])

    def slots(self) -> dict[Any, dict[str, Cell]]:
        """For each parameter its slots, by the names they are saved under, and the step counter."""
        found: dict[Any, dict[str, Cell]] = {}
        for optimizer, nodes in self.groups:
            kept = {key: optimizer.slots[slot] for key, slot in self.saved_slots.items() if slot in optimizer.slots}
            for i, node in enumerate(nodes):
                found[node] = {"t": optimizer.step} | {key: cells[i] for key, cells in kept.items()}
        return found

    @property
    def optimizer(self) -> optim.Optimizer:
        """The eager optimizer, of all parameters that share their options with the first."""
        return self.groups[0][0]

    # --- what may be set

    @property
    def update_rule(self) -> str:
        return self._rule_name

    @update_rule.setter
    def update_rule(self, name: Any) -> None:
        raise GraphError(f"{self} keeps its rule; make another Optim, with update_rule={name!r:.40}")

    @property
    def nodes(self) -> list[Any]:
        """The parameters. What is assigned replaces them: new ones begin with the options that `config` names."""
        return list(self._nodes)

    @nodes.setter
    def nodes(self, nodes: Iterable[Any]) -> None:
        nodes = list(nodes)
        for node in nodes:
            if not isinstance(node, Variable) or node.graph is not self.graph:
                raise GraphError(f"the nodes that an Optim changes are Variables of its graph; {node!r:.80} is none")
            if not node.learnable:
                raise GraphError(
                    f"{node} is not learnable, so that an Optim leaves it as it is; set its .learnable = True"
                )
        if len(set(nodes)) != len(nodes):
            raise GraphError("a node stands twice among those that an Optim changes; name it once")
        kept = dict(zip(self._nodes, self.entries))
        self.entries = [kept.get(node, dict(self.config)) for node in nodes]
        self._nodes = nodes
        if self.rule is None:
            self.build()

    parameters = nodes

    @property
    def configs(self) -> list[dict[str, Any]]:
        if self.rule is not None:
            return self.entries
        return [Config(entry, partial(self.put, i)) for i, entry in enumerate(self.save_attributes())]

    @configs.setter
    def configs(self, entries: Any) -> None:
        self.load_attributes(entries)

    # --- the step

    def infer_shape(self, loss: Shape, lr: Shape) -> Shape:
        return ()

    def targets(self) -> Iterable[Node]:
        return self._nodes

    def value_in(self, run: Run, *inputs: Any) -> Any:
        gradients = run.gradient(self.graph.inputs[self][0], self._nodes)
        with unheard(run.tape):
            if not self.follows_protocol and self.rule is None:
                self.step(gradients, inputs[1])
                return True
            d_loss = dict(zip(self._nodes, map(plain, gradients)))
            answer = self.forw_eval(plain(inputs[1]), d_loss)
        return answer[0] if isinstance(answer, tuple) else answer

    def step(self, gradients: list[Any], lr: Any) -> None:
        """A step of each optimizer."""
        by_node = dict(zip(self._nodes, gradients))
        for optimizer, group in self.groups:
            nodes = [node for node in group if node.learnable]
            optimizer.apply([by_node[node] for node in nodes], [node.cell for node in nodes], lr=lr)

    def forw_eval(self, lr: Any, d_loss: Any) -> tuple[Any, Any]:
        """Make a step, from the learning rate and a dict of gradients by node; 0 stands for zeros."""
        gradients = [
            np.broadcast_to(np.asarray(d_loss.get(node, 0), self.graph.dtype), node.value.shape) for node in self._nodes
        ]
        if self.rule is None:
            self.step(list(map(Tensor, gradients)), lr)
            return True, None
        steps = [step for step in zip(self._nodes, gradients, self.entries) if step[0].learnable]
        new = [self.rule(node.value, g, lr, config) for node, g, config in steps]
        for (node, _, _), value in zip(steps, new):
            node.value = value
        return True, None

    # --- state, in the form in which it was always saved: a dict for each parameter

    def save_attributes(self) -> list[dict[str, Any]]:
        if self.rule is not None:
            return deepcopy(self.entries)
        found, saved = self.slots(), []
        for node, options in zip(self._nodes, self.entries):
            slots = found[node]
            entry: dict[str, Any] = dict(options)
            for key in self.saved_slots:  # none for the velocity of a momentum of 0
                entry[key] = np.array(slots[key].value) if key in slots else np.zeros(node.value.shape)
            saved.append(entry | ({"t": int(slots["t"].value)} if self.update_rule == "adam" else {}))
        return saved

    def load_attributes(self, x: Any) -> None:
        fits = isinstance(x, list | tuple) and all(isinstance(entry, dict) for entry in x)
        if not fits or len(x) != len(self._nodes):
            raise GraphError(f"{self} has a dict for each of its {len(self._nodes)} parameters, not this: {x!r:.80}")
        if self.rule is not None:
            self.entries = deepcopy(list(x))
            return
        empty: dict[str, Any] = dict.fromkeys(self.saved_slots, 0.0) | {"t": 0}
        for i, entry in enumerate(x):
            self.load_entry(i, {**self.defaults, **empty, **entry})

    def put(self, i: int, key: str, value: Any) -> None:
        self.load_entry(i, {key: value})

    def load_entry(self, i: int, entry: dict[str, Any]) -> None:
        """Put options and state of a parameter; what is not named stays."""
        known = {*self.defaults, *self.saved_slots, "t"}
        if unknown := set(entry) - known:
            raise GraphError(f"{sorted(unknown)} are none of {self.update_rule}'s; it keeps {sorted(known - {'t'})}")
        before = self.entries[i]
        options = {**before, **{key: number(key, entry[key]) for key in self.defaults if key in entry}}
        if options != before:
            self.entries[i] = options
            try:
                self.build()
            except Exception:
                self.entries[i] = before
                raise
        slots = self.slots()[self._nodes[i]]
        for key in entry.keys() & slots.keys():
            value = np.asarray(entry[key])
            slots[key].assign(np.broadcast_to(value, slots[key].shape) if value.ndim == 0 else value)

    def reset(self) -> None:
        """Forget the state, and return to the options that `config` names."""
        self.load_attributes([dict(self.config) for _ in self._nodes])


NOT_RULES = frozenset(dir(Optim))
"""The names of the class itself, none of which is a rule."""
