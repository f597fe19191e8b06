"""Which arguments of a traced function count alike, which are fed, and what the function sees of them."""

import contextlib
import dataclasses
import datetime
import enum
import functools
import itertools
import operator
import pathlib
import re
from collections import ChainMap, OrderedDict, UserDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_array_equal

import ntb
from ntb import InputError, RetraceWarning, Variable, function, tuned
from ntb.replay.containers import written
from ntb.replay.signature import check_hash, difference, lift, recognizer_of, signature_of

ONE, TWO = np.ones(3), np.full(3, 2.0)


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclass
class Plain:
    a: Any
    b: Any


@dataclass(frozen=True)
class Frozen:
    a: Any
    b: Any = 2.0


@dataclass(frozen=True, slots=True)
class Slots:
    a: Any
    b: Any


@dataclass
class Late:
    a: Any
    b: Any = field(init=False)
    unset: Any = field(init=False)


def late(a, b):
    made = Late(a)
    made.b = b
    return made


class Own(Mapping):
    """A user's own mapping, whose parts are attributes, too."""

    def __init__(self, **parts):
        self._parts = parts

    def __getitem__(self, name):
        return self._parts[name]

    def __iter__(self):
        return iter(self._parts)

    def __len__(self):
        return len(self._parts)

    def __getattr__(self, name):
        try:
            return self.__dict__["_parts"][name]
        except KeyError:
            raise AttributeError(name) from None


class Attributes(dict):
    """A dict whose keys are its attributes."""

    def __init__(self, **items):
        super().__init__(**items)
        self.__dict__ = self


class Labelled(list):
    """A list with attributes."""

    def __init__(self, items, label):
        super().__init__(items)
        self.label = label


class Mode(enum.Enum):
    FAST, SLOW = 1, 2


class Level(enum.IntEnum):
    LOW, HIGH = 1, 2


def key(*args, **kwargs):
    return signature_of(args, kwargs)[1]


def sorted_default(a, b):
    made = defaultdict(float)
    made.update(a=a, b=b)
    return made


RECORDS = {
    "plain": Plain,
    "frozen": Frozen,
    "slots": Slots,
    "with a field that is set later": late,
    "named tuple": Pair,
}
MAPPINGS = {
    "dict": lambda a, b: {"a": a, "b": b}, "OrderedDict": lambda a, b: OrderedDict(a=a, b=b),
    "defaultdict": sorted_default, "UserDict": lambda a, b: UserDict(a=a, b=b),
    "MappingProxyType": lambda a, b: MappingProxyType({"a": a, "b": b}),
    "ChainMap": lambda a, b: ChainMap({"a": a}, {"b": b}), "own": lambda a, b: Own(a=a, b=b),
    "of attributes": lambda a, b: Attributes(a=a, b=b),
}  # fmt: skip
FORMS = RECORDS | MAPPINGS


def get(x, name):
    return x[name] if isinstance(x, Mapping) else getattr(x, name)


# --- containers


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_a_container_holds_is_fed(form):
    f = function(lambda c: get(c, "a") * get(c, "b"))
    for scale in (1.0, 2.0, 3.0):
        given = form(ONE * scale, scale)
        assert_array_equal(f(given), ONE * scale * scale)
        assert f(form(ntb.tensor(TWO), 0.5)).tolist() == [1.0] * 3
        assert type(get(given, "a")) is np.ndarray, "the caller's own is left alone"
    assert len(f.programs) == 1
    inputs = []
    seen = lift(form(ONE, 1.0), "c", inputs, {})
    assert type(seen) is type(form(ONE, 1.0)) and [name for name, _ in inputs] == ["a", "b"]
    assert [get(seen, "a"), get(seen, "b")] == [tensor for _, tensor in inputs]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_containers_in_containers(form):
    f = function(lambda c: get(get(c, "a"), "a") * get(c, "b")[0] + get(get(c, "a"), "b"))
    for scale in (1.0, 2.0):
        assert f(form(form(ONE, scale), [scale])).tolist() == [2 * scale] * 3
    assert len(f.programs) == 1


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_variables_in_a_container_count_by_identity(form):
    @function
    def step(c, x):
        get(c, "a").assign_add(get(c, "b") * x)

    v, w = Variable(ONE), Variable(ONE)
    for c in (form(v, 1.0), form(w, 10.0), form(v, 100.0)):
        step(c, ONE)
    assert (v.value[0], w.value[0], len(step.programs)) == (102.0, 11.0, 2)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_number_that_changes_in_place_is_fed_anew(form):
    if form in (Frozen, Slots, Pair) or form is MAPPINGS["MappingProxyType"] or form is MAPPINGS["own"]:
        pytest.skip("it cannot be changed")
    f, c = function(lambda c, x: get(c, "b") * x), form(1, 2.0)
    for rate in (2.0, 3.0, 4.0):
        (operator.setitem if isinstance(c, Mapping) else setattr)(c, "b", rate)
        assert f(c, ONE).tolist() == [rate] * 3
    assert len(f.programs) == 1


