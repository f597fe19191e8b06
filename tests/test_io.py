"""Checkpoints: what is saved comes back; what is damaged or does not fit changes nothing; writing is atomic."""

import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import ntb
from ntb import io, nn

FORMATS = [".npz", ".safetensors"]
DTYPES = ["?", "u1", "i2", "<i8", "f2", "<f4", ">f8", "<c8"]


def model(seed=0, dtype=np.float32):
    ntb.random.seed(seed)
    return nn.Sequential(nn.Linear(3, 4, dtype=dtype), nn.BatchNorm(4, dtype=dtype), nn.Linear(4, 2, dtype=dtype))


def values(tree):
    return [v.value.tolist() for v in ntb.state.named_variables(tree).values()]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_model_with_its_optimizer_and_generator_comes_back(tmp_path, suffix):
    def make(seed):
        net, optimizer = model(seed), ntb.optim.Adam()
        optimizer.build(net.trainable_variables())
        return {"model": net, "optimizer": optimizer, "rng": ntb.random.generator(seed)}

    first, second = make(0), make(1)
    loss = lambda: np.sum(first["model"](np.ones((2, 3), np.float32), train=True) ** 2)
    first["optimizer"].minimize(loss, first["model"].trainable_variables())
    path = tmp_path / f"checkpoint{suffix}"
    ntb.save(path, first, {"epoch": 3, "names": ["a", "b"]})
    assert values(first) != values(second)
    assert ntb.load(path, second) == {"epoch": 3, "names": ["a", "b"]}
    assert values(first) == values(second)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
@settings(max_examples=30)
@given(data=st.data())
def test_any_arrays_come_back(tmp_path_factory, suffix, data):
    names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\/:"), min_size=1, max_size=8)
    shapes = hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=3)
    arrays = st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, shapes))
    saved = data.draw(st.dictionaries(names, arrays, max_size=4))
    path = tmp_path_factory.mktemp("io") / f"a{suffix}"
    io.write(path, saved)
    loaded, metadata = io.read(path)
    assert list(loaded) == list(saved) and metadata == {}
    for name, array in saved.items():
        assert loaded[name].dtype == array.dtype.newbyteorder("=") and loaded[name].shape == array.shape
        np.testing.assert_array_equal(loaded[name], array)


def test_names_that_end_as_members_of_a_zip_do(tmp_path):
    saved = {"w.npy": np.zeros(1), "w": np.ones(2), "w.npy.npy": np.ones(3)}
    io.write(tmp_path / "m.npz", saved)
    assert {name: len(a) for name, a in io.read(tmp_path / "m.npz")[0].items()} == {"w.npy": 1, "w": 2, "w.npy.npy": 3}


def test_numpy_reads_the_npz(tmp_path):
    ntb.save(tmp_path / "m.npz", model())
    with np.load(tmp_path / "m.npz") as arrays:
        assert arrays["layers.0.weight"].shape == (3, 4)
        assert json.loads(str(arrays["__metadata__"])) == {}


def test_a_safetensors_file_is_laid_out_as_published(tmp_path):
    path = tmp_path / "m.safetensors"
    io.write(path, {"a": np.array([1, 2], np.uint8), "b": np.array(0.5, np.float32)})
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert length % 8 == 0
    assert header["a"] == {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}
    assert header["b"] == {"dtype": "F32", "shape": [], "data_offsets": [2, 6]}
    assert data[8 + length :] == b"\x01\x02" + np.float32(0.5).tobytes()
    assert all(type(v) is str for v in header["__metadata__"].values())


