"""Mentions: the names that a piece of code looks up, read from its instructions; and which code counts at all."""

from __future__ import annotations

import dis
import os
import sys
import types
from functools import lru_cache
from typing import NamedTuple

import numpy as np

_NTB = os.path.dirname(os.path.dirname(__file__)) + os.sep
_ROOMS = tuple(_NTB + room for room in (f"nn{os.sep}", f"optim{os.sep}", "state.py"))
_SITE = tuple(os.path.join(path, "") for path in sys.path if path.endswith(("site-packages", "dist-packages")))
_LIBRARY = os.path.dirname(os.__file__) + os.sep
_NUMPY = os.path.dirname(np.__file__) + os.sep
_BOOKKEEPING = frozenset((
    "_collections_abc", "_py_abc", "abc", "ast", "bdb", "cProfile", "codecs", "contextlib", "copyreg",
    "dis", "enum", "functools", "importlib", "importlib._bootstrap", "importlib._bootstrap_external", "inspect",
    "linecache", "logging", "opcode", "pdb", "profile", "re", "reprlib", "sre_compile", "sre_parse", "string",
    "threading", "tokenize", "traceback", "types", "typing", "unittest", "warnings", "zipimport",
))  # fmt: skip
"""Modules of Python's library whose state is caches and registers of their own; no setting of a user's is there."""

_GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "STORE_NAME", "DELETE_GLOBAL"}
_ATTRIBUTE = {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR", "LOAD_SUPER_ATTR", "IMPORT_FROM", "IMPORT_NAME"}
_BY_STRING = {"getattr", "hasattr", "setattr", "delattr", "attrgetter", "methodcaller"}
_WHOLE = {"__dict__", "vars", "dir", "getmembers", "__getstate__", "__slots__"}
_COPIERS = {"copy", "dataclasses", "pickle"}
_JUMPS = {*dis.hasjrel, *dis.hasjabs}


class Mentions(NamedTuple):
    """What a piece of code looks up.

    Attributes:
        globals: names of globals and builtins; attributes: names of attributes of any object.
        stored: those of the attributes that it may make.
        modules: the names in its imports.
        whole: whether it may look up any attribute, by a name that is not written in it.
        survives: whether it can go on when an attribute is not there.
        structure: whether it looks for variables in a tree of objects, so that numbers in it do not matter.
        own: whether it is ntb's own; all_globals: whether it may look up any global.
    """

    globals: frozenset[str]
    attributes: frozenset[str]
    stored: frozenset[str]
    modules: frozenset[str]
    whole: bool
    survives: bool
    structure: bool
    own: bool
    all_globals: bool


@lru_cache(maxsize=10_000)
def counts(file: str) -> bool:
    """Whether the code of a file counts: the user's, and the parts of ntb that hold settings; of Python's library what
    is not bookkeeping; not NumPy, nor the engine of ntb."""
    if file.startswith(_ROOMS):
        return True
    if file.startswith((_NTB, _NUMPY, "<replay of ", "<__array_function__")):
        return False
    return _module(file) not in _BOOKKEEPING


def is_of_python(file: str) -> bool:
    """Whether a file is of Python's own library."""
    return bool(_module(file))


def _module(file: str) -> str:
    """The module of Python's library that a file is of; "" for all other files."""
    if file.startswith("<frozen "):
        return file[len("<frozen ") : -1]
    if file.startswith(_LIBRARY) and not file.startswith(_SITE):
        return file[len(_LIBRARY) :].removesuffix(".py").split(os.sep)[0]
    return ""


@lru_cache(maxsize=10_000)
def mentions_of(code: types.CodeType) -> Mentions:
    """What a piece of code looks up."""
    instructions = list(dis.get_instructions(code))
    names = {i.argval for i in instructions if i.opname in _GLOBAL}
    attributes = {part for i in instructions if i.opname in _ATTRIBUTE for part in i.argval.split(".")}
    stored = {i.argval for i in instructions if i.opname == "STORE_ATTR"}
    used = names | attributes
    given = [
        _attributes_given(i.argval, instructions[n:]) for n, i in enumerate(instructions, 1) if i.argval in _BY_STRING
    ]
    return Mentions(
        frozenset(names),
        frozenset(attributes.union(*given)),
        frozenset() if code.co_filename.startswith(_NTB) else frozenset(stored),
        frozenset(i.argval for i in instructions if i.opname == "IMPORT_NAME"),
        whole=bool(used & _WHOLE) or not all(given) or _module(code.co_filename) in _COPIERS,
        survives=bool(given) or _handles_errors([i.opname for i in instructions]),
        structure=code.co_filename == _NTB + "state.py",
        own=code.co_filename.startswith(_NTB),
        all_globals=bool(names & {"globals", "eval", "exec"}),
    )


def _handles_errors(kinds: list[str]) -> bool:
    """Whether there is a `try` among the instructions; a `with` handles errors too, but has no code for them."""
    return "SETUP_FINALLY" in kinds or kinds.count("PUSH_EXC_INFO") > kinds.count("WITH_EXCEPT_START")


def _attributes_given(function: str, following: list[dis.Instruction]) -> set[str]:
    """The names of attributes that are constants in the call of such a function that begins here; empty if they are
    computed. The last instruction that leaves the stack n higher made the n-th argument."""
    made: dict[int, dis.Instruction] = {}
    depth = 0
    for i in following:
        if i.opcode in _JUMPS:  # one of several names is chosen
            return set()
        depth += dis.stack_effect(i.opcode, i.arg, jump=False)
        if depth < 0 and i.opname.startswith("CALL"):
            break
        made[depth] = i
    numbers = {"methodcaller": [1], "attrgetter": [n for n in made if n > 0]}.get(function, [2])
    texts = [made[n].argval if n in made and made[n].opname == "LOAD_CONST" else None for n in numbers]
    if depth != -1 or not all(isinstance(text, str) for text in texts):
        return set()
    return set(".".join(map(str, texts)).split("."))
