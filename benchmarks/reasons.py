"""Why a goal is not reached, as reasons.txt says."""

from __future__ import annotations

from pathlib import Path


def _read(text: str) -> dict[str, str]:
    """Paragraphs by their headlines."""
    parts = [part.partition("\n") for part in text.split("\n= ")[1:]]
    return {headline.strip(): " ".join(paragraph.split()) for headline, _, paragraph in parts}


REASONS = _read(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8"))


def reason(goal: str, subject: str = "", threads: int | None = None) -> str:
    """Why a goal is not met for a workload or block; "" if nothing is known.

    Headlines are "goal, subject, 1 thread", "goal, subject" and "goal": the first that there is counts.
    """
    named = f"{goal}, {subject}" if subject else goal
    on = f"{named}, {threads} thread{'s' * (threads != 1)}"
    return REASONS.get(on) or REASONS.get(named) or REASONS.get(goal, "")
