"""An extension of griffe, which reads the docstrings for mkdocs.yml: examples, `>>>`, are shown as code.

griffe reads the source and runs none of it, so it does not know the docstrings of classes that are made by a call, as
activations as layers are. They are taken from the classes.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

import griffe


class ExamplesAsCode(griffe.Extension):
    """Puts the examples of every docstring between fences; Markdown takes `>>>` for a quotation."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if not obj.docstring and obj.is_attribute and obj.parent and obj.parent.is_module:
            made = getattr(sys.modules.get(obj.parent.path), obj.name, None)
            if inspect.isclass(made) and made.__doc__:
                obj.docstring = griffe.Docstring(inspect.getdoc(made) or "", parent=obj, parser=griffe.Parser.google)
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    """The text with a fence around each example, which goes to the next empty line.

    >>> fenced("The sum.\\n\\n>>> 1 + 1\\n2").splitlines()
    ['The sum.', '', '```pycon', '>>> 1 + 1', '2', '```']
    """
    lines, fence = [], ""
    for line in [*text.splitlines(), ""]:
        indent = line[: len(line) - len(line.lstrip())]
        if not fence and line.startswith(f"{indent}>>>"):
            fence = f"{indent}```"
            lines.append(f"{fence}pycon")
        elif fence and not line.strip():
            lines.append(fence)
            fence = ""
        lines.append(line)
    return "\n".join(lines[:-1])
