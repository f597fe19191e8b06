"""Training that is killed goes on to the same numbers: the short form of reliability/kills.py."""

import subprocess
import sys

import numpy as np

from ntb import io
from reliability.kills import ROOT, differences


def test_a_run_that_was_killed_goes_on_to_the_same_numbers(tmp_path):
    """Before the first checkpoint, between two, and in the second epoch; at random moments: `python -m reliability
    kills`."""
    code = "import sys, pathlib; from reliability.kills import at_steps; "
    code += "print(at_steps(pathlib.Path(sys.argv[1]), [3, 40, 63], 70))"
    done = subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = done.stdout
    assert told.endswith("[]\n"), told
    assert "training begins anew" in told and "goes on after step 25\n" in told and "goes on after step 60\n" in told
    damage(tmp_path / "torn" / "checkpoint.npz")
    assert any("weight" in name for name in differences(tmp_path / "whole", tmp_path / "torn"))


def damage(path):
    """Change the last bit of a number in a file."""
    arrays, told = io.read(path)
    weight = arrays["state.model.layers.0.weight"]
    weight.flat[0] = np.nextafter(weight.flat[0], np.float32(1))
    io.write(path, arrays, told)
