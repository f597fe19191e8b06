"""Losses and metrics."""

import numpy as np

import ntb
from ntb import nn
from ntb.errors import InputError

from . import mistake


@mistake(
    InputError,
    met="these reach from 1 to 10",
    expected="labels: indices must lie in 0 ... 9",
    repair="count them from 0, or allow for more than 10",
)
def a_label_out_of_range():
    nn.cross_entropy(np.zeros((3, 10)), [1, 2, 10])


@mistake(
    InputError,
    met="these reach from 1 to 3",
    expected="indices must lie in 0 ... 2",
    repair="count them from 0, or allow for more than 3",
)
def labels_that_count_from_one_in_a_traced_function():
    @ntb.function
    def loss(logits, labels):
        return nn.cross_entropy(logits, labels)

    loss(np.zeros((2, 3)), np.array([1, 2]))
    loss(np.zeros((2, 3)), np.array([3, 1]))


@mistake(
    InputError,
    met="these reach from -1 to 3",
    expected="labels: indices must lie in 0 ... 9",
    repair="count them from 0, or allow for more than 10",
)
def a_negative_label():
    nn.cross_entropy(np.zeros((2, 10)), [-1, 3])


@mistake(
    InputError,
    met="these are int64 of shape (3, 10)",
    expected="log-probabilities or logits of shape (3, 10) need integer labels of shape (3,) or soft labels",
    repair=".astype converts them, np.squeeze takes an axis of length 1 away",
)
def one_hot_labels_that_are_integers():
    nn.cross_entropy(np.zeros((3, 10)), np.eye(10, dtype=int)[:3])


@mistake(
    InputError,
    met="these are float64 of shape (3,)",
    expected="log-probabilities or logits of shape (3, 10) need integer labels of shape (3,) or soft labels",
    repair=".astype converts them, np.squeeze takes an axis of length 1 away",
)
def labels_that_are_floats():
    nn.cross_entropy(np.zeros((3, 10)), np.array([1.0, 2.0, 3.0]))


@mistake(
    InputError, met="not <U3", expected="labels: indices must be integers", repair="convert them with .astype(int)"
)
def labels_that_are_text():
    nn.cross_entropy(np.zeros((2, 2)), np.array(["cat", "dog"]))


@mistake(
    InputError, met="not bool", expected="labels: indices must be integers", repair="convert them with .astype(int)"
)
def labels_that_are_bools():
    nn.cross_entropy(np.zeros((2, 2)), np.array([True, False]))


@mistake(
    InputError,
    met="these are int64 of shape (3, 1)",
    expected="log-probabilities or logits of shape (3, 10) need integer labels of shape (3,) or soft labels",
    repair=".astype converts them, np.squeeze takes an axis of length 1 away",
)
def labels_in_a_column():
    nn.cross_entropy(np.zeros((3, 10)), np.zeros((3, 1), int))


@mistake(InputError, met="the shape of the mask is (2,)", expected="it must be (3,): np.reshape one of the two")
def a_mask_of_a_wrong_shape():
    nn.cross_entropy(np.zeros((3, 10)), [1, 2, 3], mask=[True, False])


@mistake(InputError, met="the shape of the weights is (2,)", expected="it must be (3,): np.reshape one of the two")
def weights_of_classes_instead_of_examples():
    nn.cross_entropy(np.zeros((3, 2)), [0, 1, 0], weights=[0.3, 0.7])


@mistake(InputError, met="not 'average'", expected='reduction is "mean", "sum" or "none"')
def an_unknown_reduction():
    nn.cross_entropy(np.zeros((3, 10)), [1, 2, 3], reduction="average")


@mistake(InputError, met="the shape of the targets is (5,)", expected="it must be (5, 1): np.reshape one of the two")
def predictions_in_a_column_and_targets_in_a_row():
    nn.mse(np.zeros((5, 1)), np.zeros(5))


@mistake(InputError, met="the shape of the targets is (5,)", expected="it must be (5, 1): np.reshape one of the two")
def binary_targets_of_a_wrong_shape():
    nn.binary_cross_entropy_with_logits(np.zeros((5, 1)), np.zeros(5))


@mistake(
    InputError,
    met="these reach from 0 to 2",
    expected="labels: indices must lie in 0 ... 1",
    repair="count them from 0, or allow for more than 2",
)
def log_probabilities_with_a_label_out_of_range():
    nn.nll(np.log(np.full((2, 2), 0.5)), [0, 2])


@mistake(
    InputError,
    met="these have shapes (3,) and (3,)",
    expected="accuracy takes scores (..., K), one for each class, and integer labels (...)",
    repair="Predicted labels are compared by np.mean(predicted == labels)",
)
def the_accuracy_of_predicted_labels():
    nn.accuracy(np.array([1, 2, 3]), np.array([1, 2, 3]))


@mistake(
    InputError,
    met="these have shapes (3, 10) and (3, 10)",
    expected="accuracy takes scores (..., K), one for each class, and integer labels (...)",
    repair="Predicted labels are compared by np.mean(predicted == labels)",
)
def the_accuracy_against_one_hot_labels():
    nn.accuracy(np.zeros((3, 10)), np.eye(10)[:3])


@mistake(
    InputError,
    met="not int64",
    expected="a mask holds bools",
    repair="mask != 0 makes them of zeros and ones",
)
def a_mask_of_zeros_and_ones():
    nn.cross_entropy(np.zeros((3, 10)), [1, 2, 3], mask=[1, 0, 1])


@mistake(
    InputError,
    met="these reach from 0 to 100",
    expected="soft labels lie between 0 and 1",
)
def soft_labels_in_percent():
    nn.cross_entropy(np.zeros((2, 3)), np.array([[100.0, 0.0, 0.0], [50.0, 50.0, 0.0]]))


@mistake(
    InputError,
    met="it was given none",
    expected="a penalty is of one array or more, as in l2(w)",
)
def penalties_on_nothing():
    model = nn.Flatten()
    nn.l2(*model.variables())


@mistake(
    InputError,
    met="as -1.0 is",
    expected="delta, up to which errors are squared, is not negative",
)
def a_negative_delta():
    nn.huber(np.ones(3), np.zeros(3), delta=-1.0)


@mistake(
    InputError,
    met="these have the shape (3, 0)",
    expected="logits have one or more classes on axis -1",
)
def logits_without_classes():
    nn.cross_entropy(np.zeros((3, 0)), np.zeros(3, int))


@mistake(
    InputError,
    met="these have the shape (3, 0)",
    expected="scores have one or more classes on axis -1",
)
def scores_without_classes():
    nn.accuracy(np.zeros((3, 0)), np.zeros(3, int))