@pytest.mark.parametrize("form", [Plain, Frozen, Slots, late, *list(MAPPINGS.values())[3:7]])
def test_what_holds_nothing_that_is_fed_is_passed_as_it_is(form):
    one = form("a", form([1, 2], Mode.FAST))
    assert lift(one, "c", [], {}) is one
    assert key(one) == key(form("a", form([1, 2], Mode.FAST)))
    others = [form("b", form([1, 2], Mode.FAST)), form("a", form([1, 3], Mode.FAST)), form("a", Mode.FAST)]
    assert len({key(x) for x in (one, *others)}) == 4


def test_a_dataclass_with_further_attributes_counts_by_identity():
    one, other = Plain("a", 1.0), Plain("a", 1.0)
    assert key(one) == key(other)
    one.cache = other.cache = {}
    assert key(one) == key(one) != key(other)
    assert lift(one, "c", [], {}) is one


def test_objects_that_cannot_be_copied_count_by_identity():
    @dataclass
    class File:
        size: float

        def __del__(self):
            closed.append(self)

    @dataclass
    class Failure(Exception):
        size: float

    closed = []
    for kind in (File, Failure):
        one = kind(1.0)
        assert key(one) == key(one) != key(kind(1.0)) and lift(one, "x", [], {}) is one
        assert signature_of((one,), {})[0] == []


def test_attributes_of_lists_and_dicts_are_parts_of_them():
    f = function(lambda c: c[0] * c.label)
    assert [f(Labelled([x], y)) for x, y in ((2.0, 3.0), (4.0, 5.0))] == [6.0, 20.0]
    assert len(f.programs) == 1
    assert key(Labelled([1.0], "a")) != key(Labelled([1.0], "b"))


def test_a_copy_has_run_no_code_of_its_class():
    @dataclass
    class Counted:
        rate: float

        def __post_init__(self):
            made.append(self.rate)

        def __setattr__(self, name, value):
            object.__setattr__(self, name, float(value))

    made = []
    assert [function(lambda c: c.rate * 2)(Counted(r)) for r in (1.0, 2.0)] == [2.0, 4.0]
    assert made == [1.0, 2.0]


def test_a_dataclass_with_a_method_is_a_model():
    @dataclass
    class Model:
        w: Variable
        rate: float
        power: int = 2

        @function
        def step(self, x):
            self.w.assign_sub(self.rate * x**self.power)
            return self.w * 1.0

    a, b = Model(Variable(1.0), 0.5), Model(Variable(10.0), 0.5)
    assert [m.step(2.0).item() for m in (a, b, a, b)] == [-1.0, 8.0, -3.0, 6.0]
    a.rate = 1.0
    assert a.step(1.0).item() == -4.0 and len(a.step.programs) == 2


def test_keys_are_told_apart_as_values_are():
    for one, other in ((1, True), (1, 1.0), (0.0, -0.0), (Level.LOW, 1), ("1", 1)):
        assert key({one: 1}) != key({other: 1})
    assert key({"a": 1, "b": 2}) != key({"b": 2, "a": 1}), "their order counts"
    assert key({(1, Mode.FAST): 1.0}) == key({(1, Mode.FAST): 2.0})


