"""Every row of the operations' tests on foreign arrays: right numbers or an error, and docs/scale.md tells which."""

import pytest

from tests.samples import SAMPLES

from .survey import BEGIN, END, PAGE, ComputedError, listed, outcome


@pytest.mark.parametrize("library", ["dask", "duck"])
def test_operations_are_right_or_refused(library):
    errors = [outcome(sample, library) for sample in SAMPLES]
    assert not [e for e in errors if isinstance(e, ComputedError)]
    assert sum(e is None for e in errors) > len(errors) / 2
    if library == "dask":
        page = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
        assert page == listed(dict(zip(SAMPLES, errors, strict=True))), "run python -m tests.arrays.survey --write"
