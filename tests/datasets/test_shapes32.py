from pathlib import Path

import numpy as np
import pytest

import ntb
from ntb.compat.datasets import cifar10 as of_graphs
from ntb.datasets import cifar10, shapes32
from ntb.demos import cifar as of_demo

ROOT = Path(ntb.__file__).parent


@pytest.fixture(scope="module")
def data():
    return shapes32.load()


def test_form(data):
    assert data.x_train.shape == (5000, 3, 32, 32) and data.x_val.shape == (1000, 3, 32, 32)
    assert data.x_train.dtype == np.uint8 and data.y_train.dtype == np.int64
    assert np.bincount(data.y_train).tolist() == [500] * 10 and len(set(data.classes)) == 10
    assert set(data.y_train[:100]) == set(range(10))


def test_seeds():
    one, again, other = shapes32.load(40, 20, seed=1), shapes32.load(60, 20, seed=1), shapes32.load(40, 20, seed=2)
    np.testing.assert_array_equal(one.x_val, again.x_val)
    np.testing.assert_array_equal(one.y_val, again.y_val)
    np.testing.assert_array_equal(one.x_train, shapes32.load(40, 0, seed=1).x_train)
    assert (one.x_train != other.x_train).any(axis=(1, 2, 3)).all()
    assert not (one.x_train[:20] == one.x_val).all(axis=(1, 2, 3)).any()


def test_counts():
    assert np.bincount(shapes32.load(23, 0).y_train).tolist() == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]
    assert shapes32.load(0, 0).x_train.shape == (0, 3, 32, 32)
    with pytest.raises(ValueError, match="negative"):
        shapes32.load(-1)


@pytest.mark.uncounted
def test_a_linear_model_does_not_solve_it(data):
    data = data.scaled()
    x, x_val = (images.reshape(len(images), -1) - 0.5 for images in (data.x_train, data.x_val))
    one_hot = np.eye(10, dtype=np.float32)[data.y_train]
    w = np.linalg.solve(x.T @ x + 300 * np.eye(x.shape[1], dtype=np.float32), x.T @ one_hot)
    assert ((x_val @ w).argmax(axis=1) == data.y_val).mean() < 0.4


def test_stripes_run_as_their_names_say(data):
    """Down a column horizontal stripes change colour, along a row they hardly do."""
    x = data.x_train.astype(float)
    down, along = (np.abs(np.diff(x, axis=axis)).mean(axis=(1, 2, 3)) for axis in (2, 3))
    for name, many, few in [("horizontal stripes", down, along), ("vertical stripes", along, down)]:
        mine = data.y_train == data.classes.index(name)
        assert (many[mine] > few[mine]).mean() > 0.99


def test_it_never_stands_in_for_cifar10_without_saying_so(capsys):
    """Those who put it in the place of CIFAR-10 print that they do; nobody else in the package knows it."""
    places = {
        path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if "shapes32.load" in path.read_text("utf-8")
    }
    assert places == {"demos/cifar.py", "compat/datasets/cifar10.py"}
    for load in (lambda: of_demo.pictures(None), lambda: of_graphs.load(20, 20)):
        load()
        assert "this is not CIFAR-10" in capsys.readouterr().out
    with pytest.raises(TypeError):
        cifar10.load()
    for load in (of_demo.pictures, lambda folder: of_graphs.load(path=folder)):
        with pytest.raises(FileNotFoundError, match="CIFAR-10 is not complete"):
            load("nowhere")