def test_a_container_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(InputError, match="holds itself"):
        key(loop)


# --- copies that the function writes to


def change_item(c):
    c.b["k"] = 1


def append(c):
    c.a.append(3.0)


def remove(c):
    del c.b["rate"]


def reorder(c):
    c.b["rate"] = c.b.pop("rate")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda c: setattr(c, "a", 1.0), ".a"), (lambda c: setattr(c, "new", 1.0), ".new"),
        (lambda c: delattr(c, "b"), ".b"), (change_item, ".b['k']"), (append, ".a[2]"), (remove, ".b['rate']"),
        (reorder, ".b['rate']"), (lambda c: c.a.sort(key=id, reverse=True) or c.a.reverse() or c.a.clear(), ".a[0]"),
        (lambda c: c.b["inner"].update(z=2), ".b['inner'].data['z']"), (lambda c: None, None),
    ],
)  # fmt: skip
def test_a_write_to_a_copy_is_seen(change, place):
    def given():
        return Plain([1.0, TWO], {"rate": 0.5, "k": 2, "inner": UserDict(y=1.5)})

    copies = []
    copy = lift(given(), "cfg", [], {}, copies)
    assert written(copies) is None
    change(copy)
    assert written(copies) == (place and f"argument 'cfg': {place}")


def test_a_result_that_a_class_remembers_is_no_write():
    @dataclass
    class Settings:
        rate: float

        @functools.cached_property
        def double(self):
            return 2 * self.rate

    copies = []
    copy = lift(Settings(0.5), "x", [], {}, copies)
    assert copy.double == 1.0 and written(copies) is None
    f = function(lambda s: s.double * 1.0)
    assert [f(Settings(r)) for r in (1.0, 2.0)] == [2.0, 4.0] and len(f.programs) == 1


# --- what is not fed


@dataclass(frozen=True)
class Model:
    w: Variable = field(compare=False)
    name: str = "model"


class Named:
    """An object that is equal to all of its name."""

    def __init__(self, name):
        self.name, self.w = name, Variable(0.0)

    def __eq__(self, other):
        return self.name == other.name

    def __hash__(self):
        return hash(self.name)


@pytest.mark.parametrize("make", [lambda: Model(Variable(0.0)), lambda: Named("model")])
def test_equal_models_are_trained_each_alone(make):
    @function
    def step(model, x):
        model.w.assign_add(x)

    a, b = make(), make()
    assert a == b
    for model, x in ((a, 1.0), (b, 10.0), (a, 2.0), (b, 20.0)):
        step(model, x)
    assert (a.w.value, b.w.value) == (3.0, 30.0)


class Number(int):
    pass


class Text(str):
    __slots__ = ()

    def __eq__(self, other):
        return self.lower() == other.lower()

    __hash__ = str.__hash__


UTC, EAST = datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=1))
ALIKE = [
    lambda: "a" * 1000, lambda: 10**50, lambda: b"ab", lambda: None, lambda: ..., lambda: int, lambda: np.dtype("f4"),
    lambda: range(3), lambda: slice(1, None), lambda: frozenset({1, (2, "a")}), lambda: (1, (True, "x")),
    lambda: Mode.FAST, lambda: Level.LOW, lambda: Fraction(1, 3), lambda: Decimal("1.50"), lambda: Decimal("nan"),
    lambda: datetime.date(2020, 1, 1), lambda: datetime.datetime(2020, 1, 1, tzinfo=UTC), lambda: pathlib.Path("a/b"),
    lambda: datetime.timedelta(seconds=3), lambda: np.sin, lambda: len, lambda: np.str_("a"),
    lambda: np.datetime64("2020-01-01"), lambda: np.array(["a", "bc"]), lambda: np.array(["2020-01-01"], "M8[D]"),
    lambda: np.array([b"a"]), lambda: frozenset({0.5}),
]  # fmt: skip
DIFFERENT = [
    (1, True), (1, Number(1)), (Number(1), Number(1)), ("a", Text("a")), (Text("a"), Text("A")), (Level.LOW, 1),
    (Decimal("1.0"), Decimal("1.00")), (Decimal("0"), Decimal("-0")), (range(0), range(1, 1)), (1, Fraction(1)),
    (slice(0, 1), slice(False, 1)), (frozenset({1}), frozenset({True})), (frozenset({0.0}), frozenset({-0.0})),
    (datetime.datetime(2020, 1, 1, 1, tzinfo=UTC), datetime.datetime(2020, 1, 1, 2, tzinfo=EAST)),
    (datetime.datetime(2020, 1, 1, fold=0), datetime.datetime(2020, 1, 1, fold=1)), (int, bool), (Mode.FAST, Mode.SLOW),
    (np.array(["a"]), np.array(["b"])), (np.array(["a"]), np.array([["a"]])), (np.array(["a"]), np.array([b"a"])),
    (np.array(["a"]), np.array(["a"], "U2")), (np.str_("a"), "a"), (object(), object()), (lambda: 1, lambda: 1),
    (pathlib.PurePosixPath("a"), pathlib.PureWindowsPath("a")), (np.dtype("f4"), np.dtype("f8")), (None, ...),
    (np.array(["2020-01-01"], "M8[D]"), np.array(["2020-01-02"], "M8[D]")), ("", b""),
]  # fmt: skip


