"""The libraries that are compared: which are installed, and how each makes a step of a workload."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it imports NumPy, which reads at that moment how many threads it may have
    from .problem import Problem, Step

DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Library:
    """A column of the table.

    Attributes:
        title: its heading.
        package: what must be installed.
        peer: the module of `benchmarks.peers` that has its parts; None for ntb and plain NumPy.
        options: of that module's `trainer`.
        function: the function of a workload's module that makes its step; None for peers.
        keeps: whether what it compiled for a first step serves a second one, so that the first is the one to time.
    """

    title: str
    package: str
    peer: str | None = None
    options: tuple[str, ...] = ()
    function: str | None = None
    keeps: bool = False


LIBRARIES = {
    "ntb-eager": Library("ntb eager", "numpy", function="with_ntb"),
    "ntb-replay": Library("ntb replay", "numpy", function="with_ntb"),
    "ntb-compat": Library("ntb.compat", "numpy", function="with_compat"),
    "gemm": Library("GEMM only", "numpy", function="gemm"),
    "numpy": Library("NumPy by hand", "numpy", function="by_hand"),
    "torch": Library("PyTorch eager", "torch", "torch_parts"),
    "torch-fused": Library("PyTorch, fused optimizer", "torch", "torch_parts", ("fused",)),
    "torch-compiled": Library("PyTorch, compiled", "torch", "torch_parts", ("fused", "compiled"), keeps=True),
    "jax": Library("JAX jit", "jax", "jax_parts"),
    "tensorflow": Library("TF function", "tensorflow", "tensorflow_parts"),
    "autograd": Library("autograd", "autograd", "autograd_parts"),
    "mygrad": Library("mygrad", "mygrad", "mygrad_parts"),
}


class CannotError(Exception):
    """A library has no part that a workload needs; the message is the reason."""


def installed(library: str) -> bool:
    return find_spec(LIBRARIES[library].package) is not None


def versions() -> dict[str, str]:
    """The versions of the packages that take part."""
    packages = dict.fromkeys(library.package for name, library in LIBRARIES.items() if installed(name))
    packages |= {"numba": None} if find_spec("numba") else {}
    return {package: version(package) for package in packages}


def limit_threads(threads: int, pinned: bool = True) -> None:
    """Give every library this many threads, and if pinned cores. To be called before any of them is imported."""
    for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR"):
        os.environ[f"{name}_NUM_THREADS"] = str(threads)
    os.environ |= {
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": str(threads),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "NPROC": str(threads),  # read by XLA's thread pool
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
    }
    if pinned and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cannot(workload: ModuleType, library: str) -> str | None:
    """Why a library cannot do a workload; None if it can."""
    reason = getattr(workload, "CANNOT", {}).get(library)
    function = LIBRARIES[library].function
    if reason is None and function is not None and not hasattr(workload, function):
        return "not a part of this workload"
    return reason


def make_step(workload: ModuleType, library: str, problem: Problem) -> Step:
    """A training step of a workload, with the parameters at their beginning.

    Raises:
        CannotError: the library has no part that the workload needs.
    """
    reason = cannot(workload, library)
    if reason is not None:
        raise CannotError(reason)
    chosen = LIBRARIES[library]
    if chosen.peer is not None:
        parts = import_module(f"{__package__}.peers.{chosen.peer}")
        if hasattr(workload, "with_peer"):
            return workload.with_peer(parts, problem)
        options: dict[str, Any] = dict.fromkeys(chosen.options, True)
        return parts.trainer(loss_of(workload, parts, problem), problem, workload.OPTIMIZER, **options)
    if library == "ntb-eager":
        from .with_ntb import eagerly

        return workload.with_ntb(problem, eagerly)
    if library == "ntb-replay":
        import ntb

        return workload.with_ntb(problem, ntb.function)
    return getattr(workload, chosen.function or "")(problem)


def loss_of(workload: ModuleType, parts: ModuleType, problem: Problem) -> Callable[..., Any]:
    """The workload's loss in a peer's parts: a function of the parameters by name and the batch."""
    options = {"keep": problem.keep} if hasattr(workload, "KEEP") else {}
    return partial(workload.loss, parts, **options)
