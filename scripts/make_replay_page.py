"""Write docs/replay.md: the way of a small training step through all passes, with the list of calls after each.

    python scripts/make_replay_page.py

What is said of a pass is its docstring; the lists are those of the step below, as this file traces it.
"""

from __future__ import annotations

import difflib
import inspect
from pathlib import Path
from textwrap import dedent, fill
from typing import Any

import numpy as np

import ntb
from ntb.replay.code import Code, Instruction, Ref, called
from ntb.replay.emit import Routine
from ntb.replay.memory import Blocks, Place
from ntb.replay.passes import LOWERING, SIMPLIFYING, fold
from ntb.replay.trace import Trace, build

PAGE = Path(__file__).resolve().parent.parent / "docs" / "replay.md"

w = ntb.Variable(np.zeros((8, 4)), name="w")


def step(x, t):
    with ntb.Tape() as tape:
        y = np.ravel(np.tanh(x @ w))
        loss = np.mean((y - t) ** 2)
    worst = np.max(np.abs(y - t))
    np.mean(y)  # which nobody asks for
    w.assign_sub(0.1 * tape.gradient(loss, w))
    return loss, worst


INTRODUCTION = """# How a program comes about

`ntb.function` traces a function into a list of NumPy calls, and passes rewrite the list until it is quick to run. This
page shows the way of one training step: what each pass does, why that is allowed, and the list after it. It is written
by `scripts/make_replay_page.py`, and a test sees to it that it is true. `ntb/replay/simple.py` does the same without
any pass, in one short file, and gives the same numbers, bit for bit; so does a program without any one of the passes.
What a trace cannot see is told in [What a replay depends on](replays.md).

```python
{step}```

with `x` of shape (8192, 8) and `t` of shape (32768,), so that each value in the middle takes 256 KiB.

## The trace

All calls that the function makes when it runs once: those of the forward pass, of the backward walk, and of the update.
Numbers stand for the values. Behind each call are dtype and shape of its result. `transposed_times(a, b)`, a primitive
of ntb, is `a.T @ b`.

```
{trace}
```

In the lists below, `-` marks lines that a pass takes away, and `+` those that it puts there.
"""

CODE = """## The code that runs

`emit.py` generates Python from the last list, and that is what a replay runs: `b` are the places, `k` the functions,
constants and variables. What is fed and the variables' next arrays come in by the list `values`. The last lines give
the answer, in arrays or in tensors as the caller likes; beside it are a list of new contents for variables that are not
renewed, and what those that are have held until now.

```text
{code}
```

{bound}
"""


def page() -> str:
    """The text of docs/replay.md."""
    code, values = traced()
    letters: dict[Any, str] = {}
    before = listing(code, letters)
    parts = [INTRODUCTION.format(step=dedent(inspect.getsource(step)), trace="\n".join(before))]
    for heading, steps in (("list that `program.source` prints", SIMPLIFYING), ("list that runs", LOWERING)):
        parts.append(f"## Passes that make the {heading}\n")
        for number, one in enumerate(steps):
            code = one(code, values) if one is fold else one(code)
            after = listing(code, letters)
            file = Path(inspect.getfile(one)).name
            shown = "\n".join(difference(before, after))
            parts.append(
                f"### {number + 1}. {one.__name__} (`{file}`)\n\n{inspect.getdoc(one)}\n\n```diff\n{shown}\n```\n"
            )
            before = after
    (chunk,) = Routine(code).chunks
    lines = ["def run_0(values, arrays):", *(f"    {line}" for line in chunk.lines)]
    names = [f"`{name}` is `{text_of(chunk.namespace[name])}`" for name in chunk.bound.values()]
    bound = fill(f"Here {', '.join(names)}.", 120, break_on_hyphens=False)
    parts.append(CODE.format(code="\n".join(lines), bound=bound))
    return "\n".join(parts)


def traced() -> tuple[Code, dict[Ref, Any]]:
    """The step as it is traced."""
    x, t, trace = ntb.tensor(np.ones((8192, 8))), ntb.tensor(np.ones(32768)), Trace(step.__code__)
    with trace:
        outputs = step(x, t)
    trace.roll_back()
    return build("step", trace, [("x", x), ("t", t)], outputs)


def listing(code: Code, letters: dict[Any, str]) -> list[str]:
    """What a code reads, calls, assigns and returns, with places by letters."""
    lines = [f"{name} is {ref!r}" for name, ref in code.inputs]
    lines += [f"{variable.name} is {ref!r}" for variable, ref in code.variables.items()]
    lines += [f"constant {ref!r}: {text_of(value)}" for ref, value in code.constants.items()]
    lines += [f"{ref!r} is a view{where(code.places[ref], letters)}" for ref in fixed_views(code)]
    for i in code.instructions:
        results = ", ".join(f"{code.specs[ref]}{where(code.places.get(ref), letters)}" for ref in i.writes())
        lines.append(f"{text(i):54} # {results}")
        lines += [f"    {text(part)}" for part in getattr(i.function, "chain", ())]
    lines += [f"{variable.name} becomes {ref!r}" for variable, ref in code.assignments.items()]
    return [*lines, f"return {code.outputs}"]


def fixed_views(code: Code) -> list[Ref]:
    """What is read and has a place, though no call makes it; scratch of `run_blocks` is no view."""
    calls = [part for i in code.instructions for part in getattr(i.function, "chain", (i,))]
    made = {ref for i in calls for ref in i.writes()}
    return [
        ref for ref in dict.fromkeys(ref for i in calls for ref in i.reads()) if ref in code.places and ref not in made
    ]


def text(instruction: Instruction) -> str:
    return repr(instruction) if not isinstance(instruction.function, Blocks) else f"{instruction!r}:"


def text_of(x: Any) -> str:
    """A function, a constant or a variable, on one line."""
    if isinstance(x, ntb.Variable):
        return f"variable {x.name}"
    if not isinstance(x, np.ndarray | np.generic):
        return called(x)
    value = x.flat[0] if x.size and not any(x.strides) else "..."
    return f"{x.dtype} {value}" if not x.ndim else f"{x.dtype}{list(x.shape)} of {value}"


def where(place: Place | None, letters: dict[Any, str]) -> str:
    """A place, by a letter for its storage."""
    if place is None:
        return ""
    if place.storage.renews is not None:
        return " in the next array"
    letter = letters.setdefault(place.storage, chr(ord("A") + len(letters)))
    return f" in {letter}" + (f" at {place.storage.offset}" if place.storage.offset is not None else "")


def difference(before: list[str], after: list[str]) -> list[str]:
    """The lines of the second list, and between them those of the first that are not in it."""
    lines = [line for line in difflib.ndiff(before, after) if not line.startswith("?")]
    return [line.rstrip() for line in lines]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
