"""Shapes of results, with unknown sizes: what a call on arrays of any of these sizes gives."""

import numpy as np
import pytest

import ntb
from ntb import nn


@pytest.mark.parametrize(
    "function, shapes, expected",
    [
        (lambda x: x + 1, [(-1, 3)], (-1, 3)),
        (lambda x, w: x @ w, [(-1, 784), (784, 10)], (-1, 10)),
        (lambda x, y: x * y, [(-1, 3), (4, 3)], (4, 3)),
        (lambda x, y: np.concatenate([x, y], 1), [(-1, 3), (4, 3)], (4, 6)),
        (lambda x: np.sum(x, axis=0), [(-1, -1)], (-1,)),
        (lambda x: x[1:], [(7,)], (6,)),
        (lambda x: x[1:], [(-1,)], (-1,)),
        (np.linalg.inv, [(3, 3)], (3, 3)),
        (lambda: np.ones(2), [], (2,)),
        (lambda x: x.sum(), [()], ()),
    ],
)
def test_shapes(function, shapes, expected):
    assert ntb.eval_shape(function, *shapes) == expected


def test_layers_and_labels():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.relu, nn.Flatten(), nn.Linear(8 * 36, 10))
    assert ntb.eval_shape(model, (-1, 3, 8, 8)) == (-1, 10)
    table = np.ones((7, 4))
    assert ntb.eval_shape(lambda i: nn.embedding(i, table), (-1, 5), dtype=int) == (-1, 5, 4)


@pytest.mark.parametrize(
    "function, shapes, met",
    [
        (lambda x, w: x @ w, [(-1, 3), (4, 2)], r"\(-1, 3\), \(4, 2\) \(with 3 for -1\) do not fit"),
        (lambda x: (x, x), [(2,)], "not one array"),
        (np.linalg.inv, [(3, 2)], "square"),
    ],
)
def test_what_does_not_fit(function, shapes, met):
    with pytest.raises(ntb.InputError, match=met):
        ntb.eval_shape(function, *shapes)
