"""Names for the values of a program, taken from the user's own: parameters, variables, and what lines assign to."""

from __future__ import annotations

import inspect
import re
import textwrap
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from ..errors import InputError
from ..naming import TakenNames, assigned, reading
from ..variable import Variable
from .code import Code, Instruction, Ref
from .findings import MISSING, cell_contents
from .lookups import dict_of


def name_values(code: Code, function: Callable[..., Any]) -> None:
    """Fill `code.names`: `w` for a variable, `loss` for what `loss = …` made, `d_loss` for its gradient."""
    own_names = _names_of_state([*code.variables, *code.assignments], function)
    names = code.names
    names.update((ref, _identifier(name)) for name, ref in code.inputs)
    taken = TakenNames(names[ref] for _, ref in code.inputs)
    for variable, ref in code.variables.items():
        names[ref] = taken.take(own_names[variable])  # gradients are named after it
    for ref, name in _assigned_values(code, assigned_names(function)):
        names.setdefault(ref, name)
    for value, gradient in final_gradients(code).items():
        if value in names:
            names[gradient] = f"d_{names[value]}"
    given = {*code.variables.values(), *(ref for _, ref in code.inputs)}
    for variable, ref in code.assignments.items():
        if ref not in given:  # a variable's new value has the name of the old one, which was read before
            names[ref] = names[code.variables[variable]] if variable in code.variables else own_names[variable]


def _names_of_state(variables: Iterable[Variable], function: Callable[..., Any]) -> dict[Variable, str]:
    """Each variable's own name; where several have the same, the path to it, such as `layers_0_weight`."""
    paths = {id(variable): path for path, variable in names_of_variables(function)}
    found: dict[Variable, str] = {}
    remaining = list(dict.fromkeys(variables))
    for start in (None, 1, 0):  # the own name; the path below a model; the whole path
        wanted = {}
        for v in remaining:
            path = paths.get(id(v), ())
            own = v.name or "_".join(path) or "variable"
            wanted[v] = _identifier(own if start is None or len(path) < 2 else "_".join(path[start:]))
        times = Counter([*wanted.values(), *found.values()])
        found.update((v, name) for v, name in wanted.items() if times[name] == 1)
        remaining = [v for v in remaining if v not in found]
    return {**found, **{v: wanted[v] for v in remaining}}


def _assigned_values(code: Code, targets: dict[Any, str]) -> Iterator[tuple[Ref, str]]:
    """The value that each `name = …` made: the last one of adjacent instructions whose lines assign to this name.

    Nearly all were seen in their local variables while the function ran, other than what was made last.
    """

    def target(instruction: Instruction) -> str | None:
        return targets.get(instruction.line) if instruction.section != "backward" else None

    for name, row in groupby(code.instructions, target):
        made = [i.result for i in row if type(i.result) is Ref]
        if name is not None and made and name not in [code.names.get(ref) for ref in made]:
            yield made[-1], name


def final_gradients(code: Code) -> dict[Ref, Ref]:
    """For each value its gradient: the last result that the backward walk computes toward it, and that is used."""
    needed = set(code.results())
    found: dict[Ref, Ref] = {}
    for i in reversed(code.instructions):
        if i.effect == "draw" or any(ref in needed for ref in i.writes()):
            needed.update(i.reads())
            if i.toward is not None and type(i.result) is Ref:
                found.setdefault(i.toward, i.result)
    return found


def assigned_names(function: Callable[..., Any]) -> dict[Any, str]:
    """The names that the function assigns to, by file and line; or its attribute `assigned_names`, if it has one."""
    if hasattr(function, "assigned_names"):
        return function.assigned_names
    if getattr(function, "__name__", "") == "<lambda>":  # its line may assign the function itself
        return {}
    try:
        with reading:
            lines, start = inspect.getsourcelines(function)
            file = inspect.getsourcefile(function)
    except (OSError, TypeError):
        return {}
    found = assigned(textwrap.dedent("".join(lines)))
    by_line = [(line, names[0]) for line, names in found.items() if isinstance(line, int) and len(names) == 1]
    return {(file, line + max(start, 1) - 1): name for line, name in by_line if name}


def names_of_variables(function: Callable[..., Any]) -> Iterator[tuple[tuple[str, ...], Variable]]:
    """The variables that a function can reach through its closure and globals, each with the path to it.

    What an optimizer keeps of a parameter has the parameter's path: `("model", "layers", "0", "weight_m")`.
    """
    pending: list[tuple[tuple[str, ...], Any]] = [((name,), x) for name, x in _known_to(function).items()]
    seen: set[int] = set()
    found: dict[Variable, tuple[str, ...]] = {}
    keepers = []
    while pending:
        path, x = pending.pop(0)
        if isinstance(x, Variable):
            if x not in found or (path[-1] == x.name and found[x][-1] != x.name):
                found[x] = path
            continue
        if id(x) in seen:
            continue
        seen.add(id(x))
        if len(path) < 7:
            pending += [((*path, str(key)), part) for key, part in _parts_of(x)]
            keepers += [x] if _is_keeper(x) else []
    parameters = {variable: str(n) for n, variable in enumerate(found)}
    paths = list(found.values())
    for keeper in keepers:
        for label, cell in _kept_parts(keeper, parameters):
            kind, _, owner = label.removeprefix("slots.").partition(".")
            if owner.isdecimal() and int(owner) < len(paths):
                found[cell] = (*paths[int(owner)][:-1], f"{paths[int(owner)][-1]}_{kind}")
    yield from ((path, variable) for variable, path in found.items())


def _is_keeper(x: Any) -> bool:
    """Whether it is an optimizer or such, by a method of ntb's own."""
    return (getattr(getattr(type(x), "named_parts", None), "__module__", None) or "").startswith("ntb.")


def _kept_parts(keeper: Any, names: dict[Variable, str]) -> list[tuple[str, Any]]:
    """What an optimizer keeps, by names that end with those of the parameters; nothing where it cannot tell them."""
    try:
        return list(keeper.named_parts(names))
    except (InputError, RuntimeError):  # the second, where another thread makes slots
        return []


def _known_to(function: Callable[..., Any]) -> dict[str, Any]:
    """By name, what a function's code finds in its closure and among its globals."""
    code = getattr(function, "__code__", None)
    if code is None:
        return {}
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    space = {name: x for name, cell in cells if (x := cell_contents(cell)) is not MISSING}
    return space | {name: function.__globals__[name] for name in code.co_names if name in function.__globals__}


def _parts_of(x: Any) -> Iterable[tuple[Any, Any]]:
    """The parts of a value: items by index or key, attributes by name. Modules, functions and types have none."""
    if isinstance(x, list | tuple):
        return enumerate(x[:1000])
    if isinstance(x, dict):
        return [(key, item) for key, item in x.copy().items() if isinstance(key, str)]
    if issubclass(type(x), type | types.ModuleType | types.FunctionType):
        return ()
    return (dict_of(x) or {}).copy().items()


def _identifier(name: str) -> str:
    """The name as a Python identifier: `layers.0.weight` becomes `layers_0_weight`."""
    name = re.sub(r"\W", "_", name)
    return name if name and not name[0].isdigit() else f"v_{name}"
