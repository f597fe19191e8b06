import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from ntb.datasets import idx, mnist

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_embedded_data.py"


def write_part(folder, part, labels, mark="-", end=""):
    """Images whose every pixel says which label and row they are."""
    images = np.broadcast_to((labels + 10 * np.arange(len(labels)))[:, None, None] % 256, (len(labels), 28, 28))
    idx.write(folder / f"{part}-images{mark}idx3-ubyte{end}", images.astype(np.uint8))
    idx.write(folder / f"{part}-labels{mark}idx1-ubyte{end}", labels.astype(np.uint8))


@pytest.fixture
def folder(tmp_path):
    write_part(tmp_path, "train", np.arange(20) % 10)
    write_part(tmp_path, "t10k", np.array([3, 1, 4]))
    return tmp_path


def test_embedded_subset():
    data = mnist.load()
    for x, y, n in [(data.x_train, data.y_train, 6000), (data.x_val, data.y_val, 1000)]:
        assert x.shape == (n, 1, 28, 28) and x.dtype == np.uint8
        assert y.dtype == np.int64 and np.bincount(y).tolist() == [n // 10] * 10
        assert set(y[:100]) == set(range(10)), "the classes are not mixed"
    assert data.classes == tuple("0123456789")
    assert len(np.unique(np.concatenate([data.x_train, data.x_val]), axis=0)) == 7000
    assert sum(path.stat().st_size for path in mnist.EMBEDDED.iterdir()) < 2_000_000


def test_embedded_labels_belong_to_their_images():
    data = mnist.load().scaled()
    means = np.array([data.x_train[data.y_train == digit].mean(axis=0).ravel() for digit in range(10)])
    distances = ((data.x_val.reshape(-1, 1, 784) - means) ** 2).sum(axis=2)
    assert (distances.argmin(axis=1) == data.y_val).mean() > 0.75


@pytest.mark.parametrize("mark", ["-", "."])
@pytest.mark.parametrize("end", ["", ".gz"])
def test_a_folder_with_either_spelling(tmp_path, mark, end):
    write_part(tmp_path, "train", np.arange(20) % 10, mark, end)
    write_part(tmp_path, "t10k", np.array([3, 1, 4]), mark, end)
    data = mnist.load(tmp_path)
    assert data.x_train.shape == (20, 1, 28, 28) and data.y_val.tolist() == [3, 1, 4]
    assert data.x_val[:, 0, 5, 5].tolist() == [3, 11, 24]
    assert data.y_train.dtype == np.int64


def test_a_missing_file_is_named_with_its_source(folder):
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError, match=r"t10k-labels-idx1-ubyte.*http"):
        mnist.load(str(folder))


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("train-labels-idx1-ubyte", np.zeros(19, np.uint8), "expected 20 uint8 labels"),
        ("train-labels-idx1-ubyte", np.full(20, 10, np.uint8), "labels from 0 to 9, found 10"),
        ("train-images-idx3-ubyte", np.zeros((20, 28, 27), np.uint8), "28"),
        ("train-images-idx3-ubyte", np.zeros((20, 28, 28), np.float32), "float32"),
        ("train-images-idx3-ubyte", np.uint8(3), "shape"),
    ],
)
def test_files_that_do_not_fit(folder, name, array, message):
    idx.write(folder / name, array)
    with pytest.raises(ValueError, match=message) as caught:
        mnist.load(folder)
    assert name in str(caught.value)


def test_scaled_images():
    data = mnist.load()
    scaled = data.scaled()
    assert scaled.x_train.dtype == np.float32 and data.x_train.dtype == np.uint8
    assert scaled.x_train.min() == 0 and scaled.x_train.max() == 1
    assert data.scaled(np.float64).x_val.dtype == np.float64
    np.testing.assert_array_equal(np.rint(scaled.x_val * 255), data.x_val)
    with pytest.raises(TypeError, match="once"):
        scaled.scaled()
    with pytest.raises(TypeError, match="float dtype"):
        data.scaled(np.uint8)


def test_the_script_makes_the_same_bytes_twice(tmp_path, monkeypatch):
    raw = tmp_path / "raw"
    raw.mkdir()
    write_part(raw, "train", np.random.default_rng(0).permutation(np.arange(7100) % 10))
    (raw / "text.txt").write_text("We the People")
    made = []
    for out in (tmp_path / "one", tmp_path / "two"):
        options = ["--mnist", str(raw), "--text", str(raw / "text.txt"), "--out", str(out)]
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *options])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        made.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert made[0] == made[1] and set(made[0]) == {path.name for path in mnist.EMBEDDED.glob("*.gz")} | {"text.txt"}
    images, labels = mnist.read_part(tmp_path / "one", "train")
    assert np.bincount(labels).tolist() == [600] * 10
    assert ((images[:, 0, 0, 0] - labels) % 2 == 0).all(), "images and labels were not chosen alike"
