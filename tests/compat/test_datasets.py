"""Section 10: datasets and pictures."""

import inspect
import warnings

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat.datasets import cifar10, mnist, textdata


def idx(path, array):
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes())


@pytest.fixture
def folder(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (30, 28, 28), dtype=np.uint8)
    images[:, 0, 0] = np.arange(30)
    idx(tmp_path / "train-images-idx3-ubyte", images)
    idx(tmp_path / "train-labels-idx1-ubyte", (np.arange(30) % 10).astype(np.uint8))
    return tmp_path


@pytest.mark.parametrize("slash", ["", "/"])
def test_mnist_reads_only_the_training_files(folder, slash):
    np.random.seed(0)
    data, visualize = mnist.load(mode="2d", num_train=20, num_val=10, path=str(folder) + slash)
    assert data["X_train"].shape == (20, 1, 28, 28) and data["X_val"].shape == (10, 1, 28, 28)
    assert data["X_train"].dtype == data["y_train"].dtype == np.uint8
    numbers = np.concatenate([data["X_train"], data["X_val"]])[:, 0, 0, 0]
    assert sorted(numbers) == list(range(30)) and list(numbers) != list(range(30))
    assert np.array_equal(np.concatenate([data["y_train"], data["y_val"]]), numbers % 10)
    assert data["classes"] == [str(i) for i in range(10)] and callable(visualize)
    np.random.seed(0)
    again, _ = mnist.load("1d", 20, 10, str(folder) + slash)
    assert np.array_equal(again["X_train"], data["X_train"].reshape(20, 784))


def test_the_embedded_mnist():
    data, _ = mnist.load()
    assert data["X_train"].shape == (2000, 784) and data["X_val"].shape == (500, 784)
    with pytest.raises(ValueError, match="60000"):
        mnist.load(num_train=50000)
    with pytest.raises(ValueError, match="mode"):
        mnist.load(mode="3d")


def test_cifar10_of_pictures_drawn_here():
    data, visualize = cifar10.load(num_train=60, num_val=20)
    assert data["X_train"].shape == (60, 3, 32, 32) and data["X_val"].shape == (20, 3, 32, 32)
    assert data["X_train"].dtype == np.uint8 and data["y_train"].dtype == np.int64 and len(data["classes"]) == 10
    assert callable(visualize)
    assert inspect.signature(cifar10.load).parameters["num_train"].default == 50000
    with pytest.raises(FileNotFoundError):
        cifar10.load(path="nowhere")


def test_the_constitution():
    data, encode, decode = textdata.load("us_constitution.txt", seq_length=30, stride=10)
    assert data["X_train"].shape == (4256, 30) and data["X_val"].shape == (224, 30) and len(data["charmap"]) == 70
    assert data["charmap"] == sorted(data["charmap"])
    assert all(data["inv_charmap"][c] == i for i, c in enumerate(data["charmap"]))
    assert np.array_equal(data["X_train"][:, 1:], data["y_train"][:, :-1])
    assert decode(encode("We the People")) == "We the People"


def test_a_text_of_ones_own(tmp_path):
    (tmp_path / "own.txt").write_text("abcab" * 100)
    data, *_ = textdata.load("own.txt", seq_length=5, path=str(tmp_path), val_frac=0.2)
    assert data["X_train"].shape[1] == 5 and data["charmap"] == ["a", "b", "c"]
    np.testing.assert_array_equal(data["X_train"][0], [0, 1, 2, 0, 1])


# --- pictures


@pytest.fixture(scope="module")
def plain():
    rng = np.random.default_rng(0)
    return {"X_train": rng.integers(0, 256, (40, 784), dtype=np.uint8), "y_train": np.arange(40) % 10,
            "X_val": rng.integers(0, 256, (20, 784), dtype=np.uint8), "y_val": np.arange(20) % 10,
            "classes": [str(i) for i in range(10)]}  # fmt: skip


matplotlib = pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def test_pictures_touch_no_global_state(plain):
    vis = ntb.datasets.vis
    before = dict(matplotlib.rcParams)
    wrong = (plain["y_val"] + (np.arange(20) % 3 == 0)) % 10
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = [
            vis.render_images(plain["X_train"], plain["y_train"], plain["classes"], samples_per_class=3, cmap="gray"),
            vis.render_images_1(plain["X_train"][:6], figsize=(3, 3)),
            vis.render_predictions(plain["X_val"], plain["y_val"], wrong, plain["classes"]),
            vis.render_predictions(plain["X_val"], plain["y_val"], wrong, plain["classes"], correct=True),
            vis.render_confusion_sample(plain, pred_fn=lambda X: wrong, interpolation="nearest"),
            vis.render_confusion_sample(plain, ntb.Model(None, None, lambda X: wrong, None, None, None), subset="val"),
            ntb.vis.render_cnn_filters(np.ones((4, 3, 5, 5))),
            mnist.load(num_train=30, num_val=10)[1](subset="val"),
        ]
    assert dict(matplotlib.rcParams) == before and all(f.axes for f in figures)


def test_pictures_of_a_variable(g):
    figure = ntb.vis.render_cnn_filters(ntb.Variable(shape=(4, 1, 3, 3)), figsize=(2, 2))
    assert figure.axes[0].images[0].get_array().shape == (3, 4 * 3 + 3)  # side by side, with room between


def test_rows_of_samples_stay_apart_and_mistakes_say_what_it_is(plain):
    vis = ntb.datasets.vis
    few = vis.render_images(plain["X_train"][:5], [0, 0, 0, 1, 1], ["a", "b"], samples_per_class=3).axes[0]
    assert few.images[0].get_array().shape == (3 * 28 + 2 * 2, 2 * 28 + 2)
    assert [text.get_text() for text in few.get_xticklabels()] == ["a", "b"]
    wrong = vis.render_predictions(plain["X_val"][:3], [0, 1, 1], [1, 1, 0], ["a", "b"])
    assert [axes.get_xlabel() for axes in wrong.axes] == ["a\nas b", "b\nas a"]


def test_preprocessing_of_images():
    vis = ntb.datasets.vis
    assert vis.preprocess_images(np.zeros((5, 784))).shape == (5, 1, 28, 28)
    assert vis.preprocess_image(np.zeros(784)).shape == (1, 28, 28)
    assert vis.preprocess_images(np.zeros((5, 3, 32, 32))).shape == (5, 3, 32, 32)
    with pytest.raises(ValueError, match="square"):
        vis.preprocess_images(np.zeros((5, 783)))
    with pytest.raises(ValueError, match="no prediction is wrong"):
        vis.render_predictions(np.zeros((2, 784)), [0, 1], [0, 1], ["a", "b"])
    with pytest.raises(ValueError, match="pred_fn"):
        vis.render_confusion_sample({})
