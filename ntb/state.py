"""State: everything that changes between runs, found by one walk and named by where it was found.

    model.layers[0].weight  ->  "layers.0.weight"

Saving, restoring the best epoch and resetting are loops over what `named_variables` finds. Beside the values, state is
which Variables are trainable: what is frozen comes back frozen.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set, ValuesView
from functools import lru_cache, partial
from itertools import repeat
from typing import Any, Literal, NamedTuple, overload

import numpy as np

from .atomic import set_tensor, uninterrupted
from .errors import InputError
from .fitting import FitReport, Rename, demand_all, demand_some, fit, renamed
from .foreign.libraries import to_numpy
from .random import Generator, refuse_in_traces
from .tape.tensor import Tensor
from .variable import Variable

__all__ = ["State", "compare", "named_variables", "restore", "snapshot"]

_STATELESS = (
    *(str, bytes, int, float, complex, np.generic, Tensor),
    *(type, types.ModuleType, types.FunctionType),
)


class State(dict[str, np.ndarray]):
    """Values by name, as `snapshot` gives them.

    Attributes:
        trainable: the names of the Variables that are trainable; None if that is not known, as of another program's
            file.
    """

    trainable: frozenset[str] | None = None


class Keeper:
    """What keeps Variables that belong to others, as an optimizer its slots, and names them after those."""

    def named_parts(self, names: Mapping[Variable, str]) -> Iterator[tuple[str, Any]]:
        """Its attributes, and what it keeps. `names` has the paths of all other Variables in the tree."""
        raise NotImplementedError

    def missing(self, names: Iterable[str], variables: Mapping[str, Any]) -> dict[str, tuple[Variable, Any]]:
        """What it would keep after `build`, by the names that it would give it: for each the Variable that it belongs
        to, and the value that it would begin with.

        Args:
            names: what is in a file, without the path that leads here.
            variables: all others in the tree, by their paths.
        """
        raise NotImplementedError

    def build(self, variables: Any) -> None:
        """Make what is kept for some Variables."""
        raise NotImplementedError


class Unfinished:
    """What has no Variables yet, though it will."""

    def unfinished(self, name: str) -> InputError:
        """Why, for who asks for them."""
        return InputError(f"{name or 'this'} has no Variables yet")


class _Walk(NamedTuple):
    """What was found in a tree.

    Attributes:
        found: Variables and generators, by name; keepers, too.
        hidden: Variables and generators where nothing has a name, each with that place.
        strange: generators whose state is not known here, by name.
    """

    found: dict[str, Any]
    keepers: dict[str, Keeper]
    hidden: list[tuple[str, Any]]
    strange: dict[str, Any]


def named_variables(tree: Any) -> dict[str, Any]:
    """All Variables and random generators in a tree, by name; also those of `np.random.default_rng`.

    Args:
        tree: a Variable or Generator, or a dict, list, tuple, deque, array or object (a model, an optimizer) that holds
            some at any depth. Attributes that begin with an underscore are private and left out.

    Returns:
        A dict in the order of the tree. What is held in two places is listed once, under its first name. What an
        optimizer remembers of a parameter is named after the parameter.

    Raises:
        InputError: two different ones have the same name; or one is held only where nothing has a name: by a set, as
            the key of a dict; or a layer does not know its size yet.

    >>> w = Variable(1.0)
    >>> list(named_variables({"layers": [w, Variable(2.0)], "shared": w}))
    ['layers.0', 'layers.1']
    """
    walk = _walk(tree, None)
    if walk.keepers:
        walk = _walk(tree, {v: name for name, v in walk.found.items() if isinstance(v, Variable)})
    known = set(map(_identity, walk.found.values()))
    for place, v in walk.hidden:
        if _identity(v) not in known:
            raise InputError(
                f"{place} holds a Variable or generator where nothing has a name by which it could be saved; keep it "
                "in a list, a tuple, or the values of a dict"
            )
    return walk.found


def _walk(tree: Any, names: Mapping[Variable, str] | None) -> _Walk:
    """One way through a tree; keepers are asked for what they keep if the names of all else are known."""
    walk = _Walk({}, {}, [], {})
    seen: dict[tuple[int, bool], Any] = {}  # which stay alive, as another object could get the id of one that is gone
    stack: list[tuple[str, str, Any]] = [("", "", tree)]  # name, the place that gives none, and what is there
    while stack:
        name, place, item = stack.pop()
        if item is None or isinstance(item, _STATELESS) or (id(item), bool(place)) in seen:
            continue
        seen[id(item), bool(place)] = item
        if isinstance(item, Unfinished):
            raise item.unfinished(name)
        if isinstance(item, np.random.Generator) and isinstance(item.bit_generator, np.random.PCG64):
            item = Generator.around(item)
        if isinstance(item, (np.random.Generator, np.random.RandomState)):
            walk.strange[name] = item
        elif isinstance(item, (Variable, Generator)):
            if place:
                walk.hidden.append((place, item))
            elif name in walk.found:
                raise InputError(f"two variables are both named {name!r}; rename a key that contains a dot")
            else:
                walk.found[name] = item
        else:
            if isinstance(item, Keeper) and not place:
                walk.keepers[name] = item
            parts = item.named_parts(names) if names is not None and isinstance(item, Keeper) else items_of(item)
            here = f"the {type(item).__name__} {name}".rstrip()
            below = [(_below(name, key), place, child) for key, child in parts]
            below += [(name, place or here, member) for member in _nameless(item)]
            stack.extend(reversed(below))
    return walk


def _identity(v: Any) -> int:
    """What a Variable, or a generator of NumPy's within one of ours, is told by."""
    return id(v.numpy if isinstance(v, Generator) else v)


