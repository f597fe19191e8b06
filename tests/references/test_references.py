"""Our numbers against those of other libraries, which are stored."""

import numpy as np
import pytest

from . import SUBJECTS
from .base import REFERENCES, STORED, our_numbers

NUMBERS = {subject: dict(np.load(STORED / f"{subject}.npz")) for subject in SUBJECTS}


@pytest.mark.parametrize("case", REFERENCES, ids=lambda case: f"{case.subject}-{case.key}".replace(" ", "-"))
def test_the_numbers_are_those_of_another_library(case):
    stored = NUMBERS[case.subject]
    theirs = [stored[f"{case.key} {i}"] for i in range(int(stored[case.key]))]
    ours = our_numbers(case)
    assert len(ours) == len(theirs)
    largest = max(np.max(np.abs(a), initial=1e-300, where=np.isfinite(a)) for a in theirs)
    for i, (mine, expected) in enumerate(zip(ours, theirs)):
        assert mine.shape == expected.shape, i
        np.testing.assert_allclose(mine, expected, rtol=case.tolerance, atol=case.tolerance * largest, err_msg=f"{i}")


def test_nothing_is_stored_that_is_not_compared():
    keys = {f"{case.subject} {case.key}" for case in REFERENCES}
    found = {f"{subject} {key}" for subject, stored in NUMBERS.items() for key in stored if stored[key].ndim == 0}
    whole = {key for key in found if not key.rsplit(" ", 1)[1].isdigit()}
    assert whole == keys
