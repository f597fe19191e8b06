"""Random graphs: what `g.run` gives is what the eager blocks give, bit for bit, in first runs and in replays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compat.graphs import Build, compare, compare_sizes, same


@pytest.mark.uncounted
@settings(max_examples=80)
@given(st.data())
def test_runs_are_plain_evaluations(data):
    compare(data.draw)


@pytest.mark.uncounted
@settings(max_examples=80)
@given(st.data())
def test_runs_of_changing_sizes_are_plain_evaluations(data):
    compare_sizes(data.draw)


@pytest.mark.uncounted
@settings(max_examples=60)
@given(st.data())
def test_a_second_run_from_the_same_state_is_equal(data):
    build = Build(data.draw).build()
    graph = build.graph
    with np.errstate(all="ignore"):
        fetches, fed = build.fetches(), build.feed()
        nodes, feed = [build.nodes[i] for i in fetches], {build.nodes[i]: value for i, value in fed.items()}
        before = graph.save()
        runs, states = [], []
        for _ in range(3):
            graph.load(before)
            np.random.seed(0)
            runs.append(graph.run(nodes, feed))
            states.append(graph.save())
        program = graph.program(nodes, feed)
        assert program.stats["operations"] >= 0 and isinstance(program.source, str)
        for other in runs[1:]:
            assert all(map(same, runs[0], other))
        assert str(states[0]) == str(states[1]) == str(states[2])
