"""What stands in a file: names, sizes, metadata; and what is fed."""

import io
import sys

import numpy as np
import pytest

import ntb
from ntb import nn

from .files import close, exported, loaded, run


def sizes(x):
    return [d.dim_param or d.dim_value for d in x.type.tensor_type.shape.dim]


def test_a_file_says_who_wrote_it():
    model = loaded(exported(nn.Linear(2, 1), np.ones((1, 2), np.float32)))
    assert (model.producer_name, model.producer_version) == ("ntb", ntb.__version__)
    assert model.opset_import[0].version >= 17


def test_names_are_those_of_the_program():
    model = nn.Sequential(nn.Linear(3, 4), nn.relu, nn.Linear(4, 2))

    def scores(images, weight):
        logits = model(images) * weight
        return logits, {"best": np.argmax(logits, axis=1)}

    graph = loaded(exported(scores, (np.ones((2, 3), np.float32), np.array(2, np.float32)))).graph
    assert [x.name for x in graph.input] == ["images", "weight"]
    assert [sizes(x) for x in graph.input] == [["batch", 3], []]
    assert graph.output[0].name == "logits" and sizes(graph.output[0]) == ["batch", 2]
    names = {x.name for x in graph.initializer}
    assert names >= {"model.layers.0.weight", "model.layers.0.bias", "model.layers.2.weight", "model.layers.2.bias"}
    assert graph.name == "scores"
    assert all(node.doc_string for node in graph.node)
    (product,) = [node for node in graph.node if node.output[0] == "logits"]
    assert product.doc_string.startswith("np.multiply at test_files.py:")


def test_variables_of_a_model_have_the_names_of_their_places():
    model = nn.Sequential(nn.Linear(None, 4), nn.relu)
    names = {x.name for x in loaded(exported(model, np.ones((2, 3), np.float32))).graph.initializer}
    assert names >= {"layers.0.weight", "layers.0.bias"}


def test_a_model_of_ntb_alone_has_no_lines():
    graph = loaded(exported(nn.Sequential(nn.Linear(3, 4), nn.relu), np.ones((2, 3), np.float32))).graph
    assert [node.doc_string for node in graph.node] == ["affine", "relu"]
    assert (graph.name, graph.output[0].name) == ("Sequential", "output")


def test_a_file_for_a_size_has_that_size():
    graph = loaded(exported(np.exp, np.ones((3, 2)), batch=False)).graph
    assert sizes(graph.input[0]) == sizes(graph.output[0]) == [3, 2]


def test_inputs_by_name_and_in_structures():
    def total(pair, scale):
        return pair[0] * scale + np.sum(pair[1], axis=1)

    pair, scale = [np.ones(3, np.float32), np.ones((3, 2), np.float32)], np.array(3, np.float32)
    file = exported(total, {"pair": pair, "scale": scale})
    one, two = np.arange(5, dtype=np.float32), np.ones((5, 2), np.float32)
    close(run(file, one, two, scale), total([one, two], scale), np.float32)


def test_which_inputs_are_batches():
    project = lambda x, w: x @ w
    x, w = np.ones((3, 3), np.float32), np.full((3, 2), 2, np.float32)
    file = exported(project, (x, w), batch=["x"])
    assert [sizes(i) for i in loaded(file).graph.input] == [["batch", 3], [3, 2]]
    close(run(file, x[:2], w), x[:2] @ w, np.float32)


def test_a_float_of_python_leaves_the_type_of_arrays_as_it_is():
    scaled = lambda x, by: x * by
    x = np.ones((2, 3), np.float32)
    close(run(exported(scaled, (x, 2.5)), x, np.array(2.5)), scaled(x, 2.5), np.float32)


def test_outputs_that_are_inputs_variables_constants_or_twice_the_same():
    w = ntb.Variable(np.ones(2), name="w")
    parts = lambda x: (x, w.read(), np.arange(2.0), *[x + 1] * 2)
    x = np.ones((3, 2))
    close(run(exported(parts, x), x), parts(x), np.float64)


def test_sizes_that_follow_from_the_batch():
    def shapes(x):
        return np.reshape(x, (-1,)), np.zeros((len(x), 4), x.dtype) + x[:, :1], x / len(x), x[: len(x) // 1][::-1]

    x = np.arange(6.0).reshape(2, 3)
    file = exported(shapes, x)
    x = np.arange(12.0).reshape(4, 3)
    close(run(file, x), shapes(x), np.float64)


def test_errors_of_numpy_that_are_set_are_no_part_of_a_file():
    def quiet(x):
        with np.errstate(divide="ignore"):
            return np.log(x)

    x = np.ones((2, 2))
    close(run(exported(quiet, x), x), quiet(x), np.float64)


def test_a_file_on_disk(tmp_path):
    path = tmp_path / "model.onnx"
    ntb.onnx.export(nn.relu, np.ones(2), path)
    close(run(path.read_bytes(), np.ones(2)), [np.ones(2)], np.float64)


def test_without_the_library_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ntb.InputError, match="pip install"):
        ntb.onnx.export(nn.relu, np.ones(2), io.BytesIO())
