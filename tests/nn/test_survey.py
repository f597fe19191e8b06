"""Every public function with every element type, container and size: the right value or an error of ntb."""

import re

import numpy as np
import pytest

import ntb

from .survey import missing, outcome, public_names, survey
from .table import CALLS, Call


def test_every_public_name_is_called():
    assert missing() == [], "enter a call in table.py"


@pytest.mark.parametrize(("name", "function"), public_names().items(), ids=public_names())
def test_every_docstring_says_what_is_taken(name, function):
    assert re.search(r"float|integer|bool|number|dtype|precision|\btypes?\b", function.__doc__), (
        "of which element types?"
    )
    plain = name.split(".")[-1] in ("numbers", "Solver", "Module", "Optimizer") or ".schedules." in name
    shape = r"shape|\([A-Z.]|rows|element|list|arrays|size|channel|\baxis\b"
    assert plain or re.search(shape, function.__doc__), "of which shapes?"


@pytest.mark.uncounted
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name.replace(" ", "-"))
def test_the_outcome_is_right_or_refused(call):
    pytest.importorskip("pandas", reason="pandas, of the extra test, is among the containers")
    count, faults = survey([call], step=3)  # all of them: python -m tests.nn.survey
    assert count > 2
    assert faults == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: np.square(x.astype(np.uint8) if x.dtype.kind in "iu" else x),
        lambda x: np.mean(x, axis=0) if len(x) else np.zeros(x.shape[1:]) * np.nan,
        lambda x: x.astype(float),
        lambda x: np.sum(x) if x.dtype != np.float16 else np.nan * np.sum(x),
        lambda x: x[1],
    ],
    ids=["wraps", "nan of nothing", "another type", "nan in half precision", "a bare error"],
)
def test_the_survey_finds_faults(wrong):
    call = Call("planted", lambda x: wrong(x if hasattr(x, "dtype") else np.asarray(x)), [("f", "ND", 3)])
    assert survey([call])[1]


def test_a_refusal_says_something():
    def refuse(x):
        raise ntb.InputError("no")

    call = Call("planted", refuse, [("f", "ND", 3)])
    (case, text), *_ = survey([call])[1]
    assert "says only 'no'" in text and outcome(case, {}) == text
