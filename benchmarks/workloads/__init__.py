"""The fourteen workloads, a module each. A module has

TITLE            what it is
problem(dtype, small=False, keep=1.0)   the arrays; small ones for tests
KEEP             where it has dropout, the probability of keeping that times are measured with
loss(parts, p, *batch)   the loss in terms of what each of `benchmarks.peers` defines, for all peers
with_ntb(problem, function)   a step as a user of ntb writes it, eager or replayed
with_compat(problem)     the same as a graph, where `ntb.compat` has the parts
gemm(problem)    its matrix products alone
CANNOT           why a library cannot do it
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

MODULES = {
    "W1": "w01_linear",
    "W2": "w02_mnist",
    "W3": "w03_convnet",
    "W4": "w04_cifar",
    "W5": "w05_text",
    "W6": "w06_chain",
    "W7": "w07_gpt",
    "W8": "w08_conv",
    "W9": "w09_hessian",
    "W10": "w10_mlp",
    "W11": "w11_unet",
    "W12": "w12_resnet",
    "W13": "w13_rnn",
    "W14": "w14_autoencoder",
}


def load(name: str) -> ModuleType:
    """The module of a workload."""
    return import_module(f"{__name__}.{MODULES[name]}")
