"""Pictures: figures of the right parts, nothing overlapping, errors that help."""

import builtins
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import ntb
from ntb import vis
from ntb.errors import InputError
from ntb.markup.dot import dot
from ntb.markup.graph import EDGE, FILL, Box
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


def images_of(image, size, count):
    """The first images of an array in which they stand row by row."""
    gap = max(1, size[0] // 14)
    tops, lefts = (range(0, length, side + gap) for length, side in zip(image.shape, size))
    found = [image[top : top + size[0], left : left + size[1]] for top in tops for left in lefts]
    return np.array(found[:count])


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


def test_filters_are_shown_as_they_are_with_zero_in_white(tmp_path):
    w = np.zeros((24, 1, 2, 2))
    w[3, 0, 0, 1] = -2.0
    w[5, 0, 1, 1] = 1.0
    figure = drawn(vis.filters(ntb.Variable(w)), tmp_path)
    (shown,) = figure.axes[0].images
    assert np.array_equal(images_of(shown.get_array(), (2, 2), 24), w[:, 0])
    assert shown.get_clim() == (-2, 2) and shown.to_rgba(np.array([0.0])).tolist() == [[1, 1, 1, 1]]
    for sign, main, other in ((-2.0, 2, 0), (2.0, 0, 2)):  # blue, and orange
        (colour,) = shown.to_rgba(np.array([sign]))
        assert colour[main] > colour[other]
    assert figure.axes[1].get_ylabel() == "weight"
    with pytest.raises(InputError):
        vis.filters(np.zeros((784, 50)))
    with pytest.raises(InputError):
        vis.filters({})


def test_filters_of_several_channels_stand_in_columns():
    w = np.random.default_rng(0).normal(size=(4, 3, 2, 2))
    axes = vis.filters(w).axes[0]
    assert np.array_equal(images_of(axes.images[0].get_array(), (2, 2), 12), np.swapaxes(w, 0, 1).reshape(12, 2, 2))
    assert len(axes.get_yticks()) == 3 and len(axes.get_xticks()) == 4


def test_filters_side_by_side_have_one_scale():
    figure = vis.filters({"before": np.ones((2, 3, 3)), "after": np.full((2, 3, 3), -5.0)})
    before, after, _ = figure.axes
    assert (before.get_xlabel(), after.get_xlabel()) == ("before", "after")
    assert before.images[0].get_clim() == after.images[0].get_clim() == (-5, 5)


def test_confusion_counts(tmp_path):
    figure = drawn(vis.confusion([0, 1, 1, 2, 2], [0, 0, 1, 2, 2], ["a", "b", "c"]), tmp_path)
    counts = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in figure.axes[0].texts}
    assert counts == {(0, 0): "1", (0, 1): "1", (1, 1): "1", (2, 2): "2"}


def test_confusion_shows_each_kind_of_mistake_first(tmp_path):
    labels, predicted = np.array([0] * 30 + [1, 2]), np.array([1] * 30 + [2, 2])
    figure = drawn(
        vis.confusion(predicted, labels, ["cat", "dog", "emu"], np.zeros((32, 1, 3, 3)), samples=2), tmp_path
    )
    assert [axes.get_xlabel() for axes in figure.axes[1:]] == ["cat\nas dog", "dog\nas emu"]
    perfect = drawn(vis.confusion([0, 1], [0, 1], ["a", "b"], np.zeros((2, 1, 3, 3))), tmp_path)
    assert len(perfect.axes) == 1


GREY = np.random.default_rng(0).random((3, 16, 16))
STYLE = {"figsize": (4, 3), "cmap": "viridis", "interpolation": "bilinear"}


@pytest.mark.parametrize(
    "draw",
    [lambda **style: vis.images(GREY, **style),
     lambda **style: vis.gallery(GREY, [0, 1, 1], ["a", "b"], **style),
     lambda **style: vis.predictions([0, 1, 1], [1, 1, 0], ["a", "b"], GREY, **style),
     lambda **style: vis.confusion([0, 1, 1], [1, 1, 0], ["a", "b"], GREY, **style)],
)  # fmt: skip
def test_the_style_of_images_is_chosen(draw, tmp_path):
    for options, expected in ((STYLE, STYLE), ({}, {"cmap": "gray", "interpolation": "nearest"})):
        figure = drawn(draw(**options), tmp_path)
        image = figure.axes[-1].images[0]
        assert (image.get_cmap().name, image.get_interpolation()) == (expected["cmap"], expected["interpolation"])
        assert (tuple(figure.get_size_inches()) == (4, 3)) == bool(options)


