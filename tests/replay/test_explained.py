"""The explain page: its links are those that the tape's records say, each line has some or says why not, its values are
those of a run, and its formulas are well-formed."""

import re
import types
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntb
from ntb import InputError, Tape, Variable, function, nn, optim
from ntb.chapters import open_chapters
from ntb.replay import trace as tracing
from ntb.replay.annotated import values
from ntb.replay.annotated.formulas import Formulas
from ntb.replay.annotated.partners import lines_of
from ntb.replay.annotated.picture import layers_of, overview
from ntb.replay.annotated.rules import rule_of
from ntb.replay.annotated.values import looks
from ntb.replay.code import Pull
from ntb.replay.names import final_gradients
from ntb.replay.source import Source
from ntb.tape import gradient
from ntb.tape.rules import table
from ntb.tape.tensor import Tensor
from tests.replay.programs import gradients_of, training_step
from tests.samples import SAMPLES

X, LABELS = np.linspace(-1, 1, 20, dtype=np.float32).reshape(5, 4), np.array([0, 1, 0, 1, 1])
W, V = np.linspace(-1, 1, 9).reshape(3, 3), np.ones((3, 3))


def classifier(optimizer=None):
    ntb.random.seed(0)
    model, optimizer = nn.Sequential(nn.Linear(4, 3), np.tanh, nn.Linear(3, 2)), optimizer or optim.Adam(0.01)

    def step(x, y):
        with Tape() as tape:
            loss = nn.cross_entropy(model(x, train=True), y)
        optimizer.apply(tape.gradient(loss, model.variables()), model.variables())
        return loss

    return step, (X, LABELS)


def images():
    ntb.random.seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm(2), nn.relu, nn.Dropout(0.5), nn.Flatten(), nn.Linear(8, 2))
    optimizer = optim.SGD(0.1)

    def step(x, y):
        with Tape() as tape:
            loss = nn.cross_entropy(model(x, train=True), y)
        optimizer.apply(tape.gradient(loss, model.trainable_variables()), model.trainable_variables())
        return loss

    return step, (np.linspace(-1, 1, 48, dtype=np.float32).reshape(3, 1, 4, 4), LABELS[:3])


def second_order():
    def product(w, v):
        with Tape() as outer:
            outer.watch(w)
            with Tape() as inner:
                inner.watch(w)
                h = np.tanh(w @ w)
                loss = np.sum(h * h * w)
            slope = inner.gradient(loss, w)
            along = np.sum(slope * v)
        return slope, outer.gradient(along, w)

    return product, (W, V)


PROGRAMS = [classifier, images, second_order]


def explained(f, args):
    program = function(f).trace(*args)
    source = Source(program.code)
    return program, source, lines_of(program.code, source)


# --- links


def walked(monkeypatch, f, args):
    """The code of a function, and the steps of its tapes' walks that call anything, as the walks themselves tell them:
    operation, position, results."""
    steps, numberings = [], []
    trace, tensors = tracing.Trace(f.__code__), [Tensor(np.asarray(a)) for a in args]

    class Kept(tracing._Numbering):
        def __init__(self, code):
            super().__init__(code)
            numberings.append(self)

    def noting(operation, g, y, arguments, kwargs, inputs, result=None):
        taken, before = iter(inputs), len(trace.notes)
        for x, d in pulled(operation, g, y, arguments, kwargs, inputs, result):
            yield x, d  # after which the walk may add it to what is there
            steps.append((operation, next(taken)[0], result, len(trace.notes) > before))
            before = len(trace.notes)

    pulled = gradient.pulled
    with monkeypatch.context() as patch:
        patch.setattr(gradient, "pulled", noting)
        patch.setattr(tracing, "_Numbering", Kept)
        with trace:
            f(*tensors)
        trace.roll_back()
        code, _ = tracing.build("f", trace, [(f"x{n}", x) for n, x in enumerate(tensors)], [])
    refs = numberings[0].by_id
    told = {
        (operation.name, position, tuple(refs[x] for x in (ids if type(ids) is tuple else (ids,)) if x in refs))
        for operation, position, ids, called in steps
        if called
    }
    return code, told


def of_sample(row):
    rng = np.random.default_rng(0)
    return lambda: (gradients_of(row.call), row.arrays(rng, row.shapes[0], np.float64))


ROWS = [row for row in SAMPLES if row.order][::25]


