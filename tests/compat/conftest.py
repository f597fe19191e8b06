"""A graph that is the default one for the length of a test."""

import pytest

import ntb.compat as ntb


@pytest.fixture
def g():
    graph = ntb.ComputationGraph()
    with ntb.default_graph(graph):
        yield graph
