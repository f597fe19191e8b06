"""The benchmarks compare, judge and report; what they measure is not tested."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import ntb
from benchmarks import (
    bits,
    blocks,
    busy,
    compare,
    compare_bits,
    compare_blocks,
    compare_states,
    goals,
    growth,
    libraries,
    reasons,
    report,
    runner,
    state_lines,
    states,
    workloads,
)
from benchmarks.libraries import LIBRARIES, CannotError, make_step
from benchmarks.measure import beyond_replay, numbers, step_memory
from benchmarks.reasons import reason
from scripts import write_performance

pytestmark = pytest.mark.uncounted


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
    times = {"ntb-replay": 0.01, "jax": 0.025, "torch": 0.05}  # at most half, and 0.15
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


def test_an_operation_of_a_chain_is_measured_in_microseconds():
    found = results(cell("W6", "float32", "ntb-replay", ms=0.00014))
    (operation,) = lines(found, "replayed operation", "W6 float32")
    assert (operation.value, operation.unit, operation.met) == (pytest.approx(0.14), "µs", True)


def test_products_are_a_goal_of_some_workloads_and_the_best_peer_of_all_networks():
    replayed = [line for line in goals.evaluate(results()) if line.goal == "replayed step"]
    against = {w: {line.against for line in replayed if line.where == f"{w} float64"} for w in goals.WORKLOADS}
    assert {w for w in against if "gemm" in against[w]} == set(goals.PRODUCTS)
    assert {w for w in against if "best peer (the best peer)" in against[w]} == set(goals.WORKLOADS) - {"W1", "W6"}


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
    page = report.markdown([found])
    assert "| 0.0123 " in page and "**error** [2]" in page and "[2] its losses differ" in page
    assert "– [1]" in page and "[1] not a part of this workload" in page
    assert "| 3.10 " in page  # microseconds per operation
    assert "| not measured" not in page and "abacus, 2 cores" in page
    assert report.summary(goals.evaluate(found)).startswith("0 of ")


def test_a_run_on_one_thread_shows_only_what_it_was_asked_for():
    two = results(*[cell("W7", "float32", name, ms=ms) for name, ms in (("ntb-replay", 4.0), ("torch", 5.0))])
    one = results(*[cell("W7", "float32", name, ms=ms) for name, ms in (("ntb-replay", 9.0), ("jax", 3.0))], threads=1)
    page = report.markdown([two, one])
    assert page.index("Goals, 2 threads") < page.index("9.00 ms") and "autograd" not in page
    table = report.expect([two, one])
    assert "| 4.00 " in table and "5.00 (PyTorch eager)" in table and "0.80" in table and "3.00 " in table


def test_tables_are_put_between_their_marks():
    page = "before\n<!-- busy -->\nold\n<!-- /busy -->\nafter\n"
    put = write_performance.put(page, {"busy": "| x   | y |\n|-----|---|", "growth": "| z |"})
    assert put == "before\n<!-- busy -->\n| x | y |\n|---|---|\n<!-- /busy -->\nafter\n"
    places = {"performance.md": {"expect"}, "performance_record.md": {"results", "busy", "blocks", "growth"}}
    for name, marks in places.items():
        text = (write_performance.DOCS / name).read_text("utf-8")
        assert {mark for mark in marks if f"\n<!-- /{mark} -->" in text and f"<!-- {mark} -->\n" in text} == marks


def test_what_was_measured_is_read_from_the_folder(tmp_path):
    assert write_performance.tables(tmp_path) == {}
    found = results(cell("W7", "float32", "ntb-replay", ms=4.0), cell("W7", "float32", "jax", ms=5.0))
    (tmp_path / "results-2.json").write_text(json.dumps(found))
    (tmp_path / "busy.md").write_text("| x |")
    tables = write_performance.tables(tmp_path)
    assert set(tables) == {"busy", "expect", "results"} and "5.00 (JAX jit)" in tables["expect"]


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
    lines = goals.evaluate(results())
    assert [line.where for line in lines if not reason(line.goal, line.workload)] == []
    assert len({reason(line.goal, line.workload) for line in lines}) <= 26  # a letter for each


def test_a_reason_for_a_number_of_threads_comes_first(monkeypatch):
    known = {"step": "all", "step, W1": "one", "step, W1, 1 thread": "narrow"}
    monkeypatch.setattr(reasons, "REASONS", known)
    assert [reason("step", "W1", n) for n in (1, 2, None)] == ["narrow", "one", "one"]
    assert [reason("step", "W2", 1), reason("step"), reason("memory")] == ["all", "all", ""]


# --- cells


def test_numpy_is_imported_when_the_number_of_its_threads_is_set():
    command = [sys.executable, "-c", "import sys, benchmarks.cell; sys.exit('numpy' in sys.modules)"]
    subprocess.run(command, check=True)


def test_a_cell_prints_a_line_of_json():
    command = [sys.executable, "-m", "benchmarks.cell", "W1", "float64", "ntb-compat", "--small", "--seconds", "0"]
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(line)
    assert found["losses"] and found["ms"] > 0 and "above" in found


def test_rows_run_in_processes_and_report_what_fails():
    told = []
    options = runner.Options(
        ["W1"], ["ntb-eager", "gemm"], ["float32"], threads=1, rounds=2, seconds=0.0, limit=600.0, small=True
    )
    eager, gemm = runner.run(options, told.append)
    assert len(eager["ms_rounds"]) == 2 and "memory" in eager
    (replayed,) = runner.run(replace(options, libraries=["ntb-replay"], rounds=1), str)
    assert replayed["tenth"] > 0 and replayed["steady"] > 0
    assert "cannot" in gemm and "ms" not in gemm
    assert told == [f"[1/1] W1 float32: ntb-eager {eager['ms']:.3g} ms, gemm -"]
    process = runner.Process(["W1", "float16", "ntb-eager"], limit=600.0)
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


# --- building blocks; busy machines


@pytest.mark.parametrize("name", [*blocks.BLOCKS, *blocks.OPTIMIZERS])
def test_each_block_is_a_step(name):
    assert name not in blocks.BLOCKS or name not in blocks.OPTIMIZERS
    size = 1024 if name in WIDE else 64
    step = compare_blocks.ours(name, longest=size)
    step()
    step()


WIDE = {
    "Linear", "LayerNorm", "RMSNorm", "WeightNorm", "SpectralNorm", "RNN", "LSTM", "LSTM, both directions, twice",
    "GRU", "MultiHeadAttention", "TransformerEncoderLayer", "fold",
}  # fmt: skip
"""Blocks whose parameters fit inputs of the full size."""


def test_blocks_are_judged_by_their_ratio():
    rows = [{"block": "relu", "ntb": 1.0, "torch": 1.0}, {"block": "MaxPool2d", "ntb": 2.0, "torch": 1.0}]
    page = compare_blocks.table([*rows, {"block": "mse", "ntb": 1.0, "torch error": "no torch"}])
    assert "1.00  | met" in page and "2.00  | **not met** |" in page and "- MaxPool2d: " in page and "no torch" in page


def test_blocks_are_measured_in_processes():
    (row,) = compare_blocks.measure(["relu"], threads=1, rounds=2, seconds=0.0, report=str)
    assert row["ntb"] > 0


def test_steps_are_measured_beside_busy_processes(monkeypatch):
    monkeypatch.setattr(busy, "WORKLOADS", ("W10",))
    monkeypatch.setattr(busy, "ways", lambda: [busy.Way("ntb-replay", 1)])
    rows = busy.measure(1, 0.0, str, small=True)
    assert rows[0]["quiet"] > 0 and rows[0]["busy"] > 0


def test_the_goal_beside_busy_processes_is_that_of_one_thread():
    row = {"workload": "W3", "library": "ntb-replay", "quiet": 1.0, "busy": 5.0}
    table = busy.table([{**row, "threads": 2}, {**row, "threads": 1}, {**row, "threads": 1, "error": "late"}])
    assert table.count("**not met**") == 1 and "late" in table


# --- beside an earlier commit


def constant(time):
    """A state in which everything takes this long, and the requests that it was asked."""
    asked = []
    return lambda request: asked.append(request) or {"time": time}, asked


@pytest.mark.parametrize("name", ["tanh", "item-back", "variable-multiply", "sum-back"])
def test_a_line_is_measured_against_itself(name):
    found = compare_states.measure(name, state_lines.answer, state_lines.answer, rounds=1, seconds=0.0)
    assert found.before > 0 and found.now > 0 and found.ratio > 0 and not found.error


def test_every_operation_of_the_lines_runs():
    operations = [name for name, line in state_lines.LINES.items() if line.make is not state_lines.workload]
    assert all(state_lines.answer(f"{name} 0")["time"] > 0 for name in operations)
    assert set(compare_states.TO_BE_FASTER) <= set(operations)


def test_a_slower_line_is_measured_again_and_told():
    (before, _), (now, asked), told = constant(1.0), constant(1.2), []
    (found,) = compare_states.compare(["sum"], before, now, 1, 0.0, False, told.append)
    assert found.ratio == pytest.approx(1.2) and len(asked) == 2 * (1 + 2 + 4)
    assert told[-1] == "[1/1] sum: ratio 1.20, measured again in 4 rounds"
    assert compare_states.verdict([found], check=False) == ("slower than 1.1x: sum of 1 lines", False)
    assert "slower |" in compare_states.table([found])


def test_lines_that_are_to_be_faster_are_told_by_the_check_alone():
    (before, _), (now, _) = constant(1.0), constant(1.0)
    found = [compare_states.measure(name, before, now, 1, 0.0) for name in ("negative", "sum")]
    assert compare_states.verdict(found, check=False)[1]
    words, well = compare_states.verdict(found, check=True)
    assert not well and words.endswith("to be faster, but not: negative")


def test_a_line_that_fails_now_counts_as_slower_and_one_that_failed_before_does_not():
    works, fails = constant(1.0)[0], lambda request: {"error": "NtbError: no"}
    assert compare_states.measure("sum", works, fails, 1, 0.0).slower
    found = compare_states.measure("sum", fails, works, 1, 0.0)
    assert not found.slower and "before: NtbError: no" in compare_states.table([found])


def test_a_program_run_twice_gives_the_same_bits():
    first, second = (json.loads(json.dumps(bits.program("random 3"))) for _ in range(2))
    comparison = compare_bits.Comparison()
    assert comparison.add("random 3", first, second) == []
    assert comparison.programs == 1 and comparison.numbers > 0
    assert {what.split(", ")[1] for what in first["items"]} == {"eager", "traced", "replayed"}


def test_a_difference_in_a_bit_is_told():
    def before(name):
        return {"items": {"loss": bits.digest(x), "w": bits.digest(np.ones(2))}, "source": "a\nb", "about": "n=1"}

    def now(name):
        return {**before(name), "items": {"loss": bits.digest(np.nextafter(x, 2)), "v": bits.digest(0)}}

    x, told = np.float64(1.0), []
    comparison = compare_bits.compare(["random 0"], before, now, told.append)
    assert comparison.differences == [
        "random 0: v is only there now (n=1)",
        "random 0: w is only there before (n=1)",
        "random 0: loss differs (n=1)",
    ]
    assert told == ["[1/1] random 0: 3 results DIFFER"]
    assert "DIFFERENT random 0: loss differs" in str(comparison)


def test_digests_tell_dtypes_shapes_and_signs_of_zero_apart():
    arrays = [np.zeros(2), -np.zeros(2), np.zeros((1, 2)), np.zeros(2, np.int64), np.zeros(2, np.float32)]
    assert len({bits.digest(x) for x in arrays}) == len(arrays)
    assert bits.digest(np.arange(4.0)[::-1]) == bits.digest(np.array([3.0, 2.0, 1.0, 0.0]))


def test_a_source_that_differs_is_shown_and_is_no_difference_in_bits():
    before, now = ({"items": {}, "source": f"a\n{line}\nc", "about": ""} for line in ("b", "d"))
    comparison = compare_bits.Comparison()
    assert comparison.add("demo linear replayed", before, now) == []
    assert "source differs" in str(comparison) and "-b\n+d" in str(comparison)


def test_an_error_in_one_state_is_a_difference_and_in_both_is_told():
    works, fails = {"items": {}, "source": "", "about": ""}, {"error": "ShapeError: no"}
    comparison = compare_bits.Comparison()
    assert comparison.add("random 1", works, fails) == ["random 1: no error before, ShapeError: no now"]
    assert comparison.add("random 2", fails, fails) == []
    assert str(comparison).endswith("1 of the programs raise in both states: ShapeError: no")


@pytest.mark.parametrize("way", bits.WAYS)
def test_a_demo_gives_its_losses_variables_and_source(way, monkeypatch):
    monkeypatch.setitem(bits.LENGTHS, "linear", 2)
    found = bits.program(f"demo linear {way}")
    assert {"losses", "a", "b"} <= found["items"].keys() and found["items"]["losses"][0] == 2
    assert ("def " in found["source"]) is (way != "eager")


def test_the_process_of_a_state_answers_lines_and_tells_errors():
    process = runner.Process([], 600.0, "bits")
    try:
        assert process.answer()["ntb"] == ntb.__file__
        assert process.ask("random 3") == json.loads(json.dumps(bits.program("random 3")))
        assert process.ask("demo tetris eager")["error"] == "KeyError: 'tetris'"
    finally:
        process.end()


def test_a_commit_that_there_is_not_is_an_error_in_words(tmp_path):
    with pytest.raises(SystemExit, match="git has no state 'no-such-commit' of ntb"):
        states.extract("no-such-commit", tmp_path)