@pytest.mark.parametrize("make", ALIKE)
def test_values_that_count_alike(make):
    leaves, one = signature_of((make(),), {})
    check_hash(one)
    assert leaves == [] and one == key(make()) and hash(one) == hash(key(make()))


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=range(len(DIFFERENT)))
def test_values_that_count_as_different(one, other):
    assert key(one) != key(other) and key([one]) != key([other]) and key(one) == key(one)
    assert key(Frozen(one)) != key(Frozen(other))


def test_a_method_counts_by_its_object():
    a, b, items = Named("x"), Named("x"), []
    assert key(a.__hash__) == key(a.__hash__) != key(b.__hash__)
    assert key(items.append) == key(items.append) != key([].append)


def test_an_object_that_is_gone_is_not_taken_for_another():
    f = function(lambda o, x: x * o.scale)
    for scale in range(1, 6):
        thing = Named("x")
        thing.scale = float(scale)
        assert f(thing, ONE)[0].item() == scale
        del thing  # the next may get its id


def test_sets_are_refused_at_any_depth():
    for x in ({1}, [{1}], Plain({1}, 1.0), bytearray(b"a")):
        with pytest.raises(InputError, match="no hash"):
            function(lambda x: ONE * 1.0)(x)


# --- arrays


def test_an_array_in_a_file_is_fed(tmp_path):
    x = np.memmap(tmp_path / "x", float, "w+", shape=(2, 2))
    x[:] = [[1.0, 2.0], [3.0, 4.0]]
    y = np.memmap(tmp_path / "y", float, "w+", shape=(2, 2))
    f = function(lambda x, y: x @ y.T)
    for a, b in ((x, x), (x, y), (y, x), (np.ones((2, 2)), x), (x, x)):
        assert_array_equal(f(a, b), np.asarray(a) @ np.asarray(b).T)
        assert type(f(a, b)) is np.ndarray
    assert len(f.programs) == 2, "one more for an array that is given twice"


@pytest.mark.parametrize("dtype", [">f8", ">f4", ">i4", ">c16", "<f8", "f2", "g", "?"])
def test_arrays_of_any_number(dtype):
    def run(x):
        return x + x, x.T, np.sum(x), x[::2], np.where(x > 1, x, 0), x @ x, np.concatenate([x, x])

    f = function(run)
    for x in (np.arange(4), np.arange(4)[::-1] * 2, np.ones(4)):
        x = x.astype(dtype)
        for found, expected in zip(f(x), run(x), strict=True):
            assert_array_equal(found, expected)
            assert found.dtype == expected.dtype


def test_arrays_without_axes():
    f = function(lambda x, y: x * y + x)
    for x in (2.0, 3.0):
        found = f(np.array(x), np.ones(2, np.float32))
        assert found.tolist() == [2 * x] * 2 and found.dtype == np.float64
    assert len(f.programs) == 1


