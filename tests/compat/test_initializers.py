"""Section 9: initialisers."""

import numpy as np
import pytest

import ntb.compat as ntb


def test_constants():
    source = np.array([1, 2])
    make = ntb.const_init(source)
    source[0] = 9
    first = make()
    first[1] = 9
    assert make().tolist() == [1, 2] and make().dtype == int
    assert ntb.const_init(0.5, (2, 2))().tolist() == [[0.5, 0.5], [0.5, 0.5]] and ntb.const_init(3)() == 3


def test_normal_numbers_are_clipped_around_zero():
    np.random.seed(0)
    assert ntb.normal_init(mean=10.0, std=1.0, shape=(5,))().tolist() == [4.0] * 5
    draws = ntb.normal_init(std=2.0, shape=(20000,))()
    assert draws.std() == pytest.approx(2, rel=0.03) and abs(draws).max() <= 8 and np.shape(ntb.normal_init()()) == ()
    np.random.seed(1)
    a = ntb.normal_init(shape=(3,))()
    np.random.seed(1)
    assert np.array_equal(a, np.random.normal(size=3))


@pytest.mark.parametrize(
    "shape, fans",
    [((300, 500), 800), ((50, 20, 5, 5), 20 * 25 + 50), ((5000,), 5001), ((100, 30, 40), 1200 + 100)],
)
def test_xavier(shape, fans):
    np.random.seed(0)
    std = np.sqrt(2 / fans)
    draws = ntb.xavier_init(shape)()
    assert draws.shape == shape and draws.std() == pytest.approx(std, rel=0.03) and abs(draws).max() <= 4 * std


def test_xavier_of_a_scalar():
    np.random.seed(0)
    assert np.std([ntb.xavier_init(())() for _ in range(4000)]) == pytest.approx(0.1, rel=0.05)


def test_variables_draw_from_numpy(g):
    np.random.seed(5)
    w = ntb.Variable(shape=(3, 4))
    np.random.seed(5)
    assert np.array_equal(w.value, ntb.xavier_init((3, 4))())
    np.random.seed(5)
    g.reset()
    np.random.seed(5)
    assert np.array_equal(w.value, ntb.initializers.xavier_init((3, 4))())
