"""Why some mutants survive: what they change makes no difference that a test should see."""

from __future__ import annotations

REASONS: dict[str, str] = {}
"""By name: the file, and the lines that differ."""
