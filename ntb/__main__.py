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
from .demos.first_call import first_call
from .demos.one_step import OneStep
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
    run = OneStep(
        options.name, before=options.steps, seed=options.seed, data=options.data, out=options.out,
        look=lambda program, batch: program.profile(*batch, repeat=options.repeat),
    )  # fmt: skip
    found = run.run(module)
    save_page(run.path("profile.html"), found.save)
    say(f"{found}\n")
    run.finish()
    return 0


def explain(options: argparse.Namespace) -> int:
    """Write the page that explains a demo's training step, or the first traced function that a file calls."""
    if options.name not in DEMOS and ("." in options.name or "/" in options.name):
        return explain_file(options)
    module = module_of(options)

    def look(program: Any, batch: tuple[Any, ...]) -> None:
        save_page(run.path("explain.html"), lambda path: program.explain(path, *batch, repeat=options.repeat))

    run = OneStep(options.name, before=options.steps, seed=options.seed, data=options.data, out=options.out, look=look)
    run.run(module)
    run.finish()
    return 0


def explain_file(options: argparse.Namespace) -> int:
    """Write the page that explains the first traced function that a file calls."""
    for name, usual in (("data", None), ("steps", 0)):
        if getattr(options, name) != usual:
            raise UserError(f"--{name} is for demos; leave it out for a file")
    function, args, kwargs = first_call(options.name)
    program = function.trace(*args, **kwargs)
    path = Path(options.out or f"out/{Path(options.name).stem}", "explain.html")
    save_page(path, lambda path: program.explain(path, *args, repeat=options.repeat, **kwargs))
    say(f"{program.code.name}({program.describe_inputs()}), the first traced function that {options.name} calls")
    say(f"written to {path.parent}: {path.name}")
    return 0


def save_page(path: Path, save: Callable[[Path], Any]) -> None:
    """Write a page; that this cannot be is the user's to know."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path)
    except OSError as error:
        raise UserError(f"cannot write {path} ({error.strerror}); name another folder with --out") from error


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
    command = command_of(
        commands, "explain", explain, "see how a training step computes, goes back and updates, line by line",
        "Write explain.html: a network's training step as NumPy beside the formulas, each line of the forward pass\n"
        "linked with those of the backward pass and of the update, with the values of a run. NAME is a demo, or a\n"
        "Python file: the first function traced by ntb.function that the file calls is explained, and it stops there.",
        also=", or a Python file (train.py)",
    )  # fmt: skip
    command.add_argument("--steps", type=whole(0), default=0, metavar="N", help="steps of training before it (0)")
    command.add_argument(
        "--repeat", type=whole(1), default=20, metavar="N", help="runs, of which the median of times counts (20)"
    )
    return top


def command_of(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    description: str,
    also: str = "",
) -> argparse.ArgumentParser:
    """The parser of a command that runs a demo, or what else is named, with the options that all of these have."""
    files = "\n".join(f"  {name:8} {module.DATA}" for name, module in DEMOS.items() if module.DATA)
    command = commands.add_parser(
        name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"{description}\n\n{listing()}", epilog=f"what --data names:\n{files}",
    )  # fmt: skip
    command.set_defaults(run=run)
    command.add_argument("name", nargs="?", metavar="NAME", help=", ".join(DEMOS) + also)
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
        "  python -m ntb profile convnet        where the time of its training step goes\n"
        "  python -m ntb explain convnet        a page that explains its training step, line by line\n"
        "  python -m ntb explain train.py       the same for the first traced function that a file calls"
    )


if __name__ == "__main__":
    sys.exit(main())
