"""The command line."""

import contextlib
import io
from pathlib import Path

from ntb.__main__ import parser
from ntb.demos.demo import UserError

from . import mistake


def command(line):
    """What `python -m ntb` does with its arguments; the page shows it as a command."""
    options = parser().parse_args(line.split())
    with contextlib.redirect_stdout(io.StringIO()):
        options.run(options)


@mistake(UserError, met="", expected="")
def an_unknown_demo():
    command("demo tetris")


@mistake(UserError, met="", expected="")
def an_unknown_network_to_profile():
    command("profile tetris")


@mistake(UserError, met="", expected="")
def an_unknown_command():
    command("train mnist")


@mistake(UserError, met="", expected="")
def an_unknown_option():
    command("demo mnist --epochs 3")


@mistake(UserError, met="", expected="")
def a_number_of_steps_that_is_none():
    command("demo mnist --steps many")


@mistake(UserError, met="", expected="")
def no_steps():
    command("demo mnist --steps 0")


@mistake(UserError, met="", expected="")
def an_unknown_style():
    command("demo mnist --style fast")


@mistake(UserError, met="", expected="")
def a_graph_that_is_not_to_be_replayed():
    command("demo mnist --style graph --no-replay")


@mistake(UserError, met="", expected="")
def data_for_a_demo_that_makes_its_own():
    command("demo linear --data numbers.csv")


@mistake(UserError, met="", expected="")
def a_demo_with_a_wrong_data_folder():
    command("demo mnist --data downloads")


@mistake(UserError, met="", expected="")
def a_demo_with_a_text_that_is_not_there():
    command("demo text --data shakespeare.txt")


@mistake(UserError, met="", expected="")
def a_folder_for_results_that_is_a_file():
    Path("results").write_text("a file, not a folder")
    command("demo linear --out results")


@mistake(UserError, met="", expected="")
def a_page_that_cannot_be_written():
    Path("results/profile.html").mkdir(parents=True)
    command("profile linear --out results --repeat 1")
