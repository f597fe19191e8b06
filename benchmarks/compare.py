"""Whether the libraries do the same work: their losses in the first steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TOLERANCE = {"float32": 2e-3, "float64": 1e-7}
"""Relative; the training itself makes rounding errors grow, above all the division in Adam."""

ALONE = ("gemm",)
"""What has no losses to compare."""


def disagreement(cells: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """The cells of a row whose losses are not those that most of them have, with the reason in words."""
    compared = [cell for cell in cells if "losses" in cell and cell["library"] not in ALONE]
    if not compared:
        return
    reference = max(compared, key=lambda one: sum(worst(one, other) < tolerance(one) for other in compared))
    for cell in compared:
        difference = worst(cell, reference)
        if not difference < tolerance(cell):  # nan, too, differs
            yield cell, f"its losses differ from those of {reference['library']} by {difference:.1e} (relative)"


def tolerance(cell: dict[str, Any]) -> float:
    return TOLERANCE[cell["dtype"]]


def worst(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The greatest relative difference between the losses of two cells."""
    pairs = [(a, b) for x, y in zip(one["losses"], other["losses"]) for a, b in zip(x, y)]
    differences = [abs(a - b) / max(abs(a), abs(b), 1e-12) for a, b in pairs]
    return max(differences) if all(d == d for d in differences) else float("nan")