@pytest.mark.parametrize("program", [*PROGRAMS, *map(of_sample, ROWS)])
def test_each_call_knows_the_record_that_it_goes_back_through(program, monkeypatch):
    f, args = program()
    code, told = walked(monkeypatch, f, args)
    found = {(pull.operation.name, pull.position, pull.results) for i in code.instructions for pull in i.pulls}
    assert found == told and found
    made = {ref: i for i in code.instructions for ref in i.writes()}
    for i in code.instructions:
        for pull in i.pulls:
            assert all(made[ref].function is pull.operation.call for ref in pull.results if ref in made)


def check_adjoints(code, lines):
    """A call that reads the gradient of a value goes back through the call that made the value, or through one whose
    gradient that is as well, as a sum passes it on. (Where gradients are added, the sum belongs to the last one.)"""
    line_of = {id(i): n for n, line in enumerate(lines) for i in line.calls}
    made = {ref: i for i in code.instructions for ref in i.writes()}
    gradients = final_gradients(code)
    owner = {d: y for y, d in gradients.items()}

    def passing(y):
        passed = [ref for ref in made[y].reads() if ref not in gradients] if y in made else []
        return {y}.union(*map(passing, passed))

    compared = 0
    for i in code.instructions:
        read = [owner[d] for d in i.reads() if d in owner] if i.pulls and i.function is not np.add else []
        if read:
            through = {ref for pull in i.pulls for ref in pull.results}.intersection(
                *[set().union(*map(passing, read))]
            )
            assert through, i
            for ref in through & made.keys():
                k, n = line_of.get(id(made[ref])), line_of.get(id(i))
                assert k == n or None in (k, n) or (n in lines[k].back and k in lines[n].through)
                compared += 1
    return compared


def check_links(program, lines):
    for n, line in enumerate(lines):
        assert line.back or line.through or line.updates or line.why, line.text
        assert all(n in lines[k].back for k in line.through) and all(n in lines[k].through for k in line.back)
        assert all(n in lines[k].updates for k in line.updates) and all(n in lines[k].used for k in line.uses)
    shown = {id(i) for line in lines for i in line.statement.instructions}
    assert shown == {id(i) for i in program.code.instructions}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_line_has_a_link_or_says_why_not(program):
    made, _, lines = explained(*program())
    check_links(made, lines)
    assert program is second_order or check_adjoints(made.code, lines) > 3


def test_links_where_equal_calls_are_merged():
    """Each of the calls that became one has a gradient, and goes back through the calls that it was made of."""

    def slope(x):
        with Tape() as tape:
            tape.watch(x)
            y = np.sin(x) / (np.abs(x) + 1.5)
            loss = np.sum(y / (np.abs(x) + 1.5))
        return tape.gradient(loss, x)

    program, _, lines = explained(slope, (W,))
    assert sum(i.function is np.absolute for i in program.code.instructions) == 1
    check_links(program, lines)
    assert check_adjoints(program.code, lines)
    made = {ref for i in program.code.instructions for ref in i.writes()}
    assert final_gradients(program.code).keys() <= made | {ref for _, ref in program.code.inputs}


@settings(max_examples=12)
@given(st.data())
def test_links_of_random_programs(data):
    step, calls, _ = training_step(data.draw, calls=1)
    program, _, lines = explained(step, calls[0])
    check_links(program, lines)
    check_adjoints(program.code, lines)


def texts(lines, numbers):
    return [lines[n].text.strip() for n in sorted(numbers)]


def test_lines_of_a_classifier():
    _, _, lines = explained(*classifier(optim.SGD(0.1)))
    by_text = {line.text.strip(): line for line in lines}
    second = by_text["t3 = t2 @ layers_2_weight + layers_2_bias"]
    assert texts(lines, second.back) == [
        "d_layers_2_weight = t2.T @ d_t3",
        "d_layers_2_bias = np.ones(5, np.float32) @ d_t3",
        "d_t1 = d_t3 @ layers_2_weight.T * (1 - t2 * t2)",
    ]
    assert [text.split(" = ")[0] for text in texts(lines, second.updates)] == ["layers_2_weight", "layers_2_bias"]
    assert texts(lines, by_text["t2 = np.tanh(t1)"].back) == ["d_t1 = d_t3 @ layers_2_weight.T * (1 - t2 * t2)"]
    assert by_text["t4 = labels_within(y, 2)"].why.startswith("No gradient comes here")
    assert lines[-1].section == "return" and lines[-1].why == "What the function returns."


def test_lines_of_a_second_walk_go_back_through_those_of_the_first():
    _, _, lines = explained(*second_order())
    first = {n for n, line in enumerate(lines) if line.section == "backward" and line.through}
    twice = [line for line in lines if line.section == "backward" and line.through & first]
    assert len(twice) > 3


