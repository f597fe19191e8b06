"""The table of habits: each is answered by an error that names ntb's way, and ntb's way runs."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ntb
from ntb import habits, nn, optim
from scripts import make_habits

TABLE = habits.table()


@pytest.fixture
def names():
    """What the codes of the table speak of."""
    space = {}
    exec(make_habits.NAMES, space)
    return space


def test_there_are_many_from_each_library():
    libraries = [row.library for row in TABLE.values()]
    assert set(libraries) == {"PyTorch", "Keras", "JAX", "TensorFlow", "NumPy", "scikit-learn", "earlier ntb"}
    assert len(TABLE) > 250 and min(libraries.count(x) for x in ("PyTorch", "Keras", "JAX", "TensorFlow")) > 20
    assert sum("(" in code or "[" in code for code in TABLE) > 40  # calls


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_a_habit_is_answered_by_an_example_that_runs(row, names, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    is_call = "(" in row.code or "[" in row.code
    with pytest.raises((TypeError, ntb.InputError, ntb.TapeError) if is_call else AttributeError) as caught:
        exec(row.code, dict(names))
    text = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
    assert row.answer in text and row.example in text
    if not is_call:
        owner, _, attribute = row.code.rpartition(".")
        assert not hasattr(eval(owner, dict(names)), attribute)
        assert not isinstance(caught.value, ntb.NtbError)
    exec(row.example, dict(names))


def test_rows_are_in_their_place_and_answers_short():
    assert all(row.answer and not row.answer.endswith((".", ":")) for row in TABLE.values())
    assert all(len(row.answer) < 120 for row in TABLE.values())


@pytest.mark.parametrize(
    ("code", "piece"),
    [
        ("ntb.zeros", "np.zeros"), ("ntb.exp", "np.exp"), ("nn.exp", "np.exp"), ("t.cos", "np.cos(t)"),
        ("ntb.Linear", "ntb.nn.Linear"), ("ntb.Adam", "ntb.optim.Adam"), ("ntb.batches", "ntb.data.batches"),
        ("nn.linaer", "did you mean 'linear'"), ("nn.conv2D", "did you mean 'conv2d'"), ("opt.aply", "'apply'"),
        ("model.trainable_variable", "'trainable_variables'"), ("tape.gradiant", "'gradient'"),
        ("ntb.nonsense", "docs/coming_from.md"), ("t.nonsense", "docs/coming_from.md"),
        ("nn.initializers.he_uniforn", "'he_uniform'"), ("ntb.io.dump", "docs/coming_from.md"),
        ("nn.initializers.HeNormal", "'he_normal'"), ("optim.nadam", "'NAdam'"), ("optim.ema", "optim.EMA"),
        ("nn.mse_loss", "nn.mse(t, t)"), ("nn.ReflectionPad3d", 'nn.Pad(1, "reflect")'), ("nn.LazyConv3d", "nn.Conv3d"),
        ("nn.MaxPooling1D", "nn.MaxPool1d(2)"), ("nn.SeparableConv1D", "'SeparableConv2d'"),
    ],
)  # fmt: skip
def test_other_names_are_found_where_they_are(code, piece, names):
    with pytest.raises(AttributeError) as caught:
        eval(code, names)
    assert piece in str(caught.value)


@pytest.mark.parametrize(
    ("code", "piece"),
    [
        ("nn.GRU(input_size=2, hidden_size=3)", "sizes are the first"),
        ("nn.Conv1d(3, 4, kernel_size=2)", "sizes are the first"),
        ("optim.SGD(learning_rate=0.1)", "optim.Adam(lr=0.01)"), ("optim.SGD(params, lr=0.1)", "given to each step"),
        ("t.max(dim=0)", "axis"), ("w.mean(keepdim=True)", "keepdims"), ("nn.log_softmax(t, dim=0)", "axis"),
        ("nn.LSTM(2, 3, 2)", "given by name: layers="), ("nn.Linear(2, 3, False)", "given by name: bias="),
        ("nn.MaxPool2d(2, 2, 0, 1)", "MaxPool2d.__init__() takes from 2 to 4"),
        ("ntb.hessian(f, v)", "ntb.hessian(f)(v)"), ("ntb.value_and_grad(2.0)", "takes a function"),
    ],
)  # fmt: skip
def test_calls_like_those_of_the_table(code, piece, names):
    with pytest.raises((TypeError, ntb.InputError)) as caught:
        eval(code, names)
    assert piece in "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("nn.Linear(2, 3, nonsense=1)", r"Linear.__init__\(\) got an unexpected keyword argument 'nonsense'$"),
        ("ntb.Variable()", r"missing 1 required positional argument: 'value'$"), ("t.sum(7, 8, 9, 10)", "sum"),
        ("nn.PReLU(alpha=1)", r"argument 'alpha'$"), ("nn.conv2d(x, kernel=v)", r"argument 'kernel'$"),
        ("nn.scaled_dot_product_attention(t, t, mask=None)", r"argument: 'v'$"),
        ("ntb.tensor(1.0, nonsense=1)", "nonsense"), ("ntb.grad(lambda x: len(x))(2.0)", "len"),
    ],
)  # fmt: skip
def test_errors_that_are_no_habits_stay_what_they_are(code, text, names):
    with pytest.raises(TypeError, match=text) as caught:
        eval(code, names)
    assert "PyTorch" not in str(caught.value) and not isinstance(caught.value.__cause__, TypeError)


def test_a_users_own_classes_keep_their_arguments_and_attributes():
    class Net(nn.Module):
        def __init__(self, in_features, **others):
            super().__init__()
            self.train = in_features
            self.others = others

    net = Net(in_features=3, kernel_size=5)
    assert net.train == 3 and net.others == {"kernel_size": 5}
    with pytest.raises(TypeError, match="unexpected keyword argument 'dim'$"):
        (lambda x: x)(dim=3)


@pytest.mark.parametrize("name", ["model", "opt", "t", "w", "tape", "trainer", "callback", "traced"])
def test_protocols_that_ask_for_attributes(name, names):
    """They ask by `hasattr` and for names with underscores, and none must meet an answer or an error."""
    x = names[name]
    for attribute in ("__array_interface__", "__length_hint__", "_repr_latex_", "_ipython_display_", "shape_"):
        assert not hasattr(x, attribute)
    assert getattr(x, "parameters", None) is None
    assert callable(getattr(x, "__class__", None)) and repr(x)
    if name in ("model", "opt", "t", "w"):
        assert type(copy.copy(x)) is type(x)
        assert type(pickle.loads(pickle.dumps(copy.deepcopy(x)))) is type(x)


def test_who_only_asks_pays_little():
    """A name with an underscore is refused before the table is read."""
    code = "import ntb; t = ntb.tensor(1.0); hasattr(t, '__array_interface__'); hasattr(ntb.nn, '__wrapped__')\n"
    code += "print(ntb.habits.table.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "0"


def test_the_step_counter_is_a_variable_as_before():
    opt = optim.Adam()
    opt.apply([np.ones(2)], [ntb.Variable([1.0, 2.0])])
    assert isinstance(opt.step, ntb.Variable) and int(opt.step) == 1 and repr(opt.step).startswith("Variable(1")
    assert int(pickle.loads(pickle.dumps(opt.step))) == 1


# --- what is listed


PACKAGES = ["ntb", "ntb.nn", "ntb.optim", "ntb.optim.schedules", "ntb.nn.initializers", "ntb.data", "ntb.random",
            "ntb.training", "ntb.io"]  # fmt: skip


@pytest.mark.parametrize("name", PACKAGES)
def test_dir_lists_the_public_names_at_once(name):
    code = f"import {name} as m, sys; print(*dir(m)); print(all(hasattr(m, name) for name in dir(m)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    names, found = done.stdout.splitlines()
    module = sys.modules[name]
    expected = {*module.__all__, *({"compat", "__version__"} if name == "ntb" else ())}
    assert set(names.split()) == expected and found == "True"
    assert not {"np", "Any", "annotations"} & expected


def test_the_version_stands_in_one_place():
    assert "version = attr: ntb.__version__" in (ROOT / "setup.cfg").read_text()
    assert ntb.__version__.count(".") >= 2


# --- the page

ROOT = Path(ntb.__file__).parent.parent


def test_the_page_is_that_of_the_table():
    assert make_habits.PAGE.read_text() == make_habits.page(), "run python scripts/make_habits.py"
