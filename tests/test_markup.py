"""What notebooks show: well-formed, escaped, of a bounded size, for whatever object."""

import ast
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import ntb
from ntb import nn, optim
from ntb.markup.graph import Box, picture, pictured
from ntb.markup.pieces import folded, listing, table, titled
from ntb.markup.python import highlighted
from tests.nn.test_layer_docs import LAYERS, made
from tests.optim.makers import MAKERS

NAME = "<b>&'\"]]>"


def parsed(markup):
    """The tree of a piece of HTML; an element that is not closed, or a bare & or <, is an error."""
    assert len(markup) < 100_000
    return ElementTree.fromstring(f"<div>{markup}</div>")


def shown(x):
    """The texts of what a notebook shows of an object."""
    return "".join(parsed(x._repr_html_()).itertext())


def step(bias=0.0):
    """A training step with a name that must be escaped, and what it changes."""
    w = ntb.Variable(np.ones((3, 2)), name=NAME)
    optimizer = optim.SGD(0.1, momentum=0.9)

    @ntb.function
    def step(x):
        return optimizer.minimize(lambda: np.mean(np.tanh(x @ w + bias)), [w])

    for _ in range(2):  # the first call makes the optimizer's slots, and leaves no program
        step(np.ones((4, 3)))
    return w, optimizer, step


def graph():
    g = ntb.compat.ComputationGraph()
    with ntb.compat.default_graph(g):
        x = ntb.compat.Placeholder([-1, 2])
        ntb.compat.Variable(value=np.ones(2), name="offset") * x
    return g


def tape(length=1, persistent=False):
    """A tape of so many operations, and what was computed."""
    x = ntb.tensor(np.ones((2, 3)))
    with ntb.Tape(persistent=persistent) as tape:
        tape.watch(x)
        y = x
        for _ in range(length):
            y = np.tanh(y)
        loss = np.sum(y)
    return tape, loss, x


class Odd(nn.Module):
    """A model with functions, dicts, a part that is held twice, itself, a frozen part and a string."""

    def __init__(self):
        self.first = nn.Linear(2, 3)
        self.named = {NAME: [self.first, np.tanh, nn.BatchNorm(3)], "self": self}
        self.last = nn.Linear(None, 4)
        self.word = NAME
        self.named[NAME][2].trainable = False


def many(x):
    for i in range(300):
        x = np.tanh(x) + i
    return x


def traced_tensor():
    """What a tensor shows within a trace, which ends with an error as the list is changed."""
    found = []

    @ntb.function
    def f(x):
        found.append(np.exp(x)._repr_html_())
        return x

    with pytest.raises(ntb.TapeError):
        f.trace(np.ones(3))
    return found[0]


ARRAYS = {
    "a number": 1.5, "an int": np.int8(3), "a bool": True, "complex": np.array([1 + 2j, np.nan]),
    "nothing": np.zeros(0),
    "no rows": np.zeros((0, 3, 2)), "no columns": np.zeros((3, 0)), "large": np.zeros((1000, 1000, 2)),
    "many axes": np.zeros((2,) * 20), "float16": np.ones(3, np.float16), "none": np.array([np.nan, np.inf, 1.0]),
    "only NaN": np.full(3, np.nan), "long": np.arange(10_000), "wide": np.ones((3, 5000)),
    "bytes": np.zeros(3, np.uint8),
}  # fmt: skip


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_an_array_shows_its_type_and_shape(array):
    for x in (ntb.tensor(array), ntb.Variable(array, name=NAME)):
        text = shown(x)
        assert f"{x.dtype} {x.shape}" in text and text.startswith(type(x).__name__) and len(text) < 3000
    assert NAME in text.replace("\\", "")


def test_an_array_shows_its_range_and_numbers():
    text = shown(ntb.tensor(ARRAYS["none"]))
    assert "from 1 to 1, 2 NaN or infinite" in text and "[nan, inf,  1.]" in text
    assert "from 0 to 9,999" in shown(ntb.tensor(np.arange(10_000)))
    assert "[0, 0]:" in shown(ntb.tensor(np.ones((2, 2, 2, 2)))) and "]:" not in shown(ntb.tensor(np.ones((2, 2))))
    assert "not trainable" in shown(ntb.Variable(1.0, trainable=False))


def test_an_array_of_another_library_shows_itself_in_its_own_way():
    dask = pytest.importorskip("dask.array", reason="arrays of Dask show themselves")
    assert "<svg" in ntb.tensor(dask.ones((4, 4), chunks=2))._repr_html_()


def test_tensors_show_themselves_within_a_trace_and_tapes():
    parsed(traced_tensor())
    with ntb.Tape() as tape:
        x = tape.watch(np.ones(2))
        before = len(tape)
        assert "float64 (2,)" in shown(np.exp(x)) and shown(tape) and len(tape) == before + 1
    w = ntb.Variable(np.ones(2))
    program = ntb.function(lambda x: (w._repr_html_(), x)[1]).trace(np.ones(2))
    assert program.stats["operations"] == 0, "to show a variable reads it"


def test_a_model_shows_its_parts():
    text = shown(nn.Sequential(nn.Linear(784, 50), nn.relu, nn.Dropout(0.2), nn.Linear(50, 10)))
    assert "39,760 parameters" in text and "  layers.1relu" in text and "weight[784, 50], bias[50]39,250" in text
    text = shown(Odd())
    assert NAME in text and "as above" in text and "tanh" in text
    assert "9 + 12 not trained parameters" in text and "Linear" in text
    assert "no parameters" in shown(nn.Sequential(nn.relu))
    assert "…" in shown(nn.Sequential(*[nn.relu] * 1000))


