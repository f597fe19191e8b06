"""Files of the earlier ntb, written by old and new NumPy, are loaded."""

import contextlib
import io
import pickle
import sys

import numpy as np
import pytest

import ntb.compat as ntb
from tests.reliability.test_hostile_files import OBJECTS

rng = np.random.default_rng(0)


class OldPickler(pickle._Pickler):
    """Writes the module names of NumPy before 2.0."""

    def save_global(self, obj, name=None):
        module = getattr(obj, "__module__", None) or ""
        name = name or obj.__qualname__
        if module.startswith("numpy._core"):
            self.write(b"c" + module.replace("numpy._core", "numpy.core").encode() + b"\n" + name.encode() + b"\n")
            self.memoize(obj)
        else:
            super().save_global(obj, name)

    dispatch = {**pickle._Pickler.dispatch, type(len): save_global, type(np.sum): save_global}


def write(path, value, protocol=2, old=True):
    buffer = io.BytesIO()
    (OldPickler if old else pickle.Pickler)(buffer, protocol).dump(value)
    path.write_bytes(buffer.getvalue())
    return path


def equal(a, b):
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, np.ndarray | np.generic):
        return np.array_equal(a, b) and a.dtype == b.dtype and type(a) is type(b)
    return type(a) is type(b) and a == b


def convnet():
    """conv, batch norm, pool, conv, batch norm, dense, dense, adam: 15 entries."""
    g = ntb.ComputationGraph()
    with ntb.default_graph(g):
        x, y, lr = ntb.Placeholder([-1, 1, 12, 12]), ntb.Placeholder([-1]), ntb.Placeholder()
        train = ntb.Placeholder()
        h = x
        for filters in (3, 4):
            h, *_ = ntb.conv_layer(h, filters, 3, 3, stride=2)
            h, *_ = ntb.spatial_batchnorm_layer(h, train)
            h = ntb.Relu(h)
        h, *_ = ntb.affine_layer(ntb.max_pool_layer(h, 2, 2), 6)
        scores, *_ = ntb.affine_layer(ntb.Relu(h), 5)
        l = ntb.CrossEntropyLogits(scores, y)
        opt = ntb.Optim(l, lr=lr, update_rule="adam")
    return g, [scores, l, opt], {x: rng.normal(size=(4, 1, 12, 12)), y: np.arange(4), lr: 1e-2, train: 1.0}


def text_rnn():
    """Two LSTMs with states, embedding, scores: 12 entries."""
    g = ntb.ComputationGraph()
    with ntb.default_graph(g):
        x, y, lr = ntb.Placeholder([-1, -1, 8]), ntb.Placeholder([-1, -1]), ntb.Placeholder()
        h = x
        for lstm in (ntb.Lstm(6), ntb.Lstm(6)):
            state = lstm.get_zero_state(3, as_node=True)
            h, _ = lstm(h, state)
        w, b = ntb.Variable(shape=(6, 8)), ntb.Variable(value=np.zeros(8))
        scores = ntb.TemporalAffine(h, w, b)
        scale = ntb.Variable(value=1.0)
        l = ntb.TemporalCE(scores * scale, y, np.ones((3, 4)))
        opt = ntb.Optim(l, lr=lr, update_rule="rmsprop")
    return g, [scores, l, opt], {x: rng.normal(size=(3, 4, 8)), y: rng.integers(0, 8, (3, 4)), lr: 1e-2}


