"""The mutants: small faults, made by cosmic-ray's operators, and a random sample of them."""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

FOLDERS = ("tape", "ops", "compat")

OPERATORS = {name.partition("/")[2]: get_operator(name) for name in operator_names()}
OPERATORS = {name: operator() for name, operator in OPERATORS.items() if not operator.arguments()}
"""Those that need no choice of names: operators, comparisons, numbers, truth values, decorators, exceptions, loops."""


@dataclass(frozen=True)
class Mutant:
    """A file with one fault in it; its name tells the file and the lines that differ."""

    file: str
    line: int
    source: str
    name: str


@dataclass(frozen=True)
class Place:
    """Where an operator can change a file; `words` name the place even when lines are added above it."""

    file: str
    line: int
    words: str


def sample(root: Path, each: int, seed: int) -> list[Mutant]:
    """`each` mutants of each folder: first a place is drawn, then one of the changes there.

    What is drawn is what has the smallest hash, so that a change of the source leaves the rest of the sample as it was.
    """
    return [mutant for folder in FOLDERS for mutant in islice(mutants(root, folder, str(seed)), each)]


def mutants(root: Path, folder: str, seed: str) -> Iterator[Mutant]:
    """All places of a folder in the order of the draw, with a mutant at each."""
    places: dict[Place, list[tuple[str, int]]] = {}
    for path in sorted((root / "ntb" / folder).rglob("*.py")):
        places |= changes(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    for place in sorted(places, key=lambda place: drawn(seed, place.file, place.words)):
        name, occurrence = min(
            places[place], key=lambda change: drawn(seed, place.file, place.words, change[0], change[1])
        )
        before = (root / place.file).read_text(encoding="utf-8")
        after = mutate_code(before, OPERATORS[name], occurrence)
        if meaning(after) not in (None, meaning(before)):
            yield Mutant(place.file, place.line, after, f"{place.file}\n{difference(before, after)}")


def drawn(*what: object) -> bytes:
    return hashlib.sha256(repr(what).encode()).digest()


def changes(file: str, text: str) -> dict[Place, list[tuple[str, int]]]:
    """The changes that can be made at each place of a file: the operator, and which of its occurrences it is."""
    found, seen, lines = defaultdict(list), Counter(), text.splitlines()
    nodes = list(ast_nodes(get_ast(text)))
    where: dict[tuple, Place] = {}
    for name, operator in OPERATORS.items():
        spots = [spot for node in nodes for spot in operator.mutation_positions(node)]
        for occurrence, (start, end) in enumerate(spots):
            if (start, end) not in where:
                words = f"{lines[start[0] - 1].strip()} {start[1]}-{end[1]}"
                seen[words] += 1
                where[start, end] = Place(file, start[0], f"{words} {seen[words]}")
            found[where[start, end]].append((name, occurrence))
    return dict(found)


class Erase(ast.NodeTransformer):
    """Takes out what does not run: annotations, and imports for them."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if "TYPE_CHECKING" in ast.unparse(node.test) else self.generic_visit(node)


def meaning(text: str) -> str | None:
    """What a program's text says to the interpreter; nothing if it is no program."""
    try:
        return ast.dump(Erase().visit(ast.parse(text)))
    except SyntaxError:
        return None


def difference(before: str, after: str) -> str:
    """The lines that differ, those before with a minus and those after with a plus."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n".join(
        f"{line[0]} {line[1:].strip()}".rstrip() for line in lines if not line.startswith(("---", "+++", "@@"))
    )