def test_a_rule_that_passes_the_gradient_on_is_linked():
    a, b = Variable(np.ones(3), name="a"), Variable(np.ones(3), name="b")

    def step(x):
        with Tape() as tape:
            left, right = np.exp(a * x), np.exp(b)
            total = left + right
            loss = np.sum(np.sin(total))
        return loss, tape.gradient(loss, [a, b]), total

    _, _, lines = explained(step, (np.ones(3),))
    line = next(line for line in lines if line.text.strip() == "total = left + right")
    assert texts(lines, line.back) == ["d_total = np.cos(total)"] and "as it is" in line.why


def test_a_call_that_is_written_as_two_lines():
    weight, bias = Variable(np.ones((3, 2)), name="weight"), Variable(np.ones(2), name="bias")

    def step(x):
        with Tape() as tape:
            the_hyperbolic_tangent_of_what_was_given_to_this_function_as_its_only_argument = np.tanh(x)
            h = nn.linear(the_hyperbolic_tangent_of_what_was_given_to_this_function_as_its_only_argument, weight, bias)
            loss = np.sum(np.tanh(h))
        return tape.gradient(loss, [weight, bias])

    _, _, lines = explained(step, (W,))
    product, total = lines[1:3]
    assert " @ " in product.text and " + " in total.text and product.back == total.back and len(product.back) > 1


@pytest.mark.parametrize(
    ("f", "text", "why"),
    [
        (lambda x: np.sum(np.sign(x) * x), "np.sign(x)", "with slope 0"),
        (lambda x: np.sum(x * (x > 0.25)), "x > 0.25", "no slope"),
        (lambda x: np.sum(np.tanh(x * 2.0)) * 3.0, "np.tanh", ""),
    ],
)
def test_why_there_is_no_link(f, text, why):
    def both(x):
        with Tape() as tape:
            y = f(tape.watch(x))
        return y, tape.gradient(y, x)

    _, _, lines = explained(both, (np.array([0.5, -1.0]),))
    assert any(why in line.why for line in lines if text in line.text)


# --- layers


def test_lines_belong_to_the_layers_that_called_them():
    program, source, lines = explained(*classifier())
    layers = {layer.name: layer for layer in layers_of(program.code, source, lines)}
    first, between, second, loss = list(layers)[:4]
    assert first == "layers.0 Linear" and second == "layers.2 Linear"
    assert between.startswith("tanh (Sequential") and loss.endswith(f"(outside of layers, line {lines[3].number})")
    assert "d_layers_0_weight = x.T @ d_t1" in texts(lines, layers[first].lines)
    assert all("layers_2" in text for text in texts(lines, layers[second].lines)[1:])
    shown = sorted(n for layer in layers.values() for n in layer.lines)
    assert shown == list(range(len(lines) - 1)), "each line but the last in one layer"
    picture = overview(source, lines, list(layers.values()))
    assert picture.count("<g data-line") == 4 and picture.count("<path") == 2 * 3


# --- values


def test_values_are_those_of_a_run():
    ntb.random.seed(0)
    w, rng = Variable(np.arange(6.0).reshape(2, 3), name="w"), ntb.random.generator(3)

    def step(x):
        noise = rng.normal(size=3)
        big = w * x + noise
        w.assign(big)
        return np.where(big > 2, big, np.inf), noise

    program = function(step).trace(2.0)
    source = Source(program.code)
    wanted = {name: ref for ref, name in source.names.items()}
    seen = looks(source.code, [2.0], wanted.values())
    assert seen == looks(source.code, [2.0], wanted.values()), "neither the variable nor the generator has changed"
    result, noise = program(2.0)
    shown = [f"{x:.3g}" for x in noise]
    assert seen[wanted["noise"]].corner.split() == shown
    assert f"{np.isinf(result).sum()} not finite" in " ".join(look.facts for look in seen.values())


@pytest.mark.parametrize(
    ("value", "corner", "bars", "facts"),
    [
        (np.float64(2.0), "2", False, ""),
        (np.zeros((0, 3)), "empty", False, ""),
        (np.zeros((2, 0)), "empty", False, ""),
        (np.array([True, False]), " True  False", True, "50% zeros"),
        (np.array([1e308, -1e308]), " 1e+308  -1e+308", True, "mean 0"),
        (np.array([5e-324, 0.0]), "4.94e-324          0", False, ""),
        (np.full(3, np.nan), "nan  nan  nan", False, "nothing of it is finite"),
        (np.array([1 + 2j]), "1+2j", False, ""),
        (np.arange(80).reshape(2, 5, 8), None, True, "mean 39.5"),
    ],
)
def test_how_a_value_looks(value, corner, bars, facts):
    found = values._look(value)
    assert bool(found.bars) == bars and facts in found.facts
    if corner is None:
        assert found.corner.endswith("…\n…") and found.corner.count("…") == 5
    else:
        assert found.corner == corner


