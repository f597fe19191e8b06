"""What the docstrings of layers say is so: arguments, shapes of their Variables, and whether `train` matters."""

import ast
import inspect
import re
import textwrap

import numpy as np
import pytest

from ntb import nn

LAYERS = {
    nn.Linear: {"inputs": 3, "outputs": 5},
    nn.Embedding: {"count": 7, "size": 3},
    nn.Conv1d: {"channels": 4, "filters": 6, "kernel": 3, "groups": 2},
    nn.Conv2d: {"channels": 4, "filters": 6, "kernel": (2, 3), "groups": 2},
    nn.Conv3d: {"channels": 4, "filters": 6, "kernel": (1, 2, 3), "groups": 2},
    nn.BatchNorm: {"channels": 4},
    nn.LayerNorm: {"shape": (4, 5)},
    nn.RNN: {"inputs": 3, "units": 5},
    nn.LSTM: {"inputs": 3, "units": 5},
    nn.GRU: {"inputs": 3, "units": 5},
    nn.Dropout: {},
    nn.MaxPool2d: {"kernel": 2},
    nn.AvgPool2d: {"kernel": 2},
    nn.Flatten: {},
    nn.Sequential: {},
}
"""Each layer, with arguments whose sizes are all different."""


def sections(kind):
    """The parts of a class's docstring, by their titles: in each an entry for a name, or a text."""
    found, title = {}, None
    for line in inspect.getdoc(kind).splitlines():
        if re.fullmatch(r"[A-Z]\w+:", line):
            title = line[:-1]
            found[title] = []
        elif not line.startswith("    "):
            title = None
        elif title is not None:
            found[title].append(line[4:])
    return {title: "\n".join(lines) for title, lines in found.items()}


def entries(text):
    """By name what a section says of it; several names may share an entry."""
    found = {}
    for names, said in re.findall(r"^(\w+(?:, \w+)*): (.*(?:\n .*)*)", text, re.M):
        found |= dict.fromkeys(names.split(", "), said)
    return found


def test_every_layer_is_looked_at():
    found = {x for name in nn.__all__ if inspect.isclass(x := getattr(nn, name)) and issubclass(x, nn.Module)}
    assert found - {nn.Module} == set(LAYERS)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_documents_its_arguments_shapes_and_errors(kind):
    said = sections(kind)
    assert list(entries(said.get("Args", ""))) == list(inspect.signature(kind).parameters)
    assert "->" in said["Shapes"] or "which stays" in said["Shapes"]
    assert "InputError: " in said["Raises"]
    assert not any(p.kind is p.VAR_KEYWORD for p in inspect.signature(kind).parameters.values())


@pytest.mark.parametrize("kind", LAYERS)
def test_the_variables_are_those_of_the_docstring(kind):
    layer = kind(**LAYERS[kind])
    said = entries(sections(kind).get("Variables", ""))
    assert list(said) == list(layer.named_variables())
    sizes = dict(LAYERS[kind])
    if isinstance(sizes.get("kernel"), tuple):
        sizes |= dict(zip(("KD", "KH", "KW")[-len(sizes["kernel"]) :], sizes["kernel"]))
    for name, variable in layer.named_variables().items():
        shape = re.match(r"\([^)]*\)|\w+", said[name])[0]
        assert eval(shape, {}, sizes) == variable.shape, name
        assert variable.trainable != ("not trained" in said[name]), name


def test_what_a_docstring_says_of_first_values_is_so():
    for kind, arguments in LAYERS.items():
        layer = kind(**arguments)
        for name, said in entries(sections(kind).get("Variables", "")).items():
            for word, value in (("zeros at first;", 0), ("zeros at first.", 0), ("ones at first", 1)):
                if word in said:
                    assert np.all(getattr(layer, name).value == value), (kind, name)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_call_shows_its_own_signature_and_says_whether_train_matters(kind):
    call = vars(kind)["__call__"]  # not one that it inherits
    layer = kind(**LAYERS[kind])
    assert list(inspect.signature(layer).parameters)[:2] == ["x", "train"]
    assert inspect.signature(layer.__call__) == inspect.signature(layer)
    assert inspect.signature(layer).parameters["train"].default is False
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(call))).body
    used = any(isinstance(node, ast.Name) and node.id == "train" for node in ast.walk(body))
    text = inspect.getdoc(call)
    assert used != ("`train` makes no difference" in text) and "`train`" in text
    if kind is not nn.Sequential:
        assert used == (kind in (nn.Dropout, nn.BatchNorm))
