"""Small models that train: what `threads` runs side by side, and `memory` for long.

A trainer is made from a seed, which decides all of its numbers: parameters, data, and the masks of dropout.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import ntb
import ntb.compat as graphs
from ntb import nn, optim


class Trainer:
    """A model with an optimizer, a generator and data of its own."""

    shape: tuple[int, ...]
    classes = 3

    def __init__(self, seed: int) -> None:
        self.rng = ntb.random.generator(seed)
        self.data = np.random.default_rng(seed)
        self.make()

    def make(self) -> None:
        self.model = self.layers()
        self.variables = self.model.trainable_variables()
        self.optimizer = optim.Adam(0.01)
        self.optimizer.build(self.variables)

    def layers(self) -> nn.Module:
        raise NotImplementedError

    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        labels = self.data.integers(0, self.classes, self.shape[0])
        return self.data.standard_normal(self.shape, np.float32), labels

    def step(self, x: Any, labels: Any) -> Any:
        """A step of training; the loss before it."""
        with ntb.Tape() as tape:
            loss = nn.cross_entropy(self.model(x, train=True), labels)
        self.optimizer.apply(tape.gradient(loss, self.variables), self.variables)
        return loss

    def state(self) -> dict[str, np.ndarray]:
        return ntb.state.snapshot([self.model, self.optimizer, self.rng])


class Mlp(Trainer):
    shape = (8, 12)

    def layers(self) -> nn.Module:
        return nn.Sequential(
            nn.Linear(12, 16, rng=self.rng), nn.BatchNorm(16), np.tanh, nn.Dropout(0.3, rng=self.rng),
            nn.Linear(16, self.classes, rng=self.rng),
        )  # fmt: skip


class Convnet(Trainer):
    shape = (4, 2, 8, 8)

    def layers(self) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(2, 4, 3, padding="same", rng=self.rng), nn.BatchNorm(4), nn.relu, nn.MaxPool2d(2), nn.Flatten(),
            nn.Dropout(0.3, rng=self.rng), nn.Linear(64, self.classes, rng=self.rng),
        )  # fmt: skip


class Lstm(Trainer):
    shape = (4, 6, 5)

    def layers(self) -> nn.Module:
        def last(x: Any) -> Any:
            return x[0][:, -1]

        return nn.Sequential(nn.LSTM(5, 8, rng=self.rng), last, nn.Linear(8, self.classes, rng=self.rng))


class Graph(Trainer):
    """The network of `Mlp` as a graph, which `g.run` replays."""

    shape = (8, 12)

    def make(self) -> None:
        draw = self.data.standard_normal
        self.graph = graphs.ComputationGraph(rng=self.rng)
        with graphs.default_graph(self.graph):
            self.x, self.labels = graphs.Placeholder([-1, 12]), graphs.Placeholder([-1])
            w, b = graphs.Variable(value=0.3 * draw((12, 16))), graphs.Variable(value=np.zeros(16))
            gamma, beta = graphs.Variable(value=np.ones(16)), graphs.Variable(value=np.zeros(16))
            hidden = graphs.Tanh(graphs.Batchnorm(graphs.Affine(self.x, w, b), gamma, beta, True))
            out = graphs.Variable(value=0.3 * draw((16, self.classes)))
            scores = graphs.Dropout(hidden, 0.7) @ out
            self.loss = graphs.CrossEntropyLogits(scores, self.labels)
            self.optim = graphs.Optim(self.loss, lr=0.01, update_rule="adam")

    def step(self, x: Any, labels: Any) -> Any:
        return self.graph.run([self.loss, self.optim], {self.x: x, self.labels: labels})[0]

    def state(self) -> dict[str, np.ndarray]:
        cells = {node.name: node.value for node in self.graph.mutable_nodes if hasattr(node, "value")}
        return {**cells, "rng": self.rng.value}
