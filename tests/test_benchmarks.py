"""The benchmarks compare, judge and report; what they measure is not tested."""

import json
import subprocess
import sys

import numpy as np
import pytest

import ntb
from benchmarks import compare, goals, growth, libraries, report, runner, workloads
from benchmarks.libraries import LIBRARIES, CannotError, make_step
from benchmarks.measure import beyond_replay, numbers, step_memory
from benchmarks.reasons import reason


def cell(workload, dtype, library, **found):
    return {"workload": workload, "dtype": dtype, "library": library, **found}


def results(*cells, **found):
    machine = {"processor": "abacus", "cores": 2, "python": "3"}
    head = {"machine": machine, "versions": {"numpy": "2"}, "threads": 2, "command": "python -m benchmarks"}
    return {**head, "cells": list(cells), **found}


def lines(found, goal, where):
    return [line for line in goals.evaluate(found) if (line.goal, line.where) == (goal, where)]


# --- goals


def test_a_goal_is_met_missed_or_not_measured():
    times = {"ntb-replay": 0.01, "jax": 0.025, "torch": 0.05}
    found = results(*[cell("W1", "float32", name, ms=ms) for name, ms in times.items()])
    jax, torch = lines(found, "replayed step", "W1 float32")
    assert (jax.ratio, jax.met) == (pytest.approx(0.4), True)
    assert (torch.ratio, torch.met) == (pytest.approx(0.2), False)
    assert [line.met for line in lines(found, "replayed step", "W1 float64")] == [None, None]


def test_the_best_peer_is_the_fastest_that_did_the_same_work():
    found = results(
        cell("W7", "float64", "ntb-replay", ms=10.0),
        cell("W7", "float64", "torch", ms=11.0),
        cell("W7", "float64", "jax", ms=9.5),
        cell("W7", "float64", "tensorflow", error="its losses differ"),
        cell("W7", "float64", "gemm", ms=8.0),
    )
    best, gemm = lines(found, "replayed step", "W7 float64")
    assert (best.against, best.met) == ("best peer (jax)", False)
    assert gemm.met


def test_goals_without_a_reference_have_an_absolute_limit():
    found = results(cell("W1", "float32", "ntb-compat", ms=0.02, above=0.008), ready=2.5)
    (above,) = lines(found, "g.run above its program", "W1 float32")
    assert (above.value, above.met) == (8.0, True)
    (ready,) = lines(found, "program of 10,000 operations ready", "")
    assert ready.met is False


def test_memory_and_first_calls_are_compared_with_an_eager_step():
    found = results(
        cell("W3", "float32", "ntb-eager", ms=2.0, first=[3.0, 2.0, 2.0], memory=100),
        cell("W3", "float32", "ntb-replay", ms=1.0, first=[9.0, 41.0, 1.0], memory=70),
        cell("W10", "float32", "ntb-eager", ms=2.0, first=[3.0, 2.0, 2.0], memory=100),
        cell("W10", "float32", "ntb-replay", ms=1.0, first=[9.0, 40.0, 1.0], memory=101),
    )
    assert [lines(found, "memory of a step", f"{w} float32")[0].met for w in ("W3", "W10")] == [True, False]
    assert [lines(found, "first call", f"{w} float32")[0].met for w in ("W3", "W10")] == [False, True]


def test_every_workload_has_goals():
    assert {line.where.split()[0] for line in goals.evaluate(results()) if line.where} == set(workloads.MODULES)
    assert all(line.met is None for line in goals.evaluate(results()))


# --- comparison


def test_a_library_whose_losses_differ_is_found():
    same = [[1.0], [0.5]]
    cells = [cell("W2", "float64", name, losses=same) for name in ("ntb-eager", "ntb-replay", "torch")]
    cells.append(cell("W2", "float64", "jax", losses=[[1.0], [0.6]]))
    cells.append(cell("W2", "float64", "mygrad", losses=[[1.0], [float("nan")]]))
    cells.append(cell("W2", "float64", "gemm", losses=[[0.0]]))
    wrong = dict((c["library"], reason) for c, reason in compare.disagreement(cells))
    assert set(wrong) == {"jax", "mygrad"}
    assert "differ from those of ntb-eager by 1.7e-01" in wrong["jax"]


def test_rounding_is_no_difference():
    cells = [cell("W2", "float32", "ntb-eager", losses=[[1.0]]), cell("W2", "float32", "jax", losses=[[1.0001]])]
    assert not list(compare.disagreement(cells))
    assert list(compare.disagreement([{**c, "dtype": "float64"} for c in cells]))


# --- report


def test_the_page_shows_times_errors_reasons_and_goals():
    found = results(
        cell("W1", "float32", "ntb-replay", ms=0.01234, first=[1.0, 2.0, 0.1], memory=2**20),
        cell("W1", "float32", "torch", error="its losses differ"),
        cell("W1", "float32", "gemm", cannot="not a part of this workload"),
        cell("W6", "float32", "ntb-eager", ms=0.0031, first=[3.0]),
    )
    page = report.markdown(found, goals.evaluate(found))
    assert "| 0.0123 " in page and "**error** [2]" in page and "[2] its losses differ" in page
    assert "– [1]" in page and "[1] not a part of this workload" in page
    assert "| 3.10 " in page  # microseconds per operation
    assert "not measured" in page and "abacus, 2 cores" in page
    assert report.summary(goals.evaluate(found)).startswith("0 of ")


