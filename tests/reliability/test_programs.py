"""Random programs and models, in their short form; and that a wrong rule does not pass."""

import numpy as np
import pytest

from ntb.tape.rules import operation_of
from reliability.programs import CHECKS, gradients, models, run_block

pytestmark = pytest.mark.uncounted


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_programs_give_no_wrong_answer(check):
    programs, _, error = run_block(check, 0, 12)
    assert not error, error
    assert len(programs) >= 8


@pytest.mark.parametrize("check, function", [(models, np.tanh), (gradients, np.multiply)])
def test_a_wrong_rule_is_found(monkeypatch, check, function):
    operation = operation_of(function)
    wrong = [lambda *args, rule=rule: rule(*args) * 1.001 for rule in operation.derivative.rules]
    monkeypatch.setattr(operation, "derivative", operation.derivative._replace(rules=tuple(wrong)))
    _, _, error = run_block(check, 0, 100)
    assert "GradientCheckError" in error