# --- formulas


def plain(formula):
    """The letters of a formula."""
    return re.sub("<[^>]*>", "", formula.replace('<mspace width="0.2em"/>', " "))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d_w = x.T @ d_h", "∂ℒ∂w=x⊤ ∂ℒ∂h"),
        ("y = np.exp(-x) / (1 + b ** 2)", "y=e−x1+b2"),
        ("v = 0.999 * v + 0.0010000000000000009 * (d_w * d_w)", "v=0.999 v+0.001 ∂ℒ∂w2"),
        ("y = np.where(x > 0, x, 0.5 * x)", "y={xif x&gt;00.5 xotherwise"),
        ("s = np.sum(a * b, axis=0) - np.mean(c)", "s=∑axis 0a⊙b−mean(c)"),
        ("a, b = np.split(x, 2, axis=1)", "a,b=split(x,2,axis=1)"),
        ("t = -(a - b) * c[0, ..., 1:] @ np.ones(5, np.float32)", "t=(−(a−b))⊙c0, ..., 1: 𝟏5"),
        ("z = np.sqrt(np.abs(alpha)) * sigmoid(t12)", "z=|α|⊙σ(t12)"),
        ("r = x.astype(np.float32) % 3 + np.float32(1e-08)", "r=xmod3+1·10−8"),
        ("k = layers_0_weight @ [1, 2] if x else y", "k=layers_0_weight @ [1, 2] if x else y"),
        ("k = np.maximum(layers_0_bias, np.pi)", "k=max(biaslayers.0,π)"),
        ("k = x // 2 ** y", "k=x // 2 ** y"),
        ("m = layers_0_running_mean", "m=running_meanlayers.0"),
        ("c = (x == y) & ~z | (1j * np.square(q))", "c=(x=y)∧¬z∨1j⊙q2"),
    ],
)  # fmt: skip
def test_formulas(text, expected):
    found = Formulas({"d_w": "w", "d_h": "h"}).of(text)
    assert plain(found) == expected
    ElementTree.fromstring(found)


def test_what_is_no_formula():
    assert Formulas().of("assert x") == Formulas().of("x = = y") == Formulas().of(f"x = {' + '.join('y' * 500)}") == ""


def test_the_rule_of_each_operation_is_found():
    open_chapters()
    pulls = [
        Pull(operation, position, ())
        for operation in set(table.values())
        for position, rule in enumerate(operation.derivative.rules)
        if isinstance(rule, types.FunctionType) and rule.__module__.startswith("ntb.")
    ]
    rules = [rule_of(pull) for pull in pulls]
    assert len(rules) > 200 and all(rules)
    for rule in rules:
        ElementTree.fromstring(rule.formula or "<math/>")
    tanh = rule_of(Pull(table[np.tanh], 0, ()))
    assert (tanh.text, plain(tanh.formula)) == ("g * (1 - y * y)", "∂ℒ∂x=∂ℒ∂y⊙(1−y2)")
    assert rule_of(Pull(table[np.multiply], 1, ())).text == "g * a"  # the second one of its line


# --- the page


class Rows(HTMLParser):
    """The ids of the rows, and what the page would load."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.loaded = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids += [found["id"]] if tag == "li" else []
        self.loaded += [found[name] for name in ("src", "href") if name in found]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_page_has_each_line_and_loads_nothing(program, tmp_path):
    f, args = program()
    made, _, lines = explained(f, args)
    made.explain(tmp_path / "page.html", *args, repeat=1)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    found = Rows(text)
    assert found.ids == [f"L{n}" for n in range(len(lines))] and not found.loaded
    assert text.count("in this run") == 2 and '"values":[[' in text and "µs" in text
    for formula in re.findall("<math>.*?</math>", text.split('<script type="application/json"')[0]):
        ElementTree.fromstring(formula)


def test_a_page_without_arguments_has_no_values(tmp_path):
    f, args = second_order()
    program = function(f).trace(*args)
    program.explain(tmp_path / "page.html")
    assert '"values":' not in (tmp_path / "page.html").read_text(encoding="utf-8")
    with pytest.raises(InputError, match="traced for"):
        program.explain(tmp_path / "page.html", W)


def test_names_and_texts_end_no_script(tmp_path):
    """What the page holds as JSON is data, whatever it is called."""

    def f(x):
        return np.sum(x)

    f.__name__ = "</script><script>alert(1)//"
    function(f).trace(W).explain(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text and text.count("</script>") == 2