@pytest.mark.parametrize(
    ("targets", "answers"), [([0, 1], [0]), ([0, 2], [0, 0]), ([0, -1], [0, 0]), ([0.5, 1.0], [0, 1]), ([], [])]
)
def test_confusion_refuses(targets, answers):
    with pytest.raises(InputError):
        vis.confusion(answers, targets, ["a", "b"])


def test_confusion_takes_what_metrics_take():
    scores, labels = np.eye(3)[[0, 1, 1]], [0, 1, 2]
    counts = ntb.metrics.confusion_matrix(scores, labels)
    texts = {t.get_position()[::-1]: t.get_text() for t in vis.confusion(scores, labels, ["a", "b", "c"]).axes[0].texts}
    assert texts == {place: str(n) for place, n in np.ndenumerate(counts) if n}


def test_predictions_say_what_it_is_and_what_it_was_taken_for():
    answers, targets, classes = [1, 0, 1, 1], [0, 0, 1, 0], ["cat", "dog"]
    x = np.arange(4.0)[:, None, None] / 4 + np.zeros((4, 3, 3))
    wrong = vis.predictions(answers, targets, classes, x)
    assert [axes.get_xlabel() for axes in wrong.axes] == ["cat\nas dog"] * 2
    assert [axes.images[0].get_array()[0, 0] for axes in wrong.axes] == [0, 0.75]
    right = vis.predictions(answers, targets, classes, x, correct=True, columns=1)
    assert [axes.get_xlabel() for axes in right.axes] == ["cat", "dog"]


# --- laws: labels, one title, the numbers that were given

RNG = np.random.default_rng(0)
LABELS = np.array([0, 1, 1, 0, 1, 0])
CLASSES = ["cat", "dog"]
SMALL = RNG.random((6, 5, 4))
DRAW = {
    "history": lambda **o: vis.history({"loss": [3.0, 2.0, 1.0]}, smooth=2, levels={"guess": 2.5}, **o),
    "history of two": lambda **o: vis.history({"epoch": [1], "loss": [3.0], "val_loss": [3.0], "f1": [1.0]}, **o),
    "fit": lambda **o: vis.fit([0.0, 1.0], [0.0, 1.0], [0.5, 0.5], **o),
    "images": lambda **o: vis.images(SMALL, ["a"] * 6, **o),
    "gallery": lambda **o: vis.gallery(SMALL, LABELS, CLASSES, **o),
    "filters": lambda **o: vis.filters({"before": SMALL, "after": SMALL}, **o),
    "activations": lambda **o: vis.activations({"one": SMALL[None], "two": np.ones(3)}, **o),
    "saliency": lambda **o: vis.saliency(lambda x: np.sum(x * x, axis=(1, 2)), SMALL, **o),
    "embedding": lambda **o: vis.embedding(SMALL.reshape(6, 20), LABELS, CLASSES, names=list("abcdef"), **o),
    "landscape": lambda **o: vis.landscape(PARABOLA, [WEIGHT], points=3, **o),
    "confusion": lambda **o: vis.confusion(1 - LABELS, LABELS, CLASSES, SMALL, **o),
    "predictions": lambda **o: vis.predictions(1 - LABELS, LABELS, CLASSES, SMALL, **o),
    "graph": lambda **o: vis.graph(tape_of_one(), **o),
}
WEIGHT = ntb.Variable(RNG.normal(size=(2, 3)))


def PARABOLA():
    return np.sum(WEIGHT * WEIGHT)


def tape_of_one():
    with ntb.Tape() as tape:
        np.tanh(tape.watch(np.ones(2)))
    return tape


