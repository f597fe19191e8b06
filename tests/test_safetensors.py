"""The safetensors library's files and ours: each reads the other's; with the library and without it we read alike."""

import json
import sys

import numpy as np
import pytest

import ntb
from ntb import io, nn
from ntb.io import safetensors as form

library = pytest.importorskip("safetensors.numpy", reason="the library safetensors is not installed")
safe_open = sys.modules["safetensors"].safe_open

ARRAYS = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.array([True, False]),
    "n": np.array(3),
    "h": np.ones((2, 0), np.float16),
    "i": np.arange(3, dtype=np.uint8),
}


@pytest.fixture(params=["with the library", "without it"])
def reader(request, monkeypatch):
    """Reading both ways: an import of None is one that fails."""
    if request.param == "without it":
        monkeypatch.setitem(sys.modules, "safetensors", None)
    return request.param


def same(found, expected):
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape, name
        np.testing.assert_array_equal(found[name], array)


def test_ours_is_read_by_the_library(tmp_path):
    io.write(tmp_path / "a.safetensors", ARRAYS, {"epoch": 3})
    same(library.load_file(tmp_path / "a.safetensors"), ARRAYS)


def test_theirs_is_read_by_us(tmp_path, reader):
    library.save_file(ARRAYS, tmp_path / "a.safetensors", metadata={"format": "np"})
    arrays, metadata = io.read(tmp_path / "a.safetensors")
    same(arrays, ARRAYS)
    assert metadata == {"format": "np"}
    one, _ = io.read(tmp_path / "a.safetensors", names=["w"])
    same(one, {"w": ARRAYS["w"]})


def test_the_reader_is_the_one_that_is_meant(tmp_path, reader, monkeypatch):
    calls = []
    own = form._array
    monkeypatch.setattr(form, "_array", lambda *args: calls.append(1) or own(*args))
    io.write(tmp_path / "a.safetensors", ARRAYS)
    io.read(tmp_path / "a.safetensors")
    assert len(calls) == (0 if reader == "with the library" else len(ARRAYS))


@pytest.mark.parametrize("keeps", ["all of the metadata", "nothing"])
def test_a_model_that_the_library_saved_again_is_loaded(tmp_path, reader, keeps):
    path, net, other = tmp_path / "m.safetensors", nn.MLP(2, 3, 1), nn.MLP(2, 3, 1)
    net.layers[0].trainable = False
    ntb.save(path, net, {"epoch": 3})
    with safe_open(path, "np") as file:
        metadata = file.metadata() if keeps != "nothing" else None
    library.save_file(library.load_file(path), path, metadata=metadata)
    assert ntb.load(path, other) == ({"epoch": 3} if keeps != "nothing" else {})
    assert [v.numpy().tolist() for v in other.variables()] == [v.numpy().tolist() for v in net.variables()]
    assert other.layers[0].trainable == (keeps == "nothing")


def test_changed_numbers_are_noticed(tmp_path, reader):
    path = tmp_path / "m.safetensors"
    io.write(path, ARRAYS, {"epoch": 3})
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"\7")
    with pytest.raises(ntb.InputError, match="the bytes of i are not those that were written"):
        io.read(path)
    same(io.read(path, names=["w"])[0], {"w": ARRAYS["w"]})  # which is whole
    path.write_bytes(content.replace(b'\\"epoch\\": 3', b'\\"epoch\\": 4'))
    with pytest.raises(ntb.InputError, match="its metadata are not those that were written"):
        io.read(path)


def with_codes(path, entries):
    """A file of entries: name, dtype, shape and bytes."""
    header, data = {}, b""
    for name, code, shape, content in entries:
        header[name] = {"dtype": code, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def test_numbers_that_numpy_does_not_have_become_float32(tmp_path, reader):
    path = tmp_path / "m.safetensors"
    with_codes(
        path,
        [
            ("half", "BF16", [2, 1], bytes([0, 0, 192, 63])),
            ("eight", "F8_E4M3", [3], bytes([0x38, 0xB8, 0x7E])),
            ("wide", "F8_E5M2", [1, 2], bytes([0x3C, 0x7C])),
            ("scale", "F8_E8M0", [2], bytes([127, 130])),
            ("plain", "F32", [1], np.float32(2).tobytes()),
        ],
    )
    arrays, _ = io.read(path)
    expected = {"half": [[0.0], [1.5]], "eight": [1.0, -1.0, 448.0], "wide": [[1.0, np.inf]], "scale": [1.0, 8.0]}
    same(arrays, {name: np.array(x, np.float32) for name, x in {**expected, "plain": [2.0]}.items()})
    w = ntb.Variable(np.zeros((2, 1), np.float32))
    assert ntb.load(path, {"half": w}, strict=False).fitted == ["half"] and w.value.tolist() == [[0.0], [1.5]]
