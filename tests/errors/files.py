"""Checkpoints, and disks that do not take them.

The last mistakes are made in any folder: the operating system's answer is put in the place of the disk's.
"""

import errno
import os
import tempfile
from pathlib import Path

import numpy as np

import ntb
from ntb import nn
from ntb.tape.errors import InputError
from ntb.training import Solver

from . import mistake, replaced


@mistake(InputError, met="", expected="")
def a_checkpoint_with_another_ending():
    ntb.save("model.pkl", nn.Linear(3, 2))


@mistake(FileNotFoundError, met="", expected="")
def a_checkpoint_in_a_folder_that_is_not_there():
    ntb.save("checkpoints/model.npz", nn.Linear(3, 2))


@mistake(FileNotFoundError, met="", expected="")
def a_checkpoint_that_is_not_there():
    ntb.load("model.npz", nn.Linear(3, 2))


@mistake(InputError, met="", expected="")
def a_checkpoint_of_another_model():
    ntb.save("model.npz", nn.Linear(3, 2))
    ntb.load("model.npz", nn.Linear(3, 4))


@mistake(InputError, met="", expected="")
def a_checkpoint_with_other_names():
    ntb.save("model.npz", nn.Sequential(nn.Linear(3, 2)))
    ntb.load("model.npz", nn.Linear(3, 2))


@mistake(InputError, met="", expected="")
def a_checkpoint_of_another_dtype():
    ntb.save("model.npz", {"w": ntb.Variable([0.5])})
    ntb.load("model.npz", {"w": ntb.Variable([0])})


@mistake(InputError, met="", expected="")
def a_checkpoint_that_is_a_web_page():
    Path("model.npz").write_text("<html>not found</html>")
    ntb.load("model.npz", nn.Linear(3, 2))


@mistake(InputError, met="", expected="")
def a_checkpoint_that_ends_too_soon():
    ntb.save("model.npz", nn.Linear(3, 2))
    Path("model.npz").write_bytes(Path("model.npz").read_bytes()[:-100])
    ntb.load("model.npz", nn.Linear(3, 2))


@mistake(InputError, met="", expected="")
def a_checkpoint_in_the_other_format():
    ntb.save("model.npz", nn.Linear(3, 2))
    Path("model.npz").rename("model.safetensors")
    ntb.load("model.safetensors", nn.Linear(3, 2))


@mistake(InputError, met="", expected="")
def a_safetensors_file_that_ends_too_soon():
    ntb.save("model.safetensors", nn.Linear(3, 2))
    Path("model.safetensors").write_bytes(Path("model.safetensors").read_bytes()[:-4])
    ntb.load("model.safetensors", nn.Linear(3, 2))


@mistake(InputError, met="", expected="")
def complex_numbers_in_a_safetensors_file():
    ntb.save("model.safetensors", {"w": ntb.Variable([1j])})



@mistake(InputError, met="", expected="")
def a_checkpoint_of_a_model_loaded_by_the_solver():
    model = nn.Linear(3, 2)
    ntb.save("model.npz", model)
    Solver(lambda x: x, [1.0], state=model).load("model.npz")




@mistake(FileNotFoundError, met="", expected="")
def a_checkpoint_below_a_file():
    Path("results").write_text("a file, not a folder")
    ntb.save("results/model.npz", nn.Linear(3, 2))



@mistake(OSError, met="", expected="")
def a_read_only_disk():
    def read_only(*_args, **_kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "model.npz")

    with replaced(tempfile, "mkstemp", read_only):
        ntb.save("model.npz", nn.Linear(3, 2))


@mistake(OSError, met="", expected="")
def a_full_disk():
    def full(_file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with replaced(os, "fsync", full):
        ntb.save("model.npz", nn.Linear(3, 2))
