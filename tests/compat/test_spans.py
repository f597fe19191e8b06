"""Names of nodes are those that their expressions are assigned to, wherever these stand in a line."""

import numpy as np

import ntb.compat as ntb
from ntb.naming import assigned
from tests import oldest

PROGRAM = """
a = ntb.Variable(value=1.0); b = ntb.Variable(value=2.0); c = a * b + 1.0
x, y = ntb.Placeholder([-1, 3]), ntb.Placeholder()
h, w1, b1 = ntb.affine_layer(x, 5)
(out, _, bias), rest = ntb.affine_layer(ntb.Relu(h), 2), []
whole = ntb.affine_layer(x, 4)
loss = (
    (out * out)
    .mean()
)
loss += c * ntb.L2(w1)
ntb.Tanh(h); t = ntb.Sigmoid(h)
lstm = ntb.Lstm(3)
state_h, state = lstm(x, lstm.get_zero_state(2))
sequence, last = lstm(ntb.Placeholder([-1, 4, 3]), lstm.get_zero_state(2))
opt = ntb.Optim(loss, lr=0.1)
"""


@oldest.names
def test_names_of_several_nodes_in_a_line(g, tmp_path):
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    space = {"ntb": ntb}
    exec(compile(PROGRAM, str(file), "exec"), space)
    names = [*"abcxyht", "w1", "b1", "state_h", "state", "sequence", "last", "opt"]
    assert [space[name].name for name in names] == names
    assert space["loss"].name == "loss_2"  # the second that is called so
    assert g.inputs[space["opt"]][1].name == "lr" and space["lstm"].Wx.name == "Wx"
    assert "loss" in g.program([space["loss"]], {space["x"]: np.ones((2, 3))}).source


def test_spans_of_assignments():
    found = assigned("a = b = f(1); self.c: int = g()\n(d := h())\nx[0] = k()\nfor i in y: z = m()\np, *q = n()\n")
    assert set(found.values()) - {()} == {("a",), ("c",), ("d",), ("z",), ("p", "")}
    assert assigned("this is no Python") == {}


def test_lines_of_assignments():
    source = "a = f(\n)\nb = g(); c = h()\nwhile x:\n    d = k()\nif y: e = l()\nm()\n"
    found = {line: name for line, name in assigned(source).items() if isinstance(line, int)}
    assert found == {1: ("a",), 2: ("a",), 5: ("d",), 6: ("e",)}
