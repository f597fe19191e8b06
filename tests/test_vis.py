"""Pictures: figures of the right parts, nothing overlapping, errors that help."""

import builtins
import shutil
import sys

import numpy as np
import pytest

import ntb
from ntb import vis
from ntb.errors import InputError
from ntb.markup.graph import EDGE, FILL
from ntb.markup.layout import layered, layers_of, positions
from ntb.vis import plot

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


@pytest.fixture
def step():
    w = ntb.Variable(np.ones((3, 2), np.float32), name="w")
    optimizer = ntb.optim.SGD(lr=0.1, momentum=0.9)

    @ntb.function
    def step(x):
        with ntb.Tape() as tape:
            hidden = np.tanh(x @ w)
            loss = np.mean(hidden)
        optimizer.apply(tape.gradient(loss, [w]), [w])
        return loss

    return step.trace(np.ones((4, 3), np.float32))


def drawn(figure, tmp_path):
    """The figure, which can be drawn; warnings, such as of a layout that does not fit, are errors here."""
    path = tmp_path / "figure.png"
    figure.savefig(path)
    assert path.stat().st_size > 1000
    return figure


def test_figures_are_no_global_state(tmp_path):
    figure = drawn(vis.history({"loss": [2.0, 1.0]}), tmp_path)
    if "matplotlib.pyplot" in sys.modules:
        assert not sys.modules["matplotlib.pyplot"].get_fignums()
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_history_pairs_training_and_validation(tmp_path):
    figure = drawn(
        vis.history({"step": [10, 20], "loss": [2, 1], "val_loss": [2, 2], "val_accuracy": [0.1, 0.5]}), tmp_path
    )
    assert [axes.get_title() for axes in figure.axes] == ["loss", "accuracy"]
    training, validation = figure.axes[0].lines
    assert training.get_xdata().tolist() == [10, 20]
    assert (training.get_label(), validation.get_label()) == ("training", "validation")
    assert validation.get_ydata().tolist() == [2, 2]
    assert figure.axes[0].get_xlabel() == "step"


@pytest.mark.parametrize("wrong", [{}, {"loss": []}, {"step": [1, 2], "loss": [1.0]}, {"step": [1]}])
def test_history_refuses(wrong):
    with pytest.raises(InputError):
        vis.history(wrong)


def test_fit_sorts_the_line(tmp_path):
    figure = drawn(vis.fit([2.0, 0.0, 1.0], [4.0, 0.0, 2.0], [4.1, 0.1, 2.1]), tmp_path)
    model = figure.axes[0].lines[1]
    assert model.get_xdata().tolist() == [0, 1, 2] and model.get_ydata().tolist() == [0.1, 2.1, 4.1]
    with pytest.raises(InputError, match="equal length"):
        vis.fit([1.0, 2.0], [1.0, 2.0], [1.0])


@pytest.mark.parametrize("shape", [(7, 1, 4, 5), (7, 3, 4, 5), (7, 4, 5)])
def test_images_of_bytes_and_floats_look_the_same(shape, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    a = drawn(vis.images(pixels, captions=list("abcdefg"), title="seven"), tmp_path)
    b = vis.images(ntb.tensor(pixels / 255))
    assert len(a.axes) == len(b.axes) == 7
    for left, right in zip(a.axes, b.axes):
        shown = left.images[0].get_array()
        assert shown.shape == ((4, 5, 3) if len(shape) == 4 and shape[1] == 3 else (4, 5))
        np.testing.assert_allclose(shown, right.images[0].get_array())
    assert [axes.get_xlabel() for axes in a.axes] == list("abcdefg")


def test_images_refuses():
    with pytest.raises(InputError, match="shape"):
        vis.images(np.zeros((2, 2, 4, 4)))
    with pytest.raises(InputError, match="no images"):
        vis.images(np.zeros((0, 4, 4)))
    with pytest.raises(InputError, match="captions"):
        vis.images(np.zeros((2, 4, 4)), captions=["one"])


def test_filters_keep_zero_in_the_middle(tmp_path):
    w = np.zeros((24, 1, 2, 2))
    w[3, 0, 0, 1] = -2.0
    w[5, 0, 1, 1] = 1.0
    figure = drawn(vis.filters(ntb.Variable(w)), tmp_path)
    shown = [axes.images[0].get_array() for axes in figure.axes]
    assert len(shown) == 24
    assert (shown[3][0, 1], shown[5][1, 1], shown[0][0, 0]) == (0.0, 0.75, 0.5)
    assert len(vis.filters(np.zeros((4, 6, 3, 3))).axes) == 24  # channels side by side
    assert len(vis.filters(np.ones((4, 3, 3, 3))).axes) == 4  # colours
    with pytest.raises(InputError):
        vis.filters(np.zeros((784, 50)))


def test_confusion_counts(tmp_path):
    figure = drawn(vis.confusion([0, 0, 1, 2, 2], [0, 1, 1, 2, 2], ["a", "b", "c"]), tmp_path)
    counts = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in figure.axes[0].texts}
    assert counts == {(0, 0): "1", (0, 1): "1", (1, 1): "1", (2, 2): "2"}