def test_a_safetensors_file_of_another_program(tmp_path):
    header = json.dumps({"__metadata__": {"format": "pt"}, "w": {"dtype": "I16", "shape": [1], "data_offsets": [0, 2]}})
    path = tmp_path / "m.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode() + b"\x07\x00")
    arrays, metadata = io.read(path)
    assert arrays["w"].tolist() == [7] and metadata == {"format": "pt"}


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_does_not_fit_is_refused_with_nothing_changed(tmp_path, suffix):
    path = tmp_path / f"m{suffix}"
    ntb.save(path, model(0))
    others = {
        "missing": nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(4), nn.Linear(4, 2), nn.Linear(2, 2)),
        "unexpected": nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(4)),
        r"float32\[4, 2\]; expected float32\[4, 3\]": nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(4), nn.Linear(4, 3)),
        "expected float64": model(0, np.float64),
    }
    for message, other in others.items():
        before = values(other)
        with pytest.raises(ntb.InputError, match=message) as error:
            ntb.load(path, other)
        assert str(path) in str(error.value)
        assert values(other) == before


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_truncated_or_damaged_file_is_refused(tmp_path, suffix):
    path = tmp_path / f"m{suffix}"
    ntb.save(path, model(0))
    whole = path.read_bytes()
    other = model(1)
    before = values(other)
    for cut in sorted({0, 4, 8, 100, len(whole) // 2, len(whole) - 1}):
        path.write_bytes(whole[:cut])
        with pytest.raises(ntb.InputError, match="damaged"):
            ntb.load(path, other)
    path.write_bytes(b"\xff" * 1000)
    with pytest.raises(ntb.InputError, match="damaged"):
        ntb.load(path, other)
    assert values(other) == before


@pytest.mark.parametrize(
    "header",
    [
        {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}},
        {"w": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}},
        {"w": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}},
        {"w": {"dtype": "X9", "shape": [2], "data_offsets": [0, 8]}},
        {"w": {"dtype": "F32", "shape": [2]}},
        {name: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} for name in "ab"},
        {"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}},
        {},
        [],
        {"w": 1},
    ],
)
def test_safetensors_headers_that_lie(tmp_path, header):
    text = json.dumps(header).encode()
    path = tmp_path / "m.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))
    with pytest.raises(ntb.InputError, match="damaged"):
        io.read(path)


def test_a_pickle_is_never_read(tmp_path):
    path = tmp_path / "m.npz"
    np.savez(path, w=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ntb.InputError, match="pickle"):
        io.read(path)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_a_failure_while_writing_leaves_the_old_file(tmp_path, monkeypatch, suffix, failing):
    path = tmp_path / f"m{suffix}"
    ntb.save(path, model(0))
    before = path.read_bytes()

    def fail(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(KeyboardInterrupt):
        ntb.save(path, model(1))
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def test_names_and_errors(tmp_path):
    with pytest.raises(ntb.InputError, match=r"\.npz or \.safetensors"):
        ntb.save(tmp_path / "m.pkl", model())
    with pytest.raises(FileNotFoundError):
        ntb.load(tmp_path / "none.npz", model())
    with pytest.raises(FileNotFoundError, match="no folder"):
        ntb.save(tmp_path / "none" / "m.npz", model())
    with pytest.raises(ntb.InputError, match="numbers"):
        io.write(tmp_path / "m.npz", {"text": np.array(["a"])})
    with pytest.raises(ntb.InputError, match="no dtype"):
        io.write(tmp_path / "m.safetensors", {"z": np.ones(1, complex)})
    assert os.listdir(tmp_path) == []


def with_dtype(path, code, size):
    header = json.dumps({"w": {"dtype": code, "shape": [2], "data_offsets": [0, size]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes([0, 0, 192, 63])[:size])


def test_bfloat16_becomes_float32(tmp_path):
    with_dtype(tmp_path / "m.safetensors", "BF16", 4)
    w = ntb.Variable(np.ones(2, np.float32))
    ntb.load(tmp_path / "m.safetensors", {"w": w})
    assert w.value.tolist() == [0.0, 1.5] and w.value.dtype == np.float32


@pytest.mark.parametrize("code", ["F4", "F6_E2M3"])
def test_numbers_shorter_than_a_byte_are_not_called_damaged(tmp_path, code):
    with_dtype(tmp_path / "m.safetensors", code, 2)
    with pytest.raises(ntb.InputError, match=f"w has dtype {code}, of numbers shorter than a byte") as error:
        io.read(tmp_path / "m.safetensors")
    assert "damaged" not in str(error.value)


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_was_frozen_is_saved(tmp_path, suffix):
    path, net, other = tmp_path / f"m{suffix}", model(0), model(1)
    flags = lambda m: [v.trainable for v in m.variables()]
    usual = flags(net)
    net.layers[0].weight.trainable = False
    net.layers[1].trainable = False
    ntb.save(path, net)
    other.layers[2].trainable = False
    ntb.load(path, other)
    assert flags(other) == flags(net) != usual
    other.trainable = True
    assert flags(other) == usual
    io.write(path, dict(ntb.state.snapshot(net)))  # of which nobody knows what was frozen
    ntb.load(path, other)
    assert flags(other) == usual
