"""Pictures."""

import sys
import unittest.mock
from contextlib import contextmanager

import numpy as np

import ntb
from ntb import vis
from ntb.errors import InputError

from . import mistake


@mistake(InputError, met="not (5, 32, 32, 3)", expected="images have shape (N, 1, H, W), (N, 3, H, W) or (N, H, W)")
def images_with_their_channels_last():
    vis.images(np.zeros((5, 32, 32, 3)))


@mistake(InputError, met="2 captions for 5 images", expected="there must be one for each, or none")
def fewer_captions_than_images():
    vis.images(np.zeros((5, 28, 28)), ["a", "b"])


@mistake(InputError, met="there are no images to show: the shape is (0, 28, 28)", expected="expected at least one")
def no_images():
    vis.images(np.zeros((0, 28, 28)))


@mistake(InputError, met="not (784, 10)", expected="filters have shape (F, C, H, W) or (F, H, W)")
def filters_of_a_dense_layer():
    vis.filters(np.zeros((784, 10)))


@mistake(InputError, met="not float64[2, 2]", expected="predicted must be integers (N,), one for each example")
def a_confusion_of_scores():
    vis.confusion(np.array([0, 1]), np.zeros((2, 2)), ["cat", "dog"])


@mistake(InputError, met="labels has class 2", expected="but only 2 classes are named")
def a_confusion_with_a_class_without_a_name():
    vis.confusion(np.array([0, 2]), np.array([0, 1]), ["cat", "dog"])


@mistake(InputError, met="a history", expected='needs at least one list of numbers, such as {"loss": [1.0, 0.5]}')
def an_empty_history():
    vis.history({})


@mistake(InputError, met="accuracy and step have different lengths", expected="each needs 2 numbers")
def a_history_of_unequal_lengths():
    vis.history({"loss": [1.0, 0.5], "accuracy": [0.9]})


@mistake(InputError, met="not (2,), (2,), (1,)", expected="x, y and predicted are rows of equal length")
def a_regression_of_unequal_lengths():
    vis.fit([1.0, 2.0], [1.0, 2.0], [1.0])


@mistake(
    InputError,
    met="not a ufunc",
    expected="a Program or a Tape can be drawn, or a ComputationGraph",
    repair="function.trace(...) gives a program",
)
def a_picture_of_a_function():
    vis.graph(np.tanh)


@mistake(
    InputError,
    met="there is nothing to draw",
    expected="a tape is used up by its first gradient unless it is persistent",
)
def a_picture_of_a_tape_that_was_used_up():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = w * w
    tape.gradient(y, w)
    vis.graph(tape)


@mistake(
    InputError,
    met="1001 boxes cannot be read in one picture, 200 at most",
    expected="program.to_dot() gives the graph to Graphviz, program.source is the same as text",
)
def a_picture_of_a_thousand_steps():
    with ntb.Tape() as tape:
        x = tape.watch(1.0)
        for _ in range(1000):
            x = x * 1.01
    vis.graph(tape)


@contextmanager
def missing(module):
    """A block in which a module cannot be imported."""
    vis.plot.picture_class.cache_clear()
    with unittest.mock.patch.dict(sys.modules, {module: None}):
        yield


@mistake(vis.plot.MissingMatplotlib, met="pictures", expected="need matplotlib: pip install 'ntb[vis]'")
def pictures_without_matplotlib():
    with missing("matplotlib.figure"):
        vis.images(np.zeros((5, 28, 28)))