def _below(name: str, key: Any) -> str:
    return f"{name}.{key}" if name else str(key)


def items_of(item: Any) -> Iterator[tuple[Any, Any]]:
    """What a container or object holds, with keys."""
    kind: Any = type(item)
    if isinstance(item, Mapping):
        yield from item.items()
    elif isinstance(item, (list, tuple, deque, ValuesView)):
        yield from enumerate(item)
    elif isinstance(item, np.ndarray):
        if item.dtype == object:
            yield from ((".".join(map(str, index)) or "0", item[index]) for index in np.ndindex(item.shape))
        return
    own = getattr(item, "__dict__", {})
    for name, value in own.items():
        if not name.startswith("_"):
            yield name, value
    for name in _in_class(kind):
        holder = kind if isinstance(getattr(kind, name), partial) else item  # since Python 3.13 an object binds it
        if name not in own and hasattr(holder, name):
            yield name, getattr(holder, name)


@lru_cache(maxsize=1000)
def _in_class(kind: type) -> tuple[str, ...]:
    """The names of slots, and of what all objects of a class share and may hold state: no method, no number."""
    found = [(name, x) for base in kind.__mro__ for name, x in vars(base).items() if not name.startswith("_")]
    slots = {name for name, x in found if isinstance(x, types.MemberDescriptorType)}
    held = {name for name, x in found if not isinstance(x, _STATELESS) and not _is_method(x)}
    return tuple(dict.fromkeys(name for name, _ in found if name in slots | held))


def _is_method(x: Any) -> bool:
    """Whether an attribute of a class is a method, a property or the like: it is computed when an object is asked."""
    return hasattr(type(x), "__get__") and not isinstance(x, partial)


def _nameless(item: Any) -> list[Any]:
    """What is in places of a container that have no names."""
    if isinstance(item, Set):
        return list(item)
    if isinstance(item, Mapping):
        return [key for key in item if not isinstance(key, _STATELESS)]
    if isinstance(item, np.ndarray) and item.dtype.hasobject and item.dtype != object:
        return [item.tolist()]
    return []


def snapshot(tree: Any) -> State:
    """Copies of all values in a tree, by name.

    Raises:
        InputError: as for `named_variables`; or there is a generator of another kind than `default_rng` makes.

    >>> w = Variable([1.0])
    >>> before = snapshot({"w": w})
    >>> w.assign([2.0])
    >>> restore({"w": w}, before)
    >>> w
    Variable([1.])
    """
    variables = named_variables(tree)
    for name, strange in _walk(tree, None).strange.items():
        raise InputError(
            f"the state of {name or 'this'}, {strange}, is not known here and would not be saved; use "
            "ntb.random.generator(seed) or np.random.default_rng(seed)"
        )
    state = State((name, np.array(to_numpy(variable.value))) for name, variable in variables.items())
    state.trainable = frozenset(name for name, variable in variables.items() if variable.trainable)
    return state


