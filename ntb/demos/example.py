"""What the examples share: options of the command line, and where pictures go."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

_Option = tuple[int | float | str, str]


class Example:
    """A run of an example, as a script or as a notebook: the same lines serve both.

        example = Example(__doc__, steps=(2000, "of training"), seed=(0, "of all draws"))
        for step in range(example.steps):
            ...
        example.show(figure, "digits")

    In a script the command line may give each option, `--steps 100`, and `--help` lists them. In a notebook each has
    its default.

    Args:
        description: what `--help` says first; the script's docstring.
        options: for each name the default, which is of the option's type, and what it is. Each becomes an attribute.
    """

    def __init__(self, description: str | None, **options: _Option) -> None:
        self._in_notebook = "ipykernel" in sys.modules
        parser = argparse.ArgumentParser(
            description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
        )
        folder = f"out/{Path(sys.argv[0]).stem}"
        for name, (default, what) in (options | {"out": (folder, "the folder for pictures")}).items():
            flag = f"--{name.replace('_', '-')}"
            parser.add_argument(flag, type=type(default), default=default, help=f"{what} (default: %(default)s)")
        vars(self).update(vars(parser.parse_args([] if self._in_notebook else None)))

    if TYPE_CHECKING:  # the options

        def __getattr__(self, name: str) -> Any: ...

    def show(self, figure: Any, name: str) -> None:
        """Show a figure of matplotlib: in a notebook below its cell, else as the file `out`/`name`.png."""
        from matplotlib import pyplot

        if self._in_notebook:
            from IPython.display import display

            display(figure)
        else:
            path = Path(self.out, f"{name}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, bbox_inches="tight")
            print(f"wrote {path}")
        pyplot.close(figure)  # else a notebook shows it once more