def test_a_tape_shows_its_operations():
    few, loss, x = tape(3)
    text = shown(few)
    assert text.count("tanh") == 6 and "tape of 4 operations" in text  # in the picture and in the listing
    few.gradient(loss, x)
    assert shown(few) == "tape that was used up" and repr(few) == "<tape that was used up>"
    many = tape(3000)[0]
    assert "…" in shown(many) and "<svg" not in many._repr_html_() and repr(many) == "<tape of 3001 operations>"
    assert shown(tape(1, persistent=True)[0])


def test_a_program_shows_its_source_and_graph():
    _, _, function = step()
    (program,) = function.programs
    text = shown(program)
    assert "def step(x" in text and "operations" in text and "graph" in text
    assert text.count("tanh") >= 2
    large = ntb.function(many).trace(1.0)
    assert "…" in shown(large) and "<svg" not in large._repr_html_()


def test_a_traced_function_shows_its_programs():
    _, _, function = step()
    function(np.ones((5, 3)))
    text = shown(function)
    assert "traced function step, 2 programs" in text and "x: float64[4, 3]" in text and "x: float64[5, 3]" in text
    assert repr(function) == "<traced function step, 2 programs>"
    assert repr(ntb.function(lambda x: x)) == "<traced function <lambda>, 0 programs>"
    assert "0 programs" in shown(ntb.function(lambda x: x))


def test_an_optimizer_shows_its_settings():
    _, optimizer, _ = step()
    text = shown(optimizer)
    assert "SGD(lr=0.1, momentum=0.9" in text and "steps2" in text and "of 1 parameter" in text
    text = shown(optim.Lookahead(optim.Adam(optim.schedules.cosine(0.1, 9))))
    assert text.startswith("Lookahead") and "Adam" in text and "cosine" in text
    assert "weight_decay" in shown(optim.Groups(optim.AdamW(), {NAME: {"weight_decay": 0.0}}))


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_every_layer_shows_its_variables(kind):
    layer = made(kind)
    count = sum(v.size for v in layer.trainable_variables())
    assert shown(layer).startswith(f"{kind.__name__} {count:,}" if count else kind.__name__)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_optimizer_shows_itself_as_it_prints_itself(make):
    optimizer, w = make(), ntb.Variable(np.ones((2, 2)))
    for _ in range(2):
        optimizer.minimize(lambda: np.sum(w * w), [w])
    assert repr(optimizer).replace("\n", "") in shown(optimizer).replace("\n", "")


def test_a_graph_shows_its_nodes():
    assert shown(graph()).count("offset") > 1 and "<svg" in graph()._repr_html_()


@pytest.mark.parametrize("piece", [
    titled(NAME, facts=[NAME]), table([NAME], [[NAME]]), listing([NAME]), folded(NAME, ""), highlighted(NAME),
    picture([Box([NAME])]), pictured(NAME, [Box([NAME], "input"), Box([NAME], inputs=[0])], [NAME]),
])  # fmt: skip
def test_every_piece_is_escaped(piece):
    assert NAME in "".join(parsed(piece).itertext())


def test_the_source_is_what_it_was():
    source = '"""A doc\nstring."""\nfor i in x: # "no" < 3\n'
    source += "    y['a\\''] = 1.5e-3 + x2 + 0x1f - 7j if not None else \"b\"\n"
    tree = parsed(highlighted(source))
    assert "".join(tree.itertext()) == source
    words = [span.text for span in tree.iter("span")]
    assert words == ['"""A doc\nstring."""', "for", "in", '# "no" < 3', "'a\\''", "1.5e-3", "0x1f", "7j", "if", "not",
                     "None", "else", '"b"']  # fmt: skip
    assert "…" in "".join(parsed(highlighted("x\n" * 1000)).itertext())


def test_arrows_lead_from_box_to_box():
    tree = parsed(picture([Box(["x"], "input"), Box(["exp"], inputs=[0]), Box(["sum"], inputs=[0, 1], result=True)]))
    names = [element.tag.split("}")[1] for element in tree.iter() if "}" in element.tag]
    assert names.count("rect") == names.count("text") == 3 and names.count("path") == 2 * 3
    assert not picture([]) and not picture([Box(["x"])] * 1000)


def test_history_is_a_table():
    history = ntb.training.History()
    history.append({"epoch": 1, "loss": 0.25})
    assert "loss" in shown(history) and "0.25" in shown(history)


def test_layers_are_pictures_that_open():
    tree = parsed(ntb.vis.layers(nn.Sequential(nn.Linear(2, 3), np.tanh), (4, 2))._repr_html_())
    assert {"details", "summary"} < {element.tag for element in tree.iter()}
    assert sum(element.tag.endswith("svg") for element in tree.iter()) == 2


def test_each_class_with_a_look_of_its_own_is_tried():
    root = Path(ntb.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in root.rglob("*.py")]
    classes = {
        node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
        for own in node.body if isinstance(own, ast.FunctionDef) and own.name == "_repr_html_"
    }  # fmt: skip
    assert classes == {"Looks", "Variable", "Listing", "Module", "Program", "Function", "Minimizer", "ComputationGraph",
                       "History", "Layers"}  # fmt: skip