def titles(figure):
    found = [*figure.texts, *[axes.title for axes in figure.axes]]
    return [text.get_text() for text in found if text.get_text()]


@pytest.mark.parametrize("name", DRAW)
def test_every_figure_is_returned_labelled_and_has_one_title(name):
    from matplotlib.figure import Figure

    figure = DRAW[name](title="a title of its own")
    assert isinstance(figure, Figure)
    assert titles(figure) == ["a title of its own"]
    for axes in figure.axes:
        told = [
            axes.get_xlabel(),
            axes.get_ylabel(),
            *[t.get_text() for t in axes.get_xticklabels() if len(axes.images)],
        ]
        assert any(told) or name in ("graph", "activations"), name  # whose boxes and rows have texts
        if axes.lines:
            assert axes.get_xlabel() and axes.get_ylabel()
    by_itself = titles(DRAW[name]())
    assert len(by_itself) == (2 if name == "history of two" else 1)  # one for each panel
    if "matplotlib.pyplot" in sys.modules:
        assert not sys.modules["matplotlib.pyplot"].get_fignums()


def test_axes_are_logarithmic_where_that_shows_more():
    steep, flat = [100.0, 10.0, 1.0], [3.0, 2.0, 1.0]
    scales = [
        vis.history({"loss": y}, log=log).axes[0] for y, log in ((steep, None), (flat, None), (flat, "xy"), (steep, ""))
    ]
    assert [axes.get_yscale() for axes in scales] == ["log", "linear", "log", "linear"]
    assert [axes.get_xscale() for axes in scales] == ["linear", "linear", "log", "linear"]
    assert vis.history({"loss": [100.0, -1.0]}).axes[0].get_yscale() == "linear"
    with pytest.raises(InputError, match="positive"):
        vis.history({"loss": [1.0, 0.0]}, log="y")
    with pytest.raises(InputError, match="log is"):
        vis.history({"loss": [1.0]}, log="z")


def test_smoothing_is_the_exponential_mean():
    y = RNG.normal(size=20)
    raw, smooth = vis.history({"loss": y}, smooth=5).axes[0].lines
    weights = np.tril(0.8 ** np.subtract.outer(np.arange(20.0), np.arange(20)))
    np.testing.assert_allclose(smooth.get_ydata(), weights @ y / weights.sum(axis=1))
    assert np.array_equal(raw.get_ydata(), y)
    with pytest.raises(InputError, match="smooth"):
        vis.history({"loss": y}, smooth=0)


def test_what_was_not_reported_is_left_out_and_levels_are_lines():
    axes = vis.history({"loss": [4.0, 2.0, 1.0], "val_loss": [np.nan, 3.0, np.nan]}, levels={"guessing": 4.2}).axes[0]
    _, validation, level = axes.lines
    assert validation.get_xdata().tolist() == [2] and validation.get_ydata().tolist() == [3]
    assert set(level.get_ydata()) == {4.2} and level.get_label() == "guessing"
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["training", "validation", "guessing"]


def test_a_gallery_has_a_column_for_each_class_and_room_where_samples_are_missing():
    x = RNG.random((4, 3, 3))
    axes = vis.gallery(x, [0, 1, 0, 0], CLASSES, samples=2).axes[0]
    found = images_of(axes.images[0].get_array(), (3, 3), 4)
    assert np.array_equal(found[:3], x[[0, 1, 2]]) and np.ma.getmaskarray(np.ma.masked_invalid(found[3])).all()
    with pytest.raises(InputError, match="labels are integers from 0 on.*from 0 to 2, and there are 2 names"):
        vis.gallery(x, [0, 1, 2, 0], CLASSES)


def test_activations_are_shown_as_they_are():
    a, k = RNG.normal(size=(1, 3, 4, 4)), RNG.normal(size=(1, 5))
    pictures = [axes.images[0] for axes in vis.activations({"a": a, "k": k}, columns=2).axes if axes.images]
    assert np.array_equal(images_of(pictures[0].get_array(), (4, 4), 2), a[0, :2])
    assert np.array_equal(pictures[1].get_array(), k)
    assert pictures[1].get_clim() == (-np.abs(k).max(), np.abs(k).max())
    with pytest.raises(InputError, match="of several"):
        vis.activations(np.ones((2, 3, 4, 4)))


