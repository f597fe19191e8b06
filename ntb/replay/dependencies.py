"""Dependencies: the findings that a program was traced with, and whether the same is still found there.

    lr = 0.1
    @ntb.function
    def step(x): return x * lr          # `lr` is a number in the program; another `lr` makes another program

Numbers and strings count by type and value, all else by identity: an array that is changed in place counts as the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..errors import describe
from .findings import MISSING, Contents, Finding, Item, same
from .marks import Mark

_LINE = 40  # how many findings are compared in one expression


class Dependencies:
    """Findings, with the values that a program was traced with.

    Attributes:
        findings: those where another value may be found later.
        written: those whose value the traced function changed itself.
    """

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        findings = list(findings)
        self.written = [finding for finding in findings if not finding.holds(finding.now())]
        whole = {id(finding.holder) for finding in findings if type(finding) is Contents}
        self.findings = [f for f in findings if f.checked and not (type(f) is Item and id(f.holder) in whole)]
        self.unchanged = self._compiled()

    def changed(self) -> Finding | None:
        """The first finding whose value is another now; `unchanged()` tells at once that there is none."""
        renewed = False
        for finding in self.findings:
            now = finding.now()
            if now is not finding.value:
                if not finding.holds(now):
                    return finding
                finding.value = now
                renewed = True
        if renewed:  # the same values in other objects, which the quick check compares with from now on
            self.unchanged = self._compiled()
        return None

    def _compiled(self) -> Callable[[], bool]:
        """A function that is true if the very same objects are in all findings."""
        names: dict[int, str] = {}
        space: dict[str, Any] = {}

        def bind(x: Any) -> str:
            if x is None or x is True or x is False:
                return repr(x)
            name = names.setdefault(id(x), f"k{len(names)}")
            space[name] = x
            return name

        tests = [finding.test(bind) for finding in self.findings]
        lines = [" and ".join(tests[i : i + _LINE]) for i in range(0, len(tests), _LINE)]
        body = "".join(f"        if not ({line}): return False\n" for line in lines)
        source = f"def unchanged():\n    try:\n{body}        return True\n    except Exception: return False\n"
        exec(compile(source, "<replay of surroundings>", "exec"), space)
        return space.pop("unchanged")


def told(finding: Finding) -> str:
    """A finding, and what is found there instead of what was found."""
    if isinstance(finding, Mark):
        return f"{finding.name!r} went on"
    before, now = dict(finding.labelled(finding.value)), dict(finding.labelled(finding.now()))
    for key in {**before, **now}:
        a, b = before.get(key, MISSING), now.get(key, MISSING)
        if not same(a, b):
            return f"{finding.name + key!r} was {_text(a)} and is now {_text(b)}"
    return f"{finding.name!r} has changed"


def _text(x: Any) -> str:
    if x is MISSING:
        return "not there"
    text = describe(x)
    return text if len(text) < 60 else f"a {type(x).__name__}"
