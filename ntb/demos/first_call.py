"""The first call of a traced function that a Python file makes: what there is in it to be explained."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any, NoReturn

from ntb.replay.function import Function

from .demo import UserError

_WANTED = "name a demo, or a Python file (train.py) that calls a function traced by ntb.function"


class _Called(BaseException):
    """Ends the file; no `except Exception` of it is in the way."""


def first_call(path: str) -> tuple[Function, tuple[Any, ...], dict[str, Any]]:
    """Run a file as far as its first call of a traced function; returns that function and its arguments.

    A file may be a whole training script: it runs as `python FILE` does, without arguments, and ends there.

    Raises:
        UserError: there is no such Python file, it ends before, or calls no traced function.
    """
    file = Path(path)
    if file.suffix != ".py":
        raise UserError(f"{path} is no Python file; {_WANTED}")
    if not file.is_file():
        raise UserError(f"there is no file {path}; {_WANTED}")
    found: list[tuple[Function, tuple[Any, ...], dict[str, Any]]] = []

    def stop(function: Function, *args: Any, **kwargs: Any) -> NoReturn:
        found.append((function, args, kwargs))
        raise _Called

    before = Function.__call__, sys.argv, list(sys.path)
    Function.__call__ = stop  # type: ignore[method-assign, assignment]
    sys.argv, sys.path[:0] = [path], [str(file.parent)]
    try:
        runpy.run_path(path, run_name="__main__")
    except _Called:
        pass
    except (Exception, SystemExit) as error:
        raise UserError(
            f"{path} ended before it called a traced function, by {type(error).__name__}: {error}; it is run without "
            "arguments, and must come as far as that call"
        ) from error
    finally:
        Function.__call__, sys.argv, sys.path[:] = before  # type: ignore[method-assign]
    if not found:
        raise UserError(
            f"{path} calls no traced function; let it give example inputs to one, step(x, y), where step is "
            "ntb.function(...), and that call is explained"
        )
    return found[0]
