"""Why some mutants survive: what they change makes no difference that a test should see."""

from __future__ import annotations

REASONS: dict[tuple[str, str], str] = {}
"""By file and difference, as `python -m reliability.mutants` prints it."""
