"""The command line: python -m ntb."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from .demos import DEMOS
from .demos.cluster import strategy
from .demos.demo import Demo, UserError
from .demos.profiling import Profiling
from .demos.styles import agreement
from .errors import NtbError
from .progress import say

INTERRUPTED = 130  # as shells have it: 128 and the number of the signal


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")

    def print_help(self, file: Any = None) -> None:
        say(self.format_help(), end="", file=file)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, 2 for a user's mistake, 130 after Ctrl-C.

    >>> main(["demo", "tetris"])
    2
    """
    try:
        options = parser().parse_args(argv)
        if options.command is None or options.name is None:
            say(overview())
            return 0
        return options.run(options)
    except (UserError, NtbError) as error:
        say(f"ntb: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("\ninterrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        leave_readers_that_have_gone()


def leave_readers_that_have_gone() -> None:
    """Whoever read the output, `head` for example, has seen enough: Python is not to complain of it when it ends."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception:  # it was closed, or has no such method
        return


def demo(options: argparse.Namespace) -> int:
    """Run a demo."""
    module = module_of(options)
    if options.cluster and options.style != "eager":
        raise UserError("a graph is trained in this process; leave --cluster out, or --style")
    if options.style != "eager" and not options.replay:
        raise UserError("a graph is always replayed; leave --no-replay out, or --style")
    out = Path(options.out or f"out/{options.name}")
    folders = {"eager": out, "graph": out / "graph"} if options.style == "both" else {options.style: out}
    runs = []
    for style, folder in folders.items():
        with strategy(options.cluster) as there:
            run = Demo(
                options.name, steps=options.steps, seed=options.seed, data=options.data, out=folder,
                replay=options.replay, style=style, resume=options.resume, strategy=there,
            )  # fmt: skip
            module.run(run)
        if run.interrupted:
            return INTERRUPTED
        runs.append(run)
        if len(runs) < len(folders):
            say()
    if options.style == "both":
        say(agreement(*[run.memory.losses for run in runs]))
    return 0


def profile(options: argparse.Namespace) -> int:
    """Show where the time of a demo's training step goes."""
    module = module_of(options)
    run = Profiling(
        options.name, before=options.steps, repeat=options.repeat, seed=options.seed, data=options.data, out=options.out
    )
    found = run.run(module)
    path = run.path("profile.html")
    try:
        found.save(path)
    except OSError as error:
        raise UserError(f"cannot write {path} ({error.strerror}); name another folder with --out") from error
    say(f"{found}\n")
    run.finish()
    return 0


def module_of(options: argparse.Namespace) -> ModuleType:
    """The demo that is named, if it can be run with these options."""
    if options.name not in DEMOS:
        raise UserError(f"there is no demo {options.name!r}; there are {', '.join(DEMOS)}")
    module = DEMOS[options.name]
    if options.data is not None and not module.DATA:
        raise UserError(f"the demo {options.name} makes its own data; leave --data out")
    return module


def parser() -> Parser:
    """The parser of the command line."""
    top = Parser(prog="python -m ntb", description=overview(), formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    command = command_of(
        commands, "demo", demo, "train one of the networks above",
        "Train a network, show how it goes, and save what it learned.",
    )  # fmt: skip
    command.add_argument("--steps", type=whole(1), metavar="N", help="steps of training (each demo has its own number)")
    command.add_argument(
        "--style", choices=("eager", "graph", "both"), default="eager",
        help="train the network on the tape (eager), described as a graph (graph), or both, and compare the losses",
    )  # fmt: skip
    command.add_argument(
        "--no-replay", dest="replay", action="store_false", help="run each step eagerly, with the same numbers"
    )
    command.add_argument(
        "--resume", action="store_true",
        help="go on from the checkpoint that an interrupted run left in its folder, to the numbers that it "
        "would have had (by itself training begins anew)",
    )  # fmt: skip
    command.add_argument(
        "--cluster", metavar="WHERE",
        help="train on a Dask cluster: local:2 starts two workers on this machine, tcp://host:8786 is a scheduler",
    )  # fmt: skip
    command = command_of(
        commands, "profile", profile, "see where the time of a training step goes",
        "Trace a network's training step, and print its source with the time, operations and bytes of each line;\n"
        "profile.html shows the same in a browser.",
    )  # fmt: skip
    command.add_argument("--steps", type=whole(0), default=0, metavar="N", help="steps of training before it (0)")
    command.add_argument(
        "--repeat", type=whole(1), default=20, metavar="N", help="runs, of which the median counts (20)"
    )
    return top


def command_of(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str, description: str
) -> argparse.ArgumentParser:
    """The parser of a command that runs a demo, with the options that all of these have."""
    files = "\n".join(f"  {name:8} {module.DATA}" for name, module in DEMOS.items() if module.DATA)
    command = commands.add_parser(
        name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"{description}\n\n{listing()}", epilog=f"what --data names:\n{files}",
    )  # fmt: skip
    command.set_defaults(run=run)
    command.add_argument("name", nargs="?", metavar="NAME", help=", ".join(DEMOS))
    command.add_argument("--seed", type=whole(0), default=0, metavar="S", help="of the random numbers (0)")
    command.add_argument("--data", metavar="PATH", help="data from a file or folder, in place of what comes with ntb")
    command.add_argument("--out", metavar="DIR", help="folder for what is written (out/NAME)")
    return command


def whole(least: int) -> Callable[[str], int]:
    """A type of argument: whole numbers from `least` on."""

    def convert(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} on, not {text!r}")
        return int(text)

    return convert


def listing() -> str:
    """A line for each demo."""
    return "demos:\n" + "\n".join(f"  {name:8} {m.__doc__} ({m.TIME})" for name, m in DEMOS.items())


def overview() -> str:
    """What there is."""
    return (
        "ntb: automatic differentiation and deep learning on NumPy\n\n"
        f"{listing()}\n\n"
        "  python -m ntb demo convnet           train one of them; it saves to out/convnet\n"
        "  python -m ntb demo text --steps 500  stop early\n"
        "  python -m ntb demo text --resume     go on with a run that was interrupted\n"
        "  python -m ntb demo --help            all options\n"
        "  python -m ntb profile convnet        where the time of its training step goes"
    )


if __name__ == "__main__":
    sys.exit(main())