def test_arrays_of_strings_are_constants_with_all_of_numpy():
    f = function(lambda names, x: np.sum(np.where(names == "cat", x, 0.0)) if "dog" not in names else x)
    for x in (1.0, 2.0):
        assert f(np.array(["cat", "cow", "cat"]), ONE * x).item() == 2 * x
        assert f(np.array(["cow", "cow", "cat"]), ONE * x).item() == x
        assert f(np.array(["cat", "dog", "cat"]), ONE * x).tolist() == [x] * 3
    assert len(f.programs) == 3
    g = function(lambda days, x: x * (days > np.datetime64("2020-01-02")))
    days = np.array(["2020-01-01", "2020-01-03"], "M8[D]")
    assert g(days, np.ones(2)).tolist() == [0.0, 1.0]
    assert g(days[::-1], np.ones(2)).tolist() == [1.0, 0.0]


def test_an_array_of_strings_cannot_be_written_to():
    def rename(names):
        names[0] = "dog"

    with pytest.raises(ValueError, match="read-only"):
        function(rename)(np.array(["cat"]))


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="strings of any length came with NumPy 2.0")
def test_arrays_of_strings_of_any_length_count_by_their_contents():
    one, other = (np.array(["a" * 50, last], np.dtypes.StringDType()) for last in "bc")
    assert key(one) == key(one.copy()) != key(other)


@pytest.mark.parametrize(
    ("x", "repair"),
    [
        (np.ones((1, 1)).view(np.matrix), r"np\.asarray"), (np.ma.array([1.0], mask=[True]), r"filled\(0\) and np\.ma"),
        (np.array([None, 1]), r"a list of the objects"), (np.zeros(2, [("a", float)]), r"x\[name\]"),
        (np.zeros(2, [("a", float)])[0], r"x\[name\]"), (np.rec.array([(1.0,)], dtype=[("a", float)]), r"x\[name\]"),
        (np.zeros(2, "V3"), "convert"), (np.zeros(2, "V3")[0], "convert"),
    ],
)  # fmt: skip
def test_arrays_that_no_program_is_fed_with(x, repair):
    for argument in (x, [x], Plain(x, 1.0)):
        with pytest.raises(InputError, match=f"{type(x).__name__} of dtype .*{repair}"):
            function(lambda x: ONE * 1.0)(argument)


def test_tables_of_other_libraries_are_refused():
    class Table:
        __hash__ = None

        def __eq__(self, other):
            return self

        def __array__(self, dtype=None, copy=None):
            return ONE

    with pytest.raises(InputError, match=r"not with a Table of tests.*np\.asarray"):
        key(Table())


# --- the words of the warning


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        ((1,), (2,), "a value (1, then 2)"),
        ((1,), (1.0,), "a value (1, then a float)"),
        ((1.0,), (1.0, 2), "the number of arguments (1, then 2)"),
        (([1],), ([1, 2],), "the length of a list (1, then 2)"),
        (([1],), ((1,),), "a value (a list, then a tuple)"),
        (({"a": 1},), ({"b": 1},), "a value ('a', then 'b')"),
        (({"a": 1},), ({"a": "x"},), "a value (1, then 'x')"),
        ((ONE,), (1.0,), "a value (an array, then a float)"),
        ((ONE,), (np.ones(3, int),), "the dtype of an array (float64, then int64)"),
        ((np.float32(1),), (np.float64(1),), "a value (a scalar of float32, then a scalar of float64)"),
        ((Named("x"),), (Named("x"),), "a value (a Named, then another one)"),
        ((Variable(1.0),), (None,), "a value (a Variable, then None)"),
        ((object(),), (object(),), "a value (an object, then another one)"),
        ((len,), (abs,), "a value (len, then abs)"),
        ((np.tanh,), (np.sin,), "a value (tanh, then sin)"),
        ((test_a_method_counts_by_its_object,), (key,), "a value (test_a_method_counts_by_its_object, then key)"),
        ((int,), (float,), "a value (int, then float)"),
        ((Mode.FAST,), (Mode.SLOW,), "a value (a Mode, then another one)"),
        ((Frozen("a"),), (Frozen("b"),), "a value ('a', then 'b')"),
        ((Frozen("a"),), (Plain("a", 2.0),), "a value (a Frozen, then a Plain)"),
        ((slice(1, 2),), (slice(1, 3),), "a value (a slice, then another one)"),
        ((Decimal("1.0"),), (Decimal("1.00"),), "a value (Decimal('1.0'), then Decimal('1.00'))"),
        ((np.array(["a"]),), (np.array(["b"]),), "the elements of an array of <U1"),
        ((np.array(["a"]),), (np.array(["ab"]),), "the dtype of an array (<U1, then <U2)"),
        ((np.str_("a"),), (np.str_("b"),), "a value (a str_, then another one)"),
        (({"arguments": 1},), ({"arguments": 2},), "a value (1, then 2)"),
        ((ONE, ONE), (ONE, TWO), "which arguments are one array"),
    ],
)
def test_where_signatures_differ_is_said_in_words(one, other, text):
    assert difference(key(*one), key(*other)) == text


