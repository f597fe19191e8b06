"""How the numbers of a profile look, in its text and on its page."""

from __future__ import annotations

from .costs import Work

TOP = 10  # how many of the most expensive are listed


def time_text(seconds: float) -> str:
    """
    >>> time_text(0.0123), time_text(4.56e-6), time_text(2.0)
    ('12.3 ms', '4.56 µs', '2.00 s')
    """
    units = (("s", 1), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9))
    unit, factor = next((u for u in units if seconds * u[1] >= 0.9995), units[-1])
    return f"{seconds * factor:#.3g}".rstrip(".") + f" {unit}"


def quantity(n: float) -> str:
    """
    >>> [quantity(n) for n in (0, 999, 1234, 56_789, 3.2e9)]
    ['0 ', '999 ', '1.2 k', '57 k', '3.2 G']
    """
    for prefix in ("", "k", "M", "G", "T"):
        if n < 999.5 or prefix == "T":
            break
        n /= 1000
    return f"{n:.0f} {prefix}" if n >= 10 or not prefix else f"{n:.1f} {prefix}"


def rates(work: Work) -> tuple[float, float]:
    """Billions of operations, and of bytes, per second."""
    per = 1e-9 / work.seconds if work.seconds else 0.0
    return work.flops * per, (work.read + work.written) * per


def cut_off(text: str, width: int = 90) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