@overload
def restore(
    tree: Any, values: Mapping[str, np.ndarray], *, strict: Literal[True] = True, rename: Rename | None = None
) -> None: ...
@overload
def restore(
    tree: Any, values: Mapping[str, np.ndarray], *, strict: Literal[False], rename: Rename | None = None
) -> FitReport: ...
def restore(
    tree: Any, values: Mapping[str, np.ndarray], *, strict: bool = True, rename: Rename | None = None
) -> FitReport | None:
    """Put values back that `snapshot` gave. Either all are put in, or, if there is anything wrong with one, none.

    An optimizer that has no slots yet gets those that the values are for.

    Args:
        tree: as for `named_variables`.
        values: an array for every name in the tree, of the same shape and dtype, and no others. Where they are a
            `State` that knows what was trainable, Variables are made trainable, or frozen, as they were.
        strict: if False, what fits is put in, in the precision of the tree, and the rest of the tree stays as it is.
        rename: new names for the values, as for `ntb.fitting.renamed`.

    Returns:
        None; if not strict, a report of what fitted.

    Raises:
        InputError: lists every name that is missing or unexpected and every shape and dtype that differs; if not
            strict, nothing fits; or the state of a generator is none.

    >>> w = Variable([1.0])
    >>> restore({"w": w}, {"old": np.array([3.0]), "b": np.zeros(2)}, strict=False, rename={"old": "w"})
    1 of 1 expected values were given: w
    unexpected, and left out:
      b: float64[2]
    """
    names = renamed(values, rename)
    given = {name: values[old] for name, old in names.items()}
    report, builds = _compared(tree, given, strict)
    for keeper, served in builds:
        keeper.build(served)
    variables = named_variables(tree)
    fitted = {name: variables[name] for name in report.fitted}
    cells = {v: Tensor(np.array(given[n], v.dtype)) for n, v in fitted.items() if isinstance(v, Variable)}
    tensors = [variable.get().like(value).held(variable.id) for variable, value in cells.items()]
    generators = [v.restoring(given[name]) for name, v in fitted.items() if isinstance(v, Generator)]
    if generators:
        refuse_in_traces("restored")
    known: frozenset[str] | None = getattr(values, "trainable", None)
    flags = {v: names[n] in known for n, v in fitted.items() if isinstance(v, Variable)} if known is not None else {}
    uninterrupted(
        map(set_tensor, cells, tensors),
        map(setattr, flags, repeat("trainable"), flags.values()),
        again=generators,
    )
    return None if strict else report


def compare(tree: Any, values: Mapping[str, Any], *, strict: bool = True) -> FitReport:
    """Whether values fit into a tree, by name, shape and dtype.

    Args:
        values: by name arrays, or anything else with a dtype and a shape.
        strict: if False, it is enough if any fits.

    Raises:
        InputError: they do not; see `restore`.
    """
    return _compared(tree, values, strict)[0]


def _compared(
    tree: Any, values: Mapping[str, Any], strict: bool
) -> tuple[FitReport, list[tuple[Keeper, list[Variable]]]]:
    """What fits, and the Variables that keepers must be built for before."""
    expected = dict(named_variables(tree))
    slots: dict[str, tuple[Keeper, Variable]] = {}
    for path, keeper in _walk(tree, None).keepers.items():
        within = [name.removeprefix(_below(path, "")) for name in values if name.startswith(_below(path, ""))]
        for name, (owner, first) in keeper.missing(within, expected).items():
            expected[_below(path, name)] = first
            slots[_below(path, name)] = keeper, owner
    report = fit(expected, values, convert=not strict)
    if strict:
        demand_all(report, "An optimizer has its slots after a first step or opt.build(variables).")
    else:
        demand_some(report)
    fitted = [slots[name] for name in report.fitted if name in slots]
    keepers = {id(keeper): keeper for keeper, _ in fitted}.values()
    return report, [(keeper, list(dict.fromkeys(v for k, v in fitted if k is keeper))) for keeper in keepers]