def test_the_columns_of_a_table_line_up():
    table = report.table_of(["a", "bcd"], [["1", "2"], ["345", "6"]])
    assert len({len(line) for line in table.splitlines()}) == 1


def test_the_picture_of_results_and_of_growth(tmp_path):
    from benchmarks import plots

    found = results(cell("W1", "float32", "ntb-replay", ms=0.1), cell("W1", "float32", "jax", ms=0.2))
    plots.compare(found, tmp_path / "results.png")
    rows = [{"size": n, "trace": n, "eager": n, "replay": n} for n in (1, 10)]
    plots.growth({"operations": rows}, tmp_path / "growth.png")
    assert {path.name for path in tmp_path.iterdir()} == {"results.png", "growth.png"}
    assert "| operations | 10 " in growth.table({"operations": rows})


# --- workloads


def first_numbers(name, dtype, library, steps=3):
    workload = workloads.load(name)
    step = make_step(workload, library, workload.problem(dtype, small=True))
    return [numbers(step()) for _ in range(steps)]


@pytest.mark.parametrize("dtype", libraries.DTYPES)
@pytest.mark.parametrize("name", workloads.MODULES)
def test_eager_replayed_and_graph_have_the_same_losses(name, dtype):
    eager = first_numbers(name, dtype, "ntb-eager")
    assert first_numbers(name, dtype, "ntb-replay") == eager
    assert np.all(np.isfinite(eager))
    if libraries.cannot(workloads.load(name), "ntb-compat") is None:
        close = 1e-5 if dtype == "float32" else 1e-12
        assert np.allclose(first_numbers(name, dtype, "ntb-compat"), eager, rtol=close)


@pytest.mark.parametrize("name", sorted(set(workloads.MODULES) - {"W6", "W9"}))
def test_training_lowers_the_loss(name):
    losses = first_numbers(name, "float64", "ntb-eager", steps=5)
    assert losses[-1][0] < losses[0][0]


@pytest.mark.parametrize("name", workloads.MODULES)
def test_the_arrays_are_the_same_each_time_and_of_the_dtype(name):
    first, second = (workloads.load(name).problem("float32", small=True) for _ in range(2))
    assert first.dtype == np.float32
    for a, b in zip((*first.parameters.values(), *first.batch), (*second.parameters.values(), *second.batch)):
        assert a.dtype in (np.float32, np.int64) and np.array_equal(a, b)


def test_the_products_alone_are_products():
    workload = workloads.load("W3")
    assert make_step(workload, "gemm", workload.problem("float32", small=True))() == 0.0


def test_by_hand_is_the_same_work():
    assert np.allclose(first_numbers("W1", "float64", "numpy"), first_numbers("W1", "float64", "ntb-eager"))
    (by_hand,), (gradient, _) = (first_numbers("W6", "float64", name, steps=1)[0] for name in ("numpy", "ntb-eager"))
    assert np.isclose(by_hand, gradient)


def test_what_a_library_cannot_do_is_told():
    assert libraries.cannot(workloads.load("W9"), "mygrad") == "no second derivatives"
    with pytest.raises(CannotError, match="no attention"):
        make_step(workloads.load("W7"), "ntb-compat", workloads.load("W7").problem("float32", small=True))


def test_each_reason_is_about_a_library_that_there_is():
    for name in workloads.MODULES:
        assert set(getattr(workloads.load(name), "CANNOT", {})) <= set(LIBRARIES)


def test_what_a_function_does_beyond_its_replay_is_told():
    traced = ntb.function(lambda x: x + 1.0)
    x = np.ones(3)
    traced(x)

    def slow(x):
        for _ in range(20_000):
            pass
        return traced(x)

    assert beyond_replay(lambda: slow(x), lambda: traced(x), 0.0) > 0


def test_each_goal_has_an_explanation_should_it_not_be_met():
    assert [line.where for line in goals.evaluate(results()) if not reason(line)] == []


# --- cells


def test_a_cell_prints_a_line_of_json():
    command = [sys.executable, "-m", "benchmarks.cell", "W1", "float64", "ntb-compat", "--small", "--seconds", "0"]
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(line)
    assert found["losses"] and found["ms"] > 0 and "above" in found


def test_rows_run_in_processes_and_report_what_fails():
    told = []
    options = runner.Options(["W1"], ["ntb-eager", "gemm"], ["float32"], threads=1, rounds=2, seconds=0.0, small=True)
    eager, gemm = runner.run(options, told.append)
    assert len(eager["ms_rounds"]) == 2 and "memory" in eager
    assert "cannot" in gemm and "ms" not in gemm
    assert told == [f"[1/1] W1 float32: ntb-eager {eager['ms']:.3g} ms, gemm -"]
    process = runner.Process(["W1", "float16", "ntb-eager"], limit=60.0)
    with pytest.raises(runner.Failure, match="invalid choice: 'float16'"):
        process.answer()
    process.end()


def test_the_memory_of_a_step_counts_arrays_that_it_keeps():
    def make():
        kept = []

        def step():
            kept[:] = [np.zeros(1000)]
            np.ones(3000).sum()

        return step

    found = step_memory(make)
    assert 8000 <= found["standing"] < 9000
    assert 24000 + 8000 <= step_memory(make, standing=1)["peak"] < 42000


def test_the_length_of_a_chain_counts_operations():
    calls = []
    growth.chain(30)(lambda f: calls.append(f) or f)()
    with ntb.Tape(persistent=True) as tape:
        calls[0](np.ones(8))
    assert len(tape) >= 30
