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


@mistake(UserError, met="there is no demo 'tetris'", expected="there are linear, mnist, convnet, cifar, text")
def an_unknown_demo():
    command("demo tetris")


@mistake(UserError, met="there is no demo 'tetris'", expected="there are linear, mnist, convnet, cifar, text")
def an_unknown_network_to_profile():
    command("profile tetris")


@mistake(
    UserError,
    met="argument COMMAND: invalid choice",
    expected="'train' (choose from 'demo', 'profile'); see python -m ntb --help",
)
def an_unknown_command():
    command("train mnist")


@mistake(UserError, met="unrecognized arguments", expected="--epochs 3; see python -m ntb --help")
def an_unknown_option():
    command("demo mnist --epochs 3")


@mistake(
    UserError,
    met="not 'many'; see python -m ntb demo --help",
    expected="argument --steps: expected a whole number from 1 on",
)
def a_number_of_steps_that_is_none():
    command("demo mnist --steps many")


@mistake(
    UserError,
    met="not '0'; see python -m ntb demo --help",
    expected="argument --steps: expected a whole number from 1 on",
)
def no_steps():
    command("demo mnist --steps 0")


@mistake(
    UserError,
    met="argument --style: invalid choice",
    expected="'fast' (choose from 'eager', 'graph', 'both'); see python -m ntb demo --help",
)
def an_unknown_style():
    command("demo mnist --style fast")


@mistake(UserError, met="a graph is always replayed", expected="leave --no-replay out, or --style")
def a_graph_that_is_not_to_be_replayed():
    command("demo mnist --style graph --no-replay")


@mistake(UserError, met="the demo linear makes its own data", expected="leave --data out")
def data_for_a_demo_that_makes_its_own():
    command("demo linear --data numbers.csv")


@mistake(
    UserError,
    met="MNIST is not complete in downloads: none of train-images-idx3-ubyte",
    expected="The four files can be had from http://yann.lecun.com/exdb/mnist/ or any of its mirrors",
    repair="load() without a folder needs no files",
)
def a_demo_with_a_wrong_data_folder():
    command("demo mnist --data downloads")


@mistake(
    UserError,
    met="shakespeare.txt is neither a file nor one of the texts that come with ntb",
    expected="us_constitution.txt",
)
def a_demo_with_a_text_that_is_not_there():
    command("demo text --data shakespeare.txt")


@mistake(UserError, met="cannot write to results (File exists)", expected="name another folder with --out")
def a_folder_for_results_that_is_a_file():
    Path("results").write_text("a file, not a folder")
    command("demo linear --out results")


@mistake(UserError, met="cannot write results/profile.html (Is a directory)", expected="name another folder with --out")
def a_page_that_cannot_be_written():
    Path("results/profile.html").mkdir(parents=True)
    command("profile linear --out results --repeat 1")