def test_confusion_shows_each_kind_of_mistake_first(tmp_path):
    labels, predicted = np.array([0] * 30 + [1, 2]), np.array([1] * 30 + [2, 2])
    figure = drawn(
        vis.confusion(labels, predicted, ["cat", "dog", "emu"], np.zeros((32, 1, 3, 3)), samples=2), tmp_path
    )
    assert [axes.get_xlabel() for axes in figure.axes[1:]] == ["cat\nas dog", "dog\nas emu"]
    perfect = drawn(vis.confusion([0, 1], [0, 1], ["a", "b"], np.zeros((2, 1, 3, 3))), tmp_path)
    assert len(perfect.axes) == 1


GREY = np.random.default_rng(0).random((3, 16, 16))
STYLE = {"figsize": (4, 3), "cmap": "viridis", "interpolation": "bilinear"}


@pytest.mark.parametrize(
    "draw",
    [lambda **style: vis.images(GREY, **style), lambda **style: vis.filters(GREY, **style),
     lambda **style: vis.confusion([0, 1, 1], [1, 1, 0], ["a", "b"], GREY, **style)],
)  # fmt: skip
def test_the_style_of_images_is_chosen(draw, tmp_path):
    for options, expected in ((STYLE, STYLE), ({}, {"cmap": "gray", "interpolation": "nearest"})):
        figure = drawn(draw(**options), tmp_path)
        image = figure.axes[-1].images[0]
        assert (image.get_cmap().name, image.get_interpolation()) == (expected["cmap"], expected["interpolation"])
        assert (tuple(figure.get_size_inches()) == (4, 3)) == bool(options)


@pytest.mark.parametrize(
    ("labels", "predicted"), [([0, 1], [0]), ([0, 2], [0, 0]), ([0, -1], [0, 0]), ([0.5, 1.0], [0, 1]), ([], [])]
)
def test_confusion_refuses(labels, predicted):
    with pytest.raises(InputError):
        vis.confusion(labels, predicted, ["a", "b"])


def overlaps(figure):
    """Whether boxes of a graph overlap."""
    from matplotlib.patches import FancyBboxPatch

    boxes = [p.get_bbox() for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]
    return any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_graph_of_a_program(step, tmp_path):
    figure = drawn(vis.graph(step, title="step"), tmp_path)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"x\n(4, 3)", "w\n(3, 2)", "tanh\nhidden (4, 2)", "mean\nloss"} <= set(texts)
    assert not overlaps(figure)
    kinds = [box.kind for box in step.boxes()]
    assert set(kinds) == {"input", "forward", "backward", "update"}
    assert kinds.count("input") + len(step.code.instructions) == len(texts)


def test_texts_fit_into_their_boxes(step):
    figure = vis.graph(step)
    figure.draw_without_rendering()
    from matplotlib.patches import FancyBboxPatch

    axes = figure.axes[0]
    boxes = [p.get_window_extent() for p in axes.patches if isinstance(p, FancyBboxPatch)]
    for box, text in zip(boxes, axes.texts, strict=True):
        extent = text.get_window_extent()
        assert box.x0 <= extent.x0 and extent.x1 <= box.x1 and box.y0 <= extent.y0 and extent.y1 <= box.y1


