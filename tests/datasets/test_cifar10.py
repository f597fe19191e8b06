import os
import pickle
import struct

import numpy as np
import pytest

from ntb.datasets import cifar10

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class Python2Pickler(pickle._Pickler):
    """Writes what Python 2 with an old NumPy wrote: byte strings, and NumPy's former module names."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, value):
        value = value.encode("latin1") if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)

    def save_reduce(self, function, arguments, *rest, **options):
        if function is np.dtype:
            arguments = (arguments[0], 0, 1)
        super().save_reduce(function, arguments, *rest, **options)

    def save_global(self, value, name=None):
        module = "numpy" if isinstance(value, type) else "numpy.core.multiarray"
        self.write(pickle.GLOBAL + f"{module}\n{value.__name__}\n".encode())

    dispatch[str] = dispatch[bytes] = save_string
    dispatch[type] = dispatch[type(np.add.reduce)] = save_global


def python2(path, content):
    with path.open("wb") as file:
        Python2Pickler(file, protocol=2).dump(content)


def python3(path, content):
    path.write_bytes(pickle.dumps(content, protocol=2))


def batches():
    rng = np.random.default_rng(0)
    return {
        name: (rng.integers(0, 256, (4 + i, 3072), np.uint8), rng.integers(0, 10, 4 + i))
        for i, name in enumerate(cifar10.BATCHES)
    }


def write_python(folder, write=python2):
    for name, (pixels, labels) in batches().items():
        write(folder / name, {"data": pixels, "labels": labels.tolist(), "batch_label": "b", "filenames": ["a.png"]})
    write(folder / "batches.meta", {"label_names": NAMES, "num_cases_per_batch": 4})


def write_binary(folder):
    for name, (pixels, labels) in batches().items():
        np.concatenate([labels[:, None], pixels], axis=1).astype(np.uint8).tofile(folder / f"{name}.bin")
    (folder / "batches.meta.txt").write_text("\n".join(NAMES) + "\n\n")


def write_bytes_keys(folder):
    write_python(folder, lambda path, content: python3(path, {key.encode(): value for key, value in content.items()}))


@pytest.mark.parametrize(
    "write", [write_python, lambda folder: write_python(folder, python3), write_bytes_keys, write_binary]
)
def test_each_version_of_the_set(tmp_path, write):
    write(tmp_path)
    data = cifar10.load(tmp_path)
    written = list(batches().values())
    pixels = np.concatenate([x for x, _ in written[:5]])
    assert data.x_train.shape == (30, 3, 32, 32) and data.x_train.dtype == np.uint8
    assert data.y_train.dtype == data.y_val.dtype == np.int64
    np.testing.assert_array_equal(data.x_train.reshape(30, -1), pixels)
    np.testing.assert_array_equal(data.y_train, np.concatenate([y for _, y in written[:5]]))
    np.testing.assert_array_equal(data.x_val[2, 1, 3, 4], written[5][0][2, 1024 + 3 * 32 + 4])
    np.testing.assert_array_equal(data.y_val, written[5][1])
    assert data.classes == tuple(NAMES)


def test_the_python_2_writer_writes_python_2(tmp_path):
    write_python(tmp_path)
    content = (tmp_path / "data_batch_1").read_bytes()
    assert b"cnumpy.core.multiarray\n_reconstruct\n" in content and pickle.BINUNICODE + b"\x04" not in content


def test_missing_files_are_all_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_batch_1, .*test_batch, batches\.meta missing.*cs\.toronto"):
        cifar10.load(tmp_path)
    write_binary(tmp_path)
    (tmp_path / "data_batch_3.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r": data_batch_3\.bin missing"):
        cifar10.load(tmp_path)


PIXELS = np.zeros((4, 3072), np.uint8)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("data_batch_2", {"data": PIXELS, "labels": [1, 2, 3]}, "expected 4 labels"),
        ("data_batch_2", {"data": PIXELS, "labels": [1, 2, 3, 10]}, "labels from 0 to 9"),
        ("data_batch_2", {"data": PIXELS, "labels": [1, 2, 3, -1]}, "labels from 0 to 9"),
        ("data_batch_2", {"data": PIXELS[:0], "labels": []}, "labels|image"),
        ("data_batch_2", {"data": PIXELS[:, 1:], "labels": [0, 1, 2, 3]}, "3072"),
        ("data_batch_2", {"data": PIXELS + 0.0, "labels": [0, 1, 2, 3]}, "float64"),
        ("data_batch_2", {"labels": [0]}, "'data' and 'labels', found"),
        ("data_batch_2", [1, 2], "found list"),
        ("batches.meta", {"label_names": NAMES[:9]}, "10 classes, found 9"),
    ],
)
def test_damaged_pickles(tmp_path, name, content, message):
    write_python(tmp_path)
    python3(tmp_path / name, content)
    with pytest.raises(ValueError, match=message) as caught:
        cifar10.load(tmp_path)
    assert name in str(caught.value) and cifar10.HOME in str(caught.value)


def test_truncated_files(tmp_path):
    for write, name in [(write_python, "data_batch_4"), (write_binary, "data_batch_4.bin")]:
        write(tmp_path)
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-100])
        with pytest.raises(ValueError, match=f"{name} is (damaged|not a whole file)"):
            cifar10.load(tmp_path)


class Attack:
    def __init__(self, victim):
        self.victim = victim

    def __reduce__(self):
        return os.mkdir, (str(self.victim),)


def test_a_pickle_runs_nothing(tmp_path):
    write_python(tmp_path)
    victim = tmp_path / "made by the pickle"
    python3(tmp_path / "data_batch_1", {"data": Attack(victim), "labels": []})
    with pytest.raises(ValueError, match="mkdir.*not run"):
        cifar10.load(tmp_path)
    assert not victim.exists()
