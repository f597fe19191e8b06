"""Summaries of models, and models in another precision."""

import cProfile

import numpy as np
import pytest

import ntb
from ntb import nn


def test_a_summary_counts_what_is_there():
    shared = nn.Linear(8, 8)
    model = nn.Sequential(
        nn.Conv2d(3, 2, 3), nn.BatchNorm(2), nn.relu, nn.Flatten(), nn.Linear(None, 8), shared, shared
    )
    found = model.summary((5, 3, 4, 4))
    rows = {row.name: row for row in found.rows}
    assert list(rows) == ["", "layers.0", "layers.1", "layers.3", "layers.4", "layers.5"]
    assert [rows[f"layers.{i}"].shape for i in (0, 3, 5)] == ["(5, 2, 2, 2)", "(5, 8)", "(5, 8)"]
    assert (rows["layers.0"].parameters, rows["layers.1"].others) == (2 * 3 * 9 + 2, 4)
    assert found.parameters == sum(v.value.size for v in model.trainable_variables())
    assert found.others == 4 and rows[""].flops == sum(row.flops for row in found.rows[1:]) + 5 * 8
    assert 0 <= rows["layers.4"].flops - 2 * 5 * 8 * 8 <= 5 * 8
    assert rows["layers.5"].flops == 2 * rows["layers.4"].flops  # it is called twice
    assert f"{found.parameters:,} parameters are trained" in str(found)


def test_the_flops_are_those_of_the_profile():
    model = nn.MLP(20, 30, 10)
    x = np.ones((7, 20), np.float32)
    program = ntb.function(lambda x: model(x))
    program(x)
    profiled = program.programs[0].profile(x, repeat=2).total.flops
    assert model.summary(x).rows[0].flops == pytest.approx(profiled, rel=0.02)


def test_a_program_that_is_profiled_prints_a_summary():
    """Python's cProfile is told of calls before and after, and cannot be put back by `sys.setprofile`."""
    with cProfile.Profile() as profile:
        found = nn.Linear(2, 3).summary((1, 2))
        sorted([])
    assert found.parameters == 9 and any("sorted" in str(entry.code) for entry in profile.getstats())


def test_a_part_that_is_not_called_says_so():
    class Half(nn.Module):
        def __init__(self):
            self.used, self.spare = nn.Linear(2, 2), {"a": [nn.Linear(2, 3)]}

        def __call__(self, x, train=False):
            return self.used(x)

    rows = Half().summary((1, 2)).rows
    assert [(row.name, row.depth, row.shape) for row in rows] == [
        ("", 0, "(1, 2)"), ("used", 1, "(1, 2)"), ("spare.a.0", 1, "not called"),
    ]  # fmt: skip


def test_a_summary_takes_what_the_model_takes():
    model = nn.TransformerDecoderLayer(4, 2)
    found = model.summary((1, 3, 4), context=np.ones((1, 2, 4)))
    assert found.rows[0].shape == "(1, 3, 4)" and {"context_attention", "query"} <= {row.name for row in found.rows}
    assert nn.GRU(None, 3).summary((2, 4, 5)).rows[0].shape == "(2, 4, 3), (2, 3)"


# --- precision


def test_a_model_is_cast_as_a_copy():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(4))
    model[0].trainable = False
    double = nn.cast(model, np.float64)
    assert {v.dtype for v in double.variables()} == {np.dtype(float)} and model[0].weight.dtype == np.float32
    assert np.array_equal(double[0].weight.value, model[0].weight.value)
    assert double.trainable_variables() == [double[1].gamma, double[1].beta] and double(np.ones((2, 3))).dtype == float
    double[0].trainable = True
    assert len(double.trainable_variables()) == 4
    assert list(double.named_variables()) == list(model.named_variables())


def test_a_shared_parameter_stays_shared():
    layer = nn.Linear(3, 3)
    double = nn.cast(nn.Sequential(layer, layer), np.float64)
    assert double[0] is double[1] and len(double.variables()) == 2


def test_only_floating_point_numbers_are_cast():
    batch = {"x": np.ones(2), "z": [np.ones(1, complex), 1.5, "text", None], "i": np.arange(2), "t": ntb.tensor([1.0])}
    found = nn.cast(batch, np.float32)
    assert found["x"].dtype == found["t"].dtype == np.float32 and found["z"][0].dtype == np.complex64
    assert found["z"][1:] == [1.5, "text", None] and found["i"] is batch["i"]
    with pytest.raises(ntb.InputError, match="floating-point"):
        nn.cast(batch, int)


def test_gradients_flow_through_a_cast():
    assert ntb.grad(lambda x: np.sum(nn.cast(x, np.float32) ** 2))(np.array([3.0])).dtype == float


@pytest.mark.parametrize("around", [nn.WeightNorm, nn.SpectralNorm])
def test_a_layer_whose_weight_is_computed_anew_has_its_row(around):
    _, row = around(nn.Linear(3, 4)).summary((2, 3)).rows
    assert row.kind == "Linear" and row.shape == "(2, 4)" and row.flops > 0