def test_graph_of_a_tape(tmp_path):
    w = ntb.Variable(np.ones((2, 2)))
    with ntb.Tape() as tape:
        y = np.concatenate(np.split(w @ w, 2)) + w
    boxes = tape.boxes({"w": w})
    assert boxes[0].lines == ["w", "(2, 2)"]
    assert len(boxes) == 1 + len(tape)
    assert not overlaps(drawn(vis.graph(tape), tmp_path))
    tape.gradient(y, w, seed=np.ones((2, 2)))
    with pytest.raises(InputError, match="persistent"):
        vis.graph(tape)


def test_graph_refuses():
    with pytest.raises(InputError, match="Program or a Tape"):
        vis.graph([1, 2])


@pytest.fixture
def large():
    """A program of a few more boxes than a figure takes, in all sections."""
    w = ntb.Variable(np.ones(()), name="w")

    @ntb.function
    def step(x):
        with ntb.Tape() as tape:
            for _ in range(26):
                x = np.tanh(x) * w
        w.assign_sub(tape.gradient(x, w))
        return x

    return step.trace(1.0)


@pytest.mark.parametrize("absent", ["package", "program"])
def test_a_large_graph_without_graphviz_names_it_once(large, absent, monkeypatch):
    if absent == "package":
        monkeypatch.setitem(sys.modules, "graphviz", None)
    else:
        monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="Graphviz draws more") as error:
        vis.graph(large)
    assert str(error.value).count("Graphviz") == 1


def test_graphviz_draws_a_large_graph(large, tmp_path):
    pytest.importorskip("graphviz", reason="large graphs are drawn where the package graphviz is installed")
    if not shutil.which("dot"):
        pytest.skip("large graphs are drawn where the program dot of Graphviz is installed")
    path = tmp_path / "graph.svg"
    vis.graph(large, title=r"a step\N").render(outfile=path)
    picture = path.read_text(encoding="utf-8")
    boxes = large.boxes()
    assert picture.count('class="node"') == len(boxes) > 200
    assert picture.count('class="edge"') == sum(len(box.inputs) for box in boxes)
    assert r">a step\N<" in picture and ">w<" in picture and ">tanh<" in picture
    for kind in {box.kind for box in boxes}:  # in the colours that a figure has
        assert picture.count(f'fill="{FILL[kind]}" stroke="{EDGE[kind]}"') >= sum(box.kind == kind for box in boxes)


def test_layers_follow_the_arrows():
    edges = [(0, 1), (1, 2), (0, 2), (3, 2)]
    layer = layers_of(4, edges)
    assert all(layer[a] < layer[b] for a, b in edges)
    assert layer[3] == 1  # right above what it leads to


def test_places_keep_order_and_distance():
    rng = np.random.default_rng(0)
    for _ in range(50):
        n = rng.integers(1, 9)
        wanted, widths = rng.normal(size=n), rng.uniform(0.1, 2, n)
        x = positions(wanted, widths, 0.2)
        assert np.all(np.diff(x) >= (widths[:-1] + widths[1:]) / 2 + 0.2 - 1e-9)
        far = np.cumsum(np.full(n, 10.0))
        np.testing.assert_allclose(positions(far, widths, 0.2), far)


def test_edges_bend_on_every_layer_they_pass():
    _, layer, bends = layered([1.0] * 5, [(0, 1), (1, 2), (2, 3), (0, 3), (3, 4), (0, 4)])
    assert layer == [0, 1, 2, 3, 4]
    assert [[row for _, row in b] for b in bends] == [[], [], [], [1, 2], [], [1, 2, 3]]


def test_without_matplotlib(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("matplotlib"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *args, **kwargs)

    plot.picture_class.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(vis.MissingMatplotlib, match=r"pip install 'ntb\[vis\]'") as error:
        vis.history({"loss": [1.0]})
    assert isinstance(error.value, ImportError)
