"""Every row of the operations' tests on foreign arrays: right numbers or an error, and docs/scale.md tells which."""

import re

import pytest

from .survey import BEGIN, END, MET, PAGE, WHY, listed, outcome


@pytest.mark.uncounted
@pytest.mark.parametrize("library", ["dask", "duck"])
def test_operations_are_right_or_refused(library):
    samples = MET[::5] if library == "dask" else MET  # all of them: make scale
    errors = {sample: outcome(sample, library) for sample in samples}  # wrong numbers fail here
    assert sum(error is None for error in errors.values()) > len(errors) / 2
    if library == "dask":
        page = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
        untold = names(listed(errors)) - names(page)
        assert not untold, f"docs/scale.md does not say so; run python -m tests.arrays.survey --write: {untold}"


def test_every_operation_that_does_not_run_has_a_reason():
    before, table = PAGE.read_text(encoding="utf-8").split(END)[0].split(BEGIN)
    found = set(re.findall(r"\| ([^|]+) \|$", table, re.M)) - {"why"}
    assert found <= set(WHY.values()) and all(f"- *{why}*: " in before for why in WHY.values())


def names(table):
    """The operations in a table; the reasons depend on the version of Dask."""
    return set(re.findall(r"^\| `(\S+)` \|", table, re.M))