def test_saliency_is_the_gradient():
    x = RNG.random((2, 3, 4, 4))
    w = RNG.normal(size=(3, 4, 4))
    image, slope = (axes.images[0] for axes in vis.saliency(lambda x: np.sum(w * x, axis=(1, 2, 3)), x).axes[:2])
    steepest = np.take_along_axis(w, np.abs(w).argmax(axis=0)[None], axis=0)[0]
    np.testing.assert_allclose(images_of(slope.get_array(), (4, 4), 2), [steepest] * 2)
    np.testing.assert_allclose(images_of(image.get_array(), (4, 4), 2), np.moveaxis(x, 1, -1))
    with pytest.raises(InputError, match="of bytes"):
        vis.saliency(np.sum, np.zeros((1, 2, 2), np.uint8))


def test_an_embedding_keeps_as_much_of_the_distances_as_a_plane_can():
    x = RNG.normal(size=(7, 2)) @ RNG.normal(size=(2, 9)) + 3  # on a plane, so all of them
    points = np.array([t.get_position() for t in vis.embedding(x, names=list("abcdefg")).axes[0].texts])
    for a in range(7):
        np.testing.assert_allclose(np.linalg.norm(points - points[a], axis=1), np.linalg.norm(x - x[a], axis=1))
    labelled = vis.embedding(x, [0, 1, 0, 1, 1, 1, 0], CLASSES).axes[0]
    assert [len(line.get_xdata()) for line in labelled.lines] == [3, 4]
    for wrong in ((x[0],), (x, [0, 1]), (x, [0, 1, 2, 0, 0, 0, 0], CLASSES)):
        with pytest.raises(InputError):
            vis.embedding(*wrong)
    with pytest.raises(InputError, match="names"):
        vis.embedding(x, names=["a"])


def test_a_landscape_has_the_loss_on_a_plane_and_puts_the_parameters_back():
    w, bias = ntb.Variable(RNG.normal(size=(4, 2, 3, 3))), ntb.Variable(np.ones(4))
    before, seen = w.value.copy(), []

    def loss():
        seen.append(w.value.copy())
        assert np.array_equal(bias.value, np.ones(4))
        return np.sum(w * w)

    values = vis.landscape(loss, [w, bias], points=3).axes[0].collections[0].get_array()
    np.testing.assert_allclose(values.ravel(), [np.sum(x * x) for x in seen])
    right = seen[5] - before  # a step along the first direction: each filter is as long as before
    np.testing.assert_allclose(np.sum(right**2, axis=(1, 2, 3)), np.sum(before**2, axis=(1, 2, 3)))
    assert np.array_equal(w.value, before) and np.array_equal(seen[4], before)
    with pytest.raises(ZeroDivisionError):
        vis.landscape(lambda: 1 / 0, [w], points=3)
    assert np.array_equal(w.value, before)
    with pytest.raises(InputError, match="two axes"):
        vis.landscape(loss, [bias])


class Block(ntb.nn.Module):
    """A layer within a layer, one that is called twice, and a way around."""

    def __init__(self):
        self.inner = ntb.nn.Sequential(ntb.nn.Linear(3, 3), np.tanh)
        self.twice = ntb.nn.Linear(3, 3)

    def __call__(self, x, train=False):
        return x + self.twice(self.twice(self.inner(x, train=train)))