@pytest.mark.parametrize("make, entries", [(convnet, 15), (text_rnn, 12)])
@pytest.mark.parametrize("protocol, old", [(2, True), (3, True), (4, False), (5, False), (0, True)])
def test_saved_networks(tmp_path, make, entries, protocol, old):
    g, fetches, feed = make()
    for _ in range(2):
        g.run(fetches, feed)
    for node in g.mutable_nodes:
        if getattr(node, "shape", ()) == (2, -1, 6):
            node.value = rng.normal(size=(2, 3, 6))  # states that are not zero
    saved = g.save()
    assert len(saved) == entries
    path = write(tmp_path / "net.pickle", saved, protocol, old)
    assert b"numpy._core" not in path.read_bytes() or not old
    loaded = ntb.load_legacy(path)
    assert equal(loaded, saved)
    expected = g.run(fetches, feed)
    other, other_fetches, _ = make()
    other.load(loaded)
    got = other.run(other_fetches, dict(zip(other.order, [])) | {n: v for n, v in zip_feed(g, other, feed)})
    assert equal(list(expected), list(got)) and equal(g.save(), other.save())


def zip_feed(g, other, feed):
    """The feed of one graph for another that was built alike."""
    return [(b, feed[a]) for a, b in zip(g.order, other.order) if a in feed]


VALUES = [
    [], {"a": (1, 2.5, None, True, "text", b"bytes")}, [np.float64(2.5), np.int64(3), np.bool_(True)],
    [np.arange(6).reshape(2, 3), np.asfortranarray(rng.normal(size=(3, 4))), np.array(5.0), np.zeros((0, 3))],
    [np.arange(3, dtype=">i4"), np.arange(3, dtype=np.float32), np.ones(2, complex), np.array([True, False])],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize("protocol", range(6))
def test_containers_and_arrays_of_all_kinds(tmp_path, value, protocol):
    loaded = ntb.load_legacy(write(tmp_path / "x", value, protocol, old=protocol < 4))
    native = [x.astype(x.dtype.newbyteorder("=")) if isinstance(x, np.ndarray) else x for x in value]
    assert equal(native if isinstance(value, list) else value, loaded)


def test_what_occurs_twice_is_one(tmp_path):
    w = np.ones(3)
    loaded = ntb.load_legacy(write(tmp_path / "x", [w, w]))
    assert loaded[0] is loaded[1]
    loaded[0][0] = 5.0  # arrays can be written to


# --- files that are refused, of which tests/reliability/test_hostile_files.py has more, and sizes that are not


NAME_ALONE = b"\x80\x02cnumpy\nndarray\n."


@pytest.mark.parametrize("content", [NAME_ALONE, pickle.dumps(OBJECTS["an array without content"])])
def test_a_refusal_names_the_file(tmp_path, content):
    path = tmp_path / "weights"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="weights"):
        ntb.load_legacy(path)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_containers_in_containers_up_to_a_depth_of_fifty(tmp_path):
    assert equal(ntb.load_legacy(write(tmp_path / "x", nested(50))), nested(50))
    with pytest.raises(ValueError, match="nested too deep"):
        ntb.load_legacy(write(tmp_path / "x", nested(51)))


def test_lists_of_lists_that_would_grow_without_end(tmp_path):
    value = [1.0]
    for _ in range(40):
        value = [value, value]
    loaded = ntb.load_legacy(write(tmp_path / "x", value))
    assert loaded[0] is loaded[1]


def test_a_far_place_in_the_memo_takes_no_memory(tmp_path):
    (tmp_path / "x").write_bytes(b"\x80\x02]r\xff\xff\xff\x7f.")
    assert ntb.load_legacy(tmp_path / "x") == []


def test_any_change_of_a_byte_gives_data_or_an_error(tmp_path):
    content = write(tmp_path / "x", [np.arange(3.0), {"v": np.ones((2, 2)), "t": 3}, (np.float64(1.0),)]).read_bytes()
    before = set(sys.modules)
    for i in range(len(content)):
        for value in (0, content[i] ^ 1, ord("R"), ord("b"), 255):
            (tmp_path / "x").write_bytes(content[:i] + bytes([value]) + content[i + 1 :])
            with contextlib.suppress(ValueError):
                ntb.load_legacy(tmp_path / "x")
    assert {m for m in set(sys.modules) - before if not m.startswith(("encodings", "numpy"))} == set()


def test_a_missing_file():
    with pytest.raises(FileNotFoundError):
        ntb.load_legacy("nowhere.pickle")
