"""Models give in onnxruntime what they give here, for batches of any size."""

import ast
import io
from pathlib import Path

import numpy as np
import pytest

import ntb
from ntb import nn

from .files import close, exported, loaded, run

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)


def of_example(name):
    """The functions and classes of an example, which is not run."""
    path = Path(__file__).parents[2] / "examples" / f"{name}.py"
    script = ast.parse(path.read_text(encoding="utf-8"))
    script.body = [part for part in script.body if isinstance(part, DEFINITIONS)]
    names = {"__name__": name}
    exec(compile(script, path, "exec"), names)
    return names


def convnet():
    """With a normalization that has seen data, so that its statistics are not 0 and 1."""
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding="same"), nn.BatchNorm(4), nn.relu, nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=2), nn.gelu, nn.AvgPool2d(2), nn.Flatten(), nn.Linear(8, 3),
    )  # fmt: skip
    ntb.function(lambda x: model(x, train=True))(images(6))
    return model


def residual():
    model = of_example("resnet")["resnet"](3, widths=(4, 8))
    ntb.function(lambda x: model(x, train=True))(np.ones((2, 3, 8, 8), np.float32) * np.float32(0.3))
    return model


def images(count, channels=2, size=12):
    return np.random.default_rng(1).normal(size=(count, channels, size, size)).astype(np.float32)


def sequences(count):
    return np.random.default_rng(2).normal(size=(count, 5, 3)).astype(np.float32)


def words(count):
    return np.random.default_rng(3).integers(0, 20, (count, 6))


def rows(count):
    return np.random.default_rng(4).normal(size=(count, 4)).astype(np.float32)


MODELS = {
    "MLP": (lambda: nn.MLP(4, 16, 16, 3), rows),
    "convnet": (convnet, images),
    "resnet": (residual, lambda n: images(n, 3, 8)),
    "LSTM": (lambda: nn.Sequential(nn.LSTM(3, 4, layers=2, bidirectional=True), nn.Last(), nn.Linear(8, 2)), sequences),
    "GRU": (lambda: nn.Sequential(nn.GRU(3, 4), nn.Last(), nn.Linear(4, 2)), sequences),
    "RNN": (lambda: nn.RNN(3, 4), sequences),
    "GPT": (lambda: of_example("gpt")["GPT"](20, 8, size=16, heads=2, layers=2), words),
}


@pytest.fixture(params=MODELS)
def model_and_data(request):
    make, data = MODELS[request.param]
    ntb.random.seed(0)
    return make(), data


def test_a_file_is_for_batches_of_any_size(model_and_data):
    model, data = model_and_data
    file = exported(model, data(2))
    for count in (1, 2, 9):
        close(run(file, data(count)), model(data(count)), np.float32)


def test_a_program_is_for_its_own_size(model_and_data):
    model, data = model_and_data
    program = ntb.function(lambda x: model(x)).trace(data(3))
    with io.BytesIO() as file:
        program.save_onnx(file)
        close(run(file.getvalue(), data(3)), program(data(3)), np.float32)


@pytest.mark.parametrize("kind", [lambda: nn.MLP(4, 8, 3), lambda: nn.Sequential(nn.LayerNorm(4), nn.softmax)])
def test_double_precision(kind):
    model, x = nn.cast(kind(), np.float64), rows(3).astype(float)
    close(run(exported(model, x), x), model(x), np.float64)


def test_sequences_of_unequal_lengths_step_by_step():
    model = nn.LSTM(3, 2)
    last = lambda x, n: model(x, lengths=n)[0]
    with ntb.tuned.off():
        file = exported(last, (sequences(2), np.array([5, 1])))
    x, lengths = sequences(3), np.array([2, 5, 4])
    close(run(file, x, lengths), last(x, lengths), np.float32)


def ops(file):
    return [node.op_type for node in loaded(file).graph.node]


def test_well_known_blocks_are_nodes_of_onnx():
    model = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.gelu, nn.Linear(8, 3), nn.softmax)
    assert ops(exported(model, rows(1))) == ["Gemm", "LayerNormalization", "Gelu", "Gemm", "Softmax"]
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.relu, nn.MaxPool2d(2), nn.AvgPool2d(2), nn.Flatten())
    found = [op for op in ops(exported(model, images(1))) if op != "Transpose"]
    assert found == ["Conv", "Relu", "MaxPool", "AveragePool", "Flatten"]
    assert "LSTM" in ops(exported(nn.LSTM(3, 4), sequences(1)))
