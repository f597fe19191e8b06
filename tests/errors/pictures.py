"""Pictures."""

import sys

import numpy as np

import ntb
from ntb import vis
from ntb.tape.errors import InputError

from . import mistake, replaced


@mistake(InputError, met="", expected="")
def images_with_their_channels_last():
    vis.images(np.zeros((5, 32, 32, 3)))


@mistake(InputError, met="", expected="")
def fewer_captions_than_images():
    vis.images(np.zeros((5, 28, 28)), ["a", "b"])


@mistake(InputError, met="", expected="")
def no_images():
    vis.images(np.zeros((0, 28, 28)))


@mistake(InputError, met="", expected="")
def filters_of_a_dense_layer():
    vis.filters(np.zeros((784, 10)))


@mistake(InputError, met="", expected="")
def a_confusion_of_scores():
    vis.confusion(np.array([0, 1]), np.zeros((2, 2)), ["cat", "dog"])


@mistake(InputError, met="", expected="")
def a_confusion_with_a_class_without_a_name():
    vis.confusion(np.array([0, 2]), np.array([0, 1]), ["cat", "dog"])


@mistake(InputError, met="", expected="")
def an_empty_history():
    vis.history({})


@mistake(InputError, met="", expected="")
def a_history_of_unequal_lengths():
    vis.history({"loss": [1.0, 0.5], "accuracy": [0.9]})


@mistake(InputError, met="", expected="")
def a_regression_of_unequal_lengths():
    vis.fit([1.0, 2.0], [1.0, 2.0], [1.0])


@mistake(InputError, met="", expected="")
def a_picture_of_a_function():
    vis.graph(np.tanh)


@mistake(InputError, met="", expected="")
def a_picture_of_a_tape_that_was_used_up():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = w * w
    tape.gradient(y, w)
    vis.graph(tape)


@mistake(InputError, met="", expected="")
def a_picture_of_a_thousand_steps():
    with ntb.Tape() as tape:
        x = tape.watch(1.0)
        for _ in range(1000):
            x = x * 1.01
    vis.graph(tape)


@mistake(vis.plot.MissingMatplotlib, met="", expected="")
def pictures_without_matplotlib():
    with replaced(sys, "modules", {**sys.modules, "matplotlib.figure": None}):
        vis.images(np.zeros((5, 28, 28)))
