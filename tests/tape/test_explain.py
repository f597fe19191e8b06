"""tape.explain: why a gradient is None, or how it flows."""

import copy
import gc
import weakref

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb
from ntb import Tape, Variable

STEPS = {
    "exp": lambda a, b: np.exp(-a * a),
    "add": lambda a, b: a + b,
    "concatenate": lambda a, b: np.concatenate([a[:1], b[1:]]),
    "modf": lambda a, b: np.modf(a)[0] * b,
    "floor": lambda a, b: np.floor(a) + 1.0,
    "argmax": lambda a, b: np.argmax(a) * np.ones(2),
    "compare": lambda a, b: (a > b) * 1.5,
    "astype": lambda a, b: a.astype(int),
    "stop": lambda a, b: ntb.stop_gradient(a) * 2.0,
    "new": lambda a, b: ntb.tensor([0.5, 0.25]),
    "numpy": lambda a, b: ntb.tensor(a.numpy()) + 0.0,
    "checkpoint": lambda a, b: ntb.checkpoint(lambda x: np.sin(x) * b)(a * 1.0),
    "custom": lambda a, b: CUSTOM(a * 1.0, b * 1.0),
    "assign": lambda a, b: assigned(a),
    "parts": lambda a, b: np.split(np.concatenate([a, b]), 2)[1],
    "whole part": lambda a, b: np.modf(a)[1] + 0.5,
    "where": lambda a, b: np.where(a > b, a, 1.0),
    "complex": lambda a, b: np.abs((a + 2.0) * np.exp(1j * b)),
    "gradient": lambda a, b: inner(a, b),
    "not watched inside": lambda a, b: inner(a, b, watched=False),
    "read": lambda a, b: V * a,
    "copy": lambda a, b: copy.deepcopy(a) + copy.copy(b),
    "scan": lambda a, b: ntb.scan(lambda c, _: (c * b, None), a * 1.0, length=2)[0],
}
V = Variable([1.0, 2.0], name="v")
CUSTOM = ntb.custom_gradient(lambda x, y: (x * y, lambda g: (g * y, g * x)))


def inner(a, b, watched=True):
    a = a * 1.0
    with Tape(watch_variables=False) as tape:
        if watched:
            tape.watch(a)
        y = np.sum(a * a * b)
    g = tape.gradient(y, a)
    return b if g is None else g


def assigned(a):
    V.assign(a)
    return V * 1.0


def test_a_result_that_was_watched_later_is_no_way_for_a_gradient():
    x = ntb.tensor([0.5, 1.5])
    with Tape(persistent=True, explain=True) as tape:
        tape.watch(x)
        with tape.stop_recording():
            y = x * 2.0
        tape.watch(y)
    assert tape.gradient(y, x, seed=np.ones(2)) is None
    assert "which the tape did not record (stop_recording)" in tape.explain(y, x)


@np.errstate(all="ignore")
@pytest.mark.parametrize("explain", [False, True])
@settings(max_examples=100)
@given(st.data())
def test_it_says_whether_there_is_a_gradient(explain, data):
    V.assign([1.0, 2.0])
    tape = Tape(persistent=True, explain=explain)
    values = [ntb.tensor([0.5, 1.5]), ntb.tensor([1.5, -0.5]), V]
    with tape:
        for name in data.draw(st.lists(st.sampled_from([*STEPS, "watch", "pause"]), min_size=1, max_size=8)):
            a, b = (values[data.draw(st.integers(0, len(values) - 1))] for _ in range(2))
            if name == "watch":
                if a.dtype.kind == "f":
                    tape.watch(a)
            elif name == "pause":
                with tape.stop_recording():
                    values.append(a * 2.0)
                if data.draw(st.booleans()):
                    tape.watch(values[-1])
            else:
                values.append(STEPS[name](a, b))
    values.append(np.exp(values[-1]))
    for target in values:
        for source in values:
            g = tape.gradient(target, source, seed=np.ones(2))
            text = tape.explain(target, source)
            assert text.startswith("There is a gradient:" if g is not None else "The gradient is None: "), (text, g)
            assert text.endswith(".")