def test_where_keyword_arguments_differ():
    assert difference(key(a=1), key(a=2)) == "a value (1, then 2)"
    assert difference(key(), key(a=2)) == "the number of keyword arguments (0, then 1)"
    assert difference(key(1), key(1)) == "the outcome of an `if`"


def test_the_warning_names_the_objects_by_their_kinds():
    f = function(lambda o, x: x * 1.0)
    with pytest.warns(RetraceWarning, match=re.escape("a value (a Named, then another one)")):
        for _ in range(9):
            f(Named("x"), ONE)


# --- a law

VARIABLES = [Variable(1.0), Variable(1.0)]
FLOATS = st.sampled_from([0.0, -0.0, 1.0, 2.5])
ARRAYS = st.sampled_from([np.ones(2), np.zeros(2), np.ones((1, 2)), np.ones(2, np.float32), np.arange(2)])
CONSTANTS = st.sampled_from(
    [0, 1, True, "a", "1", b"a", None, Mode.FAST, Level.LOW, Fraction(1), Decimal("1.0"), frozenset({1}), range(2),
     np.array(["a", "b"]), np.array(["a", "c"]), *VARIABLES]
)  # fmt: skip
LEAVES = FLOATS | ARRAYS | CONSTANTS | st.sampled_from([np.float32(1.0), np.float64(1.0), np.bool_(True)])
NAMES = st.sampled_from(["a", "b", 1, True])


def containers(inner):
    lists, dicts = st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=2)
    records = [st.builds(kind, inner, inner) for kind in (Pair, Plain, Frozen, Slots, late)]
    return st.one_of(
        lists, lists.map(tuple), dicts, dicts.map(OrderedDict), dicts.map(UserDict), dicts.map(MappingProxyType),
        st.lists(dicts, min_size=1, max_size=2).map(lambda maps: ChainMap(*maps)), *records,
    )  # fmt: skip


TREES = st.recursive(LEAVES, containers, max_leaves=5)


def walk(tree, leaf):
    """A tree as nested lists, with the kinds of its branches and what `leaf` makes of its leaves."""
    if isinstance(tree, ChainMap):
        parts = list(enumerate(tree.maps))
    elif isinstance(tree, Mapping):
        parts = list(tree.items())
    elif dataclasses.is_dataclass(tree):
        parts = [(f.name, getattr(tree, f.name)) for f in dataclasses.fields(tree) if hasattr(tree, f.name)]
    elif isinstance(tree, list | tuple):
        parts = list(enumerate(tree))
    else:
        return leaf(tree)
    return [type(tree).__name__, [(repr(name), walk(part, leaf)) for name, part in parts]]


def is_fed(x):
    return isinstance(x, float | np.generic | ntb.Tensor) or (isinstance(x, np.ndarray) and x.dtype.kind in "biufc")


def form(x):
    """What there is to tell a leaf from others by."""
    if isinstance(x, Variable):
        return "variable", id(x)
    if is_fed(x):
        return "fed", type(x).__name__, np.shape(x), str(getattr(x, "dtype", ""))
    return type(x).__name__, repr(x)


