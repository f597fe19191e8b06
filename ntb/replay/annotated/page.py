"""The explain page: a program's lines with their formulas, partners and live values, in one file of HTML.

What a reader without scripts sees, and what is printed, stands in the page as it is. `page.js` lights up the lines that
belong together, and shows the current one large, with what `_details` gives it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from textwrap import dedent
from typing import Any

from ...functions import name_of
from ...markup.document import document
from ...markup.python import coloured
from ..code import Code, Ref
from ..costs import Work
from ..profile import Profile
from ..quantities import time_text
from ..source import Source
from .formulas import Formulas
from .partners import Line, lines_of
from .picture import Layer, layers_of, overview
from .rules import rule_of
from .values import looks

_HERE = Path(__file__).parent
_NTB = str(_HERE.parent.parent)
_WIDE = 50
"""Letters of a formula that has no room beside its line on paper."""
_TITLES = {"forward": "Forward", "backward": "Backward", "update": "Update", "return": ""}


def page(
    code: Code, source: Source, inputs: str, leaves: Sequence[Any] | None = None, profile: Profile | None = None
) -> str:
    """The text of the page. With fed values it has what a run on them computes, with a profile the times."""
    lines = lines_of(code, source)
    formulas = _formulas(source, lines)
    seen = looks(source.code, leaves, [ref for line in lines for ref in line.results]) if leaves is not None else {}
    rules: dict[Any, int] = {}
    details = [_details(line, source, seen, rules) for line in lines]
    layers = layers_of(code, source, lines)
    rows = [_row(n, line, source, formulas, profile) for n, line in enumerate(lines)]
    helpers = {name: _helper(text, formulas) for name, text in source.helpers.items()}
    data = {"lines": details, "rules": [_rule(rule) for rule in rules], "helpers": helpers}
    body = [
        _header(code, inputs, profile),
        '<section id="stage" aria-live="polite" hidden></section>',
        f'<main>\n<div class="column">{_list(["forward"], lines, rows)}</div>',
        f'<div class="column">{_list(["backward", "update", "return"], lines, rows)}</div>\n</main>',
        _graph(source, lines, layers),
        _helpers(source),
        f'<script type="application/json" id="data">{_as_json(data)}</script>',
    ]
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return document(f"{code.name}, explained", "\n".join(body), style, script)


def _formulas(source: Source, lines: Sequence[Line]) -> Formulas:
    """A writer that knows which names are those of gradients, and which of numbers."""
    names, specs = source.names, source.code.specs
    walked = [line for line in lines if any(i.toward is not None for i in line.calls)]
    found = [names[ref] for line in walked for ref in line.results if ref in names]
    gradients = {name: name.removeprefix("d_") for name in found if name.startswith("d_")}
    sizes: dict[str, set[bool]] = {}
    for ref, name in names.items():
        sizes.setdefault(name, set()).add(not specs[ref].shape)
    return Formulas(gradients, {name for name, found in sizes.items() if found == {True}})


def _header(code: Code, inputs: str, profile: Profile | None) -> str:
    facts = [f"{len(code.instructions)} operations"]
    facts += [f"a run takes {time_text(profile.run)}"] if profile is not None else []
    keys = (
        ("↓ → space", "next line"), ("↑ ←", "line before"), ("home end", "first, last"), ("enter", "to its partner"),
        ("page down", "next part"), ("f", "formulas"), ("g", "graph"), ("+ −", "size"), ("?", "keys"),
    )  # fmt: skip
    shown = "".join(f"<span><kbd>{key}</kbd> {what}</span>" for key, what in keys)
    buttons = (
        ("first", "|◀", "first line"), ("before", "◀", "line before"), ("next", "▶", "next line"),
        ("last", "▶|", "last line"), ("formulas", "f(x)", "formulas below the lines"),
        ("graph", "graph", "the graph with its layers"), ("keys", "?", "keys"),
    )  # fmt: skip
    tools = "".join(f'<button data-do="{do}" title="{title}">{text}</button>' for do, text, title in buttons)
    return (
        f"<header><h1>{escape(code.name)} <small>({escape(inputs)})</small></h1>"
        f'<p class="facts">{", ".join(facts)}</p><nav><span>↓ ↑ step</span>{tools}</nav>'
        f'<p id="keys" hidden>{shown}</p></header>'
    )


def _list(sections: Sequence[str], lines: Sequence[Line], rows: Sequence[str]) -> str:
    """The lines of some sections, each under its heading."""
    parts: list[str] = []
    before = ""
    for line, row in zip(lines, rows):
        if line.section not in sections:
            continue
        if line.section != before:
            title = _TITLES[line.section]
            parts += ["</ol>"] if before else []
            parts += [f"<h2>{title}</h2>"] if title else []
            parts.append(f'<ol class="{line.section}">')
            before = line.section
        parts.append(row)
    return "\n".join([*parts, *(["</ol>"] if parts else [])])


def _row(n: int, line: Line, source: Source, formulas: Formulas, profile: Profile | None) -> str:
    """A line as it stands in the list: its number, its text, its formula, what it gives, its time."""
    work = profile.lines[line.number - 1].work if profile is not None else Work()
    took = f' <span class="time">{time_text(work.seconds)}</span>' if work.calls else ""
    share = f' style="--share:{profile.share(work):.3f}"' if profile is not None and work.calls else ""
    text = dedent(line.text)
    formula = formulas.of(text) if line.section != "return" else ""
    wide = " wide" if len(re.sub("<[^>]*>", "", formula)) > _WIDE else ""
    gives = ", ".join(str(source.code.specs[ref]) for ref in line.results[:3])
    return (
        f'<li id="L{n}" class="{line.section}{wide}"{share}><i>{line.number}</i><pre>{coloured(text)}</pre>'
        f'<span class="gives">{escape(gives)}{took}</span>{formula}</li>'
    )


def _details(line: Line, source: Source, seen: dict[Ref, Any], rules: dict[Any, int]) -> dict[str, Any]:
    """What the script is told of a line: partners by their positions, and what the stage shows."""
    found: dict[str, Any] = {}
    for name in ("through", "back", "updates", "uses", "used"):
        if others := sorted(getattr(line, name)):
            found[name] = others
    if line.why:
        found["why"] = line.why
    known = [
        rule for pull in {(p.operation, str(p.position)): p for p in line.pulls}.values() if (rule := rule_of(pull))
    ]
    if known:
        found["rules"] = [rules.setdefault(rule, len(rules)) for rule in dict.fromkeys(known)]
    if values := [[source.names.get(ref, ""), *seen[ref]] for ref in line.results[:3] if ref in seen]:
        found["values"] = values
    if helpers := [name for name in dict.fromkeys(name_of(i.function) for i in line.statement.calls)
                   if name in source.helpers]:  # fmt: skip
        found["helpers"] = helpers
    user = line.calls[-1].line if line.calls else None
    if user and not user[0].startswith(_NTB):
        found["user"] = f"{Path(user[0]).name}:{user[1]}"
    return found


def _rule(rule: Any) -> list[str]:
    return [rule.call, rule.argument, coloured(rule.text), rule.formula]


def _graph(source: Source, lines: Sequence[Line], layers: Sequence[Layer]) -> str:
    """The picture of the layers, and each layer to be unfolded."""
    parts = []
    for layer in layers:
        forward = sum(lines[n].section == "forward" for n in layer.lines)
        count = f"{forward} of {len(layer.lines)} lines forward"
        shown = layer.picture or "<p>There are too many lines in it for a picture.</p>"
        opened = " open" if len(layers) == 1 else ""
        parts.append(
            f'<details{opened}><summary data-line="{layer.lines[0]}">{escape(layer.name)} '
            f"<small>{count}</small></summary><figure>{shown}</figure></details>"
        )
    return (
        f'<section id="graph"><h2>The graph</h2><figure>{overview(source, lines, layers)}</figure>'
        f"<div>{''.join(parts)}</div></section>"
    )


def _helper(text: str, formulas: Formulas) -> list[str]:
    """The definition of a function, in colours, and its formula if it is a single one."""
    formula = re.fullmatch(r"def \w+\((\w+(?:, \w+)*)\):\n    return (.*)", text.strip())
    return [coloured(text.strip()), formulas.of(formula[2]) if formula else ""]


def _helpers(source: Source) -> str:
    if not source.helpers:
        return ""
    shown = "\n\n".join(coloured(text.strip()) for text in source.helpers.values())
    return (
        f'<details id="helpers"><summary>The functions that its lines call, beside NumPy\'s '
        f"<small>{len(source.helpers)}</small></summary><pre>{shown}</pre></details>"
    )


def _as_json(data: Any) -> str:
    """JSON that no text in it can end."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/").replace("<!--", "<\\!--")