def test_the_reason_with_a_journal():
    v, fixed, unread = Variable(1.0, name="v"), Variable(1.0, name="fixed", trainable=False), Variable(2.0)
    with Tape(explain=True) as tape:
        x, late = tape.watch([1.0, 2.0]), ntb.tensor([1.0, 2.0])
        early = np.exp(late) * x
        tape.watch(late)
        best = np.argmax(x)
        y = best * 2.0
        mask = (x > 1.0) * 1.5
        integers = x.astype(int) * 1.5
        stopped = ntb.stop_gradient(x) * 3.0
        with tape.stop_recording():
            unseen = x * 2.0
        unseen = unseen + 1.0
        v.assign(np.sum(x))
        after = v * fixed
        copy = ntb.tensor(np.array(x.numpy())) * 2.0
        root = np.sqrt(x)
    outside = np.exp(x)
    watch = tape.watch
    assert tape.gradient(root, late, seed=np.ones(2)) is None

    def none(target, source, *texts):
        found = tape.explain(target, source)
        assert found.startswith("The gradient is None: ")
        for text in texts:
            assert text in found, found

    none(y, x, "passes through np.argmax at ", ": best = np.argmax(x), an operation without gradient")
    none(best, x, "passes through np.argmax at ", "test_explain.py:")
    none(mask, x, "np.greater at ", ": mask = (x > 1.0) * 1.5")
    none(integers, x, "astype at ", "integers = x.astype(int) * 1.5, an operation without gradient")
    none(stopped, x, "stop_gradient at ")
    none(unseen, x, "np.multiply at ", "unseen = x * 2.0, which the tape did not record (stop_recording)")
    none(after, x, "no gradient flows through assign, as ", "v.assign(np.sum(x)): compute with the value")
    none(v, x, "the target is the variable 'v'", "v.assign(np.sum(x)): ask for that of the value")
    none(copy, x, "no operation on tensors leads from the source to the target", "left the tensors (.numpy()")
    none(outside, x, "outside of the tape's block")
    none(early, late, "watched only after np.exp at ", "early = np.exp(late) * x had used it")
    none(after, fixed, "'fixed' is not trainable", "call tape.watch(v)")
    none(after, unread, "the variable was not read while the tape recorded")
    none(root, ntb.tensor([1.0, 2.0]), "never watched", "A copy of a watched tensor is another", "<float64[2]>")
    none(root, stopped, "np.multiply at ")
    none(root, np.ones(2), "a ndarray, which no tape can know: x = tape.watch(x)")
    none(3.0, x, "the target is a float", "left the tensors")
    none(root, best, "dtype int64", "x.astype(float)")
    assert tape.explain(root, x).startswith(
        "There is a gradient: it flows from the source to the target through np.sqrt"
    )
    assert tape.explain(x, x) == "There is a gradient: the target is the source itself."
    assert watch(x) is x


def test_the_reason_without_a_journal():
    v = Variable(1.0)
    with Tape(watch_variables=False) as tape:
        x, other = tape.watch([1.0, 2.0]), tape.watch([1.0, 2.0])
        y = np.sum(np.exp(x) * v)
        z = np.sum(np.sqrt(other))
        w = (x > 1.0) * 2.0
    assert [tape.gradient(z, [x, other])[0], len(tape)] == [None, 0]
    for _ in range(2):
        text = tape.explain(z, x)
        assert "used by np.exp (%0), np.multiply (%1), np.sum (%2), and the target does not depend" in text
        assert "Tape(explain=True)" in text
    assert tape.explain(z, other).endswith("np.sqrt (%3), np.sum (%4).")
    assert "watch_variables=False" in tape.explain(y, v)
    assert "did not record how the target was computed" in tape.explain(w, x)
    assert "never watched" in tape.explain(y, ntb.tensor(1.0))


def test_no_array_is_kept_for_it():
    gc.collect()
    gc.disable()
    try:
        for explain in (False, True):
            with Tape(explain=explain) as tape:
                x, other = tape.watch(np.ones(3)), tape.watch(np.ones(3))
                y = np.exp(x * 2.0)
                end = weakref.ref(y)
                y = np.sum(y * y)
            assert tape.gradient(y, other) is None
            assert end() is None
            assert tape.explain(y, x).startswith("There is a gradient")
            end = weakref.ref(tape)
            del tape
            assert end() is None
    finally:
        gc.enable()


def test_who_meets_none_is_told_of_it():
    assert "explain" in Tape.gradient.__doc__
    with pytest.raises(ntb.InputError, match=r"tape\.explain\(loss, variable\)"):
        ntb.optim.SGD(0.1).apply([None], [V])


def test_five_uses_of_a_source_are_all_named():
    with ntb.Tape() as tape:
        a, b = tape.watch(np.ones(2)), tape.watch(np.ones(2))
        y = b * 2
        for f in (np.sin, np.cos, np.tan, np.exp, np.tanh):
            f(a)
    why = tape.explain(y, a)
    assert all(name in why for name in ("sin", "cos", "tan", "exp", "tanh")) and "more" not in why


def test_five_of_what_was_watched_are_named():
    for n in (5, 6):
        with ntb.Tape() as tape:
            y = sum(tape.watch(np.ones(2)) for _ in range(n))
        why = tape.explain(y, ntb.tensor(1.0))
        assert why.count("float64[2]") == 5 and ("…" in why) == (n > 5)