def changed(tree, add):
    """The same tree with other numbers where it is fed."""
    if isinstance(tree, ChainMap):
        return ChainMap(*[changed(m, add) for m in tree.maps])
    if isinstance(tree, Mapping):
        return type(tree)({name: changed(part, add) for name, part in tree.items()})
    if isinstance(tree, Late):
        return late(changed(tree.a, add), changed(tree.b, add))
    if dataclasses.is_dataclass(tree):
        return replace(tree, a=changed(tree.a, add), b=changed(tree.b, add))
    if isinstance(tree, list | tuple):
        parts = [changed(part, add) for part in tree]
        return Pair(*parts) if isinstance(tree, Pair) else type(tree)(parts)
    return type(tree)(tree + add) if isinstance(tree, float | np.generic) else tree + 0 if is_fed(tree) else tree


def doubled(x):
    """What a program makes of a leaf: a number, or a text."""
    return x * 2 if is_fed(x) else repr(x)


def numbers(tree):
    return walk(tree, doubled)


def assert_same(found, expected):
    if isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, str):
        assert found == expected
    else:
        assert_array_equal(np.asarray(found), expected)
        assert not hasattr(expected, "dtype") or found.dtype == expected.dtype


def without_sharing(signature):
    return signature[:2]


@settings(max_examples=150)
@given(TREES, TREES)
def test_signatures_are_equal_exactly_if_forms_are(one, other):
    first, second = without_sharing(key(one)), without_sharing(key(other))
    assert (first == second) == (walk(one, form) == walk(other, form))
    again = without_sharing(key(changed(one, 1)))
    assert first == again and hash(first) == hash(again)


@settings(max_examples=40)
@given(TREES, TREES)
def test_a_traced_function_of_any_arguments_gives_what_it_gives_untraced(one, other):
    traced = function(numbers)
    for tree in (one, changed(one, 1), other, one):
        assert_same(traced(tree), numbers(tree))


# --- what recognizes most calls at once

A, B = np.ones((2, 3)), np.zeros((2, 3))
CALLS = [
    (A,), (A, B), (B, A), (A, A), (A, 1.0), (1.0, 2.0), (A, 1), (A, True), (1j,), (A.astype(np.float32), B), (A.T, B),
    (A, B.T), (A[:, ::2], B), (np.ones((3, 2)), B), (A.astype(">f8"), B), (ntb.tensor(A), B), ([A], B), (A, B, 0.5), (),
    (np.float64(1.0),), (A.view(np.memmap), B), (A.astype(str), B), (A.astype(object),), (A > 0, B), (np.ones(()), 1.0),
    (np.ones((2, 3), order="F"), B), (np.ones((0, 3)), 1.0), (A, B, A + 1, B + 1), (A, B, A, B), (A, B, 1.0, 2.0, 3.0),
]  # fmt: skip


@pytest.mark.parametrize("off", [False, True])
def test_no_call_is_recognized_that_has_another_signature(off):
    known = 0
    for first in CALLS:
        signature = signed(first, {})[1]
        recognize = recognizer_of(signature)
        if recognize is None:
            continue
        plain = all(type(a) in (np.ndarray, float) for a in first)
        assert (recognize(first, {}) is not None) == plain
        for call, kwargs in itertools.product(CALLS, ({}, {"y": 1.0})):
            with tuned.off() if off else contextlib.nullcontext():
                found, (leaves, expected) = recognize(call, kwargs), signed(call, kwargs)
            if found is not None:
                assert expected == signature and not leaves.tensors and not found.tensors
                assert list(map(id, found)) == list(map(id, leaves))
                known += 1
    assert known == 0 if off else known > 15


def test_strings_are_constants_for_what_recognizes_calls_too():
    f = function(lambda x, names: x * len(names[0].item()))
    for names, expected in ((["ab", "c"], 2.0), (["ab", "c"], 2.0), (["d ", "c"], 1.0)):
        assert_array_equal(f(ONE, np.array([name.strip() for name in names], "U2")), expected * ONE)


def signed(call, kwargs):
    try:
        return signature_of(call, kwargs)
    except InputError:
        return [], None