@pytest.mark.parametrize("graphviz", [True, False])
def test_layers_are_boxes_that_open(graphviz, tmp_path, monkeypatch):
    if not graphviz:
        monkeypatch.setitem(sys.modules, "graphviz", None)
    elif not (shutil.which("dot") and find_spec("graphviz")):
        pytest.skip("layers are drawn by Graphviz where it is installed")
    found = vis.layers(Block(), (2, 3))
    boxes = {title: [box.lines[0] for box in boxes] for title, boxes in found.graphs}
    assert boxes == {
        "Block": ["x", "inner Sequential", "twice Linear", "twice Linear", "add"],
        "inner Sequential (2, 3)": ["x", "layers.0 Linear", "tanh"],
        "inner.layers.0 Linear (2, 3)": ["x", "weight", "bias", "affine"],
        "twice Linear (2, 3)": ["goes in", "weight", "bias", "affine"],
    }
    assert [box.inputs for box in found.graphs[0][1]] == [(), [0], [1], [2], [0, 3]]
    found.save(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<details>") == 4 and page.count("<svg") == 5 and page.count("layers.0 Linear") == 2
    assert found._repr_html_() in page and repr(found) == "<layers of Block>"


def test_variables_are_named_though_a_layer_assigns_them_or_makes_them_when_it_is_called():
    model = ntb.nn.Sequential(ntb.nn.Linear(None, 3), ntb.nn.BatchNorm(3), ntb.nn.Dropout(0.5))
    graphs = vis.layers(model, (4, 2), train=True).graphs
    inputs = {box.lines[0] for _, boxes in graphs for box in boxes if box.kind == "input"}
    assert inputs >= {"x", "weight", "bias", "gamma", "beta", "running_mean", "running_var", "goes in"}
    assert [box.lines[0] for box in graphs[0][1]] == ["x", "layers.0 Linear", "layers.1 BatchNorm", "layers.2 Dropout"]


def test_layers_refuse_and_say_what_is_too_large():
    with pytest.raises(InputError, match="Module"):
        vis.layers(np.tanh, (2, 3))
    with pytest.raises(InputError, match="nothing to draw"):
        vis.layers(ntb.nn.Sequential(), (2, 3))
    recurrent = ntb.nn.Sequential(ntb.nn.Linear(1, 1), *[np.tanh] * 200)
    assert "202 boxes, too many to be drawn" in vis.layers(recurrent, (2, 1)).html


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
    boxes = tape.boxes({"w": w, "sum": y})
    assert boxes[0].lines == ["w", "(2, 2)"] and boxes[-1].lines == ["add", "sum (2, 2)"]
    assert len(boxes) == 1 + len(tape)
    assert not overlaps(drawn(vis.graph(tape), tmp_path))
    tape.gradient(y, w, seed=np.ones((2, 2)))
    with pytest.raises(InputError, match="persistent"):
        vis.graph(tape)


def test_arrays_that_go_in_are_in_the_graph_of_a_tape():
    w, x, y = ntb.Variable(np.ones((2, 1)), name="w"), np.arange(6.0).reshape(3, 2), ntb.tensor(np.ones((3, 1)))
    with ntb.Tape() as tape:
        np.mean((x @ w - y + np.ones((3, 1), np.float32)) ** 2)
    boxes = tape.boxes({"x": x, "y": y, "w": w, "other": np.zeros((3, 2))})
    assert [box.lines[0] for box in boxes if box.kind == "input"] == ["x", "w", "y", "array"]
    assert [len(box.inputs) for box in boxes if box.kind != "input"] == [2, 2, 2, 1, 1]
    assert boxes[0].value == "float64[3, 2]" and boxes[-1].value == "float64[]"


def test_the_legend_tells_what_colours_and_frames_mean(step):
    texts = [text.get_text() for text in vis.graph(step).legends[0].get_texts()]
    assert texts == ["goes in", "forward", "backward", "update of variables", "returned or assigned"]
    texts = [text.get_text() for text in vis.graph(tape_of_one()).legends[0].get_texts()]
    assert texts == ["goes in", "forward"]


def test_a_graph_as_dot_is_the_one_that_is_drawn(step):
    text, boxes = step.to_dot(), step.boxes()
    assert text.count("[label=") - 1 == len(boxes)
    assert text.count("->") == sum(len(box.inputs) for box in boxes)
    quoted = dot([Box(['a "name" \\N', "second"])])
    assert r'label="a \"name\" \\N\nsecond"' in quoted


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


def test_the_page_of_pictures_has_all_of_them():
    text = (Path(ntb.__file__).parents[1] / "docs" / "pictures.md").read_text(encoding="utf-8")
    assert not [name for name in vis.__all__ if name[0].islower() and f"vis.{name}(" not in text]


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
