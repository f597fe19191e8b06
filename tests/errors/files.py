"""Checkpoints, and disks that do not take them.

The last mistakes are made in any folder: the operating system's answer is put in the place of the disk's.
"""

import builtins
import errno
import os
from pathlib import Path

import numpy as np

import ntb.io
from ntb import nn
from ntb.errors import InputError
from ntb.training import Solver

from . import mistake, replaced


@mistake(InputError, met="not as 'model.pkl'", expected="a checkpoint's name ends in .npz or .safetensors")
def a_checkpoint_with_another_ending():
    ntb.save("model.pkl", nn.Linear(3, 2))


@mistake(
    FileNotFoundError,
    met="checkpoints/model.npz cannot be written: there is no folder checkpoints",
    expected="make it first",
)
def a_checkpoint_in_a_folder_that_is_not_there():
    ntb.save("checkpoints/model.npz", nn.Linear(3, 2))


@mistake(FileNotFoundError, met="No such file or directory")
def a_checkpoint_that_is_not_there():
    ntb.load("model.npz", nn.Linear(3, 2))


@mistake(
    InputError,
    met="weight: is float32[3, 2]",
    expected="expected float32[3, 4]",
    repair="(An optimizer has its slots after a first step or opt.build(variables).)",
)
def a_checkpoint_of_another_model():
    ntb.save("model.npz", nn.Linear(3, 2))
    ntb.load("model.npz", nn.Linear(3, 4))


@mistake(
    InputError,
    met="layers.0.weight: unexpected",
    expected="weight: missing; expected float32[3, 2]",
    repair="(An optimizer has its slots after a first step or opt.build(variables).)",
)
def a_checkpoint_with_other_names():
    ntb.save("model.npz", nn.Sequential(nn.Linear(3, 2)))
    ntb.load("model.npz", nn.Linear(3, 2))


@mistake(
    InputError,
    met="w: is float64[1]",
    expected="expected int64[1]",
    repair="(An optimizer has its slots after a first step or opt.build(variables).)",
)
def a_checkpoint_of_another_dtype():
    ntb.save("model.npz", {"w": ntb.Variable([0.5])})
    ntb.load("model.npz", {"w": ntb.Variable([0])})


@mistake(
    InputError,
    met="not what its ending says: it does not end as a zip of arrays does",
    expected="model.npz is damaged or",
    repair="Save or fetch it again",
)
def a_checkpoint_that_is_a_web_page():
    Path("model.npz").write_text("<html>not found</html>")
    ntb.load("model.npz", nn.Linear(3, 2))


@mistake(
    InputError,
    met="not what its ending says: it does not end as a zip of arrays does",
    expected="model.npz is damaged or",
    repair="Save or fetch it again",
)
def a_checkpoint_that_ends_too_soon():
    ntb.save("model.npz", nn.Linear(3, 2))
    Path("model.npz").write_bytes(Path("model.npz").read_bytes()[:-100])
    ntb.load("model.npz", nn.Linear(3, 2))


@mistake(
    InputError,
    met="not what its ending says: the header is said to have 193340853072 bytes",
    expected="model.safetensors is damaged or",
    repair="Save or fetch it again",
)
def a_checkpoint_in_the_other_format():
    ntb.save("model.npz", nn.Linear(3, 2))
    Path("model.npz").rename("model.safetensors")
    ntb.load("model.safetensors", nn.Linear(3, 2))


@mistake(
    InputError,
    met="not what its ending says: its bytes are not those that were written",
    expected="model.safetensors is damaged or",
    repair="Save or fetch it again",
)
def a_safetensors_file_that_ends_too_soon():
    ntb.save("model.safetensors", nn.Linear(3, 2))
    Path("model.safetensors").write_bytes(Path("model.safetensors").read_bytes()[:-4])
    ntb.load("model.safetensors", nn.Linear(3, 2))


@mistake(InputError, met="the safetensors format has no dtype for w of complex128", expected="use .npz")
def complex_numbers_in_a_safetensors_file():
    ntb.save("model.safetensors", {"w": ntb.Variable([1j])})


@mistake(
    InputError,
    met="not {'names': dtype('<U1')}",
    expected="arrays of numbers can be saved, under any name but '__metadata__' and '__trainable__'",
)
def text_in_a_checkpoint():
    ntb.io.write("names.npz", {"names": np.array(["a", "b"])})


@mistake(InputError, met="model.npz: it was not written by Solver.save", expected="ntb.load reads files of ntb.save")
def a_checkpoint_of_a_model_loaded_by_the_solver():
    model = nn.Linear(3, 2)
    ntb.save("model.npz", model)
    Solver(lambda x: x, [1.0], state=model).load("model.npz")


@mistake(
    FileNotFoundError, met="results/model.npz cannot be written: there is no folder results", expected="make it first"
)
def a_checkpoint_below_a_file():
    Path("results").write_text("a file, not a folder")
    ntb.save("results/model.npz", nn.Linear(3, 2))


@mistake(
    OSError, met="Read-only file system: 'model.npz'", expected="model.npz was not written; what was there is as it"
)
def a_read_only_disk():
    def read_only(*_args, **_kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "model.npz")

    with replaced(builtins, "open", read_only):
        ntb.save("model.npz", nn.Linear(3, 2))


@mistake(OSError, met="No space left on device", expected="model.npz was not written; what was there is as it was")
def a_full_disk():
    def full(_file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with replaced(os, "fsync", full):
        ntb.save("model.npz", nn.Linear(3, 2))


@mistake(
    InputError,
    met="this is a Linear",
    expected="the path of the file comes first, as a string or Path",
)
def saving_with_the_arguments_exchanged():
    ntb.save(nn.Linear(3, 2), "model.npz")


@mistake(
    InputError,
    met="there is nothing to save in this dict",
    expected="Variables and generators are expected",
    repair="np.savez saves plain arrays",
)
def saving_plain_arrays():
    ntb.save("weights.npz", {"w": np.ones(3)})


@mistake(
    InputError,
    met="Object of type ndarray is not JSON serializable",
    expected="metadata are a dict of what JSON has",
    repair="convert the rest, as by float(x) or x.tolist()",
)
def metadata_that_are_no_json():
    ntb.save("model.npz", nn.Linear(3, 2), {"losses": np.ones(3)})


@mistake(
    InputError,
    met="a .npz file cannot keep the name 'w\\x00'",
    expected="use .safetensors, or rename it",
)
def a_name_with_a_zero_in_it():
    ntb.save("model.npz", {"w\0": ntb.Variable(1.0)})


@mistake(
    InputError,
    met="w has dtype F8_E4M3",
    expected="which NumPy does not have and ntb does not read",
    repair="convert it to F16 or F32 with the library that wrote it",
)
def a_safetensors_file_of_eight_bits():
    header = b'{"w":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}'
    Path("model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")
    ntb.load("model.safetensors", {"w": ntb.Variable([0.5, 0.5])})
