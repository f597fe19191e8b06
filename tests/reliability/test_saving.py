"""Saving: killed, cut, changed, on a full disk. The short form of reliability/saving.py."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import ntb
from ntb import io
from ntb.io import replacing
from reliability.saving import FORMATS, ROOT, damaged, model, on_a_full_disk, others


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_killed_save_leaves_the_old_file_or_the_new(tmp_path, suffix):
    """At moments that chance chooses: `python -m reliability saving`."""
    file = tmp_path / f"state{suffix}"
    code = "import sys, pathlib; from reliability.saving import killed_at_each_line as kill; "
    command = [sys.executable, "-c", code + "print(*kill(pathlib.Path(sys.argv[1])).values())", file]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    old, new = map(int, done.stdout.split())
    assert old > 15 and new > 1


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_that_was_cut_or_changed_anywhere_is_refused_or_gives_the_same_values(tmp_path, suffix):
    found = damaged(tmp_path / f"state{suffix}", 0.03)
    assert all(number > 2 for what, number in found.items() if "same" not in what)


def test_a_damaged_file_of_numpys_is_refused_or_gives_the_same_values(tmp_path):
    found = others(tmp_path / "state.npz", 0.02)
    assert found["refused"] > 100 and found["the same values"] > 5


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_leaves_the_old_file(tmp_path, suffix):
    assert on_a_full_disk(tmp_path / f"state{suffix}", 10) == 10


@pytest.mark.parametrize("suffix", FORMATS)
def test_parts_of_two_files_make_no_third(tmp_path, suffix):
    first, second, refused = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}", 0
    io.write(first, {"w": np.arange(4.0)}, {"epoch": 1})
    io.write(second, {"w": np.arange(4.0) + 1}, {"epoch": 2})
    a, b = first.read_bytes(), second.read_bytes()
    for n in range(0, len(a), 7):
        first.write_bytes(a[:n] + b[n:])
        try:
            arrays, metadata = io.read(first)
        except ntb.InputError:
            refused += 1
        else:  # what has another name is not loaded as w either
            assert "w" not in arrays or (arrays["w"][0], metadata) in ((0, {"epoch": 1}), (1, {"epoch": 2}))
    assert refused > 10


@pytest.mark.parametrize("suffix", FORMATS)
def test_files_without_our_checksums_are_read(tmp_path, suffix):
    path = tmp_path / f"old{suffix}"
    values = ntb.state.snapshot(model())
    if suffix == ".npz":
        np.savez(path, **values, __metadata__=np.array('{"epoch": 3}'))
    else:
        path.write_bytes(without_checksums(values))
    tree = model()
    assert ntb.load(path, tree) == {"epoch": 3}
    assert all(np.array_equal(values[name], value) for name, value in ntb.state.snapshot(tree).items())


def without_checksums(values):
    header, data = {"__metadata__": {"ntb": '{"epoch": 3}'}}, b""
    for name, value in values.items():
        code = {"float32": "F32", "float64": "F64", "uint64": "U64", "int64": "I64"}[str(value.dtype)]
        offsets = [len(data), len(data) + value.nbytes]
        header[name] = {"dtype": code, "shape": list(value.shape), "data_offsets": offsets}
        data += value.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def test_the_other_order_of_bytes(tmp_path):
    w = ntb.Variable([1.0, 2.0])
    np.savez(tmp_path / "w.npz", w=np.array([3.0, 4.0], ">f8"))
    ntb.load(tmp_path / "w.npz", {"w": w})
    assert w.value.tolist() == [3.0, 4.0] and w.value.dtype.isnative


def test_what_killed_savers_left_is_swept_and_what_others_write_is_not(tmp_path):
    path, other = tmp_path / "a[1].npz", tmp_path / ".b.npz.0123.part"
    left = tmp_path / f".{path.name}.0123456789ab.part"
    for file in (left, other):
        file.write_bytes(b"half")

    def slow(file):
        """While this file is written, another save of the same begins and ends."""
        beside = [name for name in os.listdir(tmp_path) if name != other.name]
        assert len(beside) == 1
        io.write(path, {"w": np.zeros(3)})
        assert sorted(os.listdir(tmp_path)) == sorted([*beside, path.name, other.name])

    replacing.replace(path, slow)
    assert sorted(os.listdir(tmp_path)) == sorted([path.name, other.name])


def test_the_folder_and_its_rights(tmp_path):
    """Files get the rights that the user's mask gives new files."""
    ntb.save(tmp_path / "a.npz", model())
    (tmp_path / "usual").write_bytes(b"")
    assert (tmp_path / "a.npz").stat().st_mode == (tmp_path / "usual").stat().st_mode
    if os.geteuid() == 0:
        pytest.skip("the superuser may write into any folder")
    before = (tmp_path / "a.npz").read_bytes()
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            ntb.save(tmp_path / "a.npz", model())
    finally:
        tmp_path.chmod(0o700)
    assert (tmp_path / "a.npz").read_bytes() == before


def test_an_interrupt_just_after_the_rename(tmp_path, monkeypatch):
    """The signal is seen when the call into C returns: the new file is there, and the interrupt is what is raised."""
    rename = os.replace

    def interrupted(*names):
        rename(*names)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ntb.save(tmp_path / "a.npz", model(), {"epoch": 1})
    monkeypatch.undo()
    assert ntb.load(tmp_path / "a.npz", model()) == {"epoch": 1} and os.listdir(tmp_path) == ["a.npz"]


def test_names_that_a_zip_cannot_keep(tmp_path):
    with pytest.raises(ntb.InputError, match="cannot keep the name"):
        io.write(tmp_path / "a.npz", {"w\0v": np.ones(1)})
    io.write(tmp_path / "a.safetensors", {"w\0v": np.ones(1)})
    assert list(io.read(tmp_path / "a.safetensors")[0]) == ["w\0v"] and os.listdir(tmp_path) == ["a.safetensors"]
