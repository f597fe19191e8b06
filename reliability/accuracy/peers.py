"""The same figures of PyTorch and JAX, into peers.json: `python -m reliability.accuracy.peers`, where both are."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

from . import measure
from .tables import ROWS
from .truth import Function

FILE = Path(__file__).with_name("peers.json")
jax.config.update("jax_enable_x64", True)


def with_torch(f: Function, points: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    xs = [torch.tensor(p, requires_grad=True) for p in points]
    names = ["x"] if f.arguments == 1 else ["a", "b"]
    y = eval(f.torch, {"torch": torch, **dict(zip(names, xs, strict=True))})

    def slope(y: Any, x: Any) -> Any:
        if not y.requires_grad:
            return torch.zeros_like(x)
        (found,) = torch.autograd.grad(y.sum(), x, create_graph=True, allow_unused=True)
        return torch.zeros_like(x) if found is None else found

    first = [slope(y, x) for x in xs]
    twice = [slope(d, x) for i, d in enumerate(first) for x in xs[i:]]
    return [r.detach().numpy(force=True) for r in (y, *first, *twice)]


def with_jax(f: Function, points: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    names = ["x"] if f.arguments == 1 else ["a", "b"]
    code = compile(f.jax, f.name, "eval")

    def value(*xs: Any) -> Any:
        return eval(code, {"jax": jax, "jnp": jnp, **dict(zip(names, xs, strict=True))})

    def total(g: Any) -> Any:
        return lambda *xs: jnp.sum(g(*xs))

    first = [jax.grad(total(value), i) for i in range(len(points))]
    twice = [jax.grad(total(d), j) for i, d in enumerate(first) for j in range(i, len(points))]
    return [np.asarray(g(*map(jnp.asarray, points))) for g in (value, *first, *twice)]


def main() -> None:
    measure.load()
    wanted = [f for f in ROWS if f.name.startswith(tuple(sys.argv[1:] or [""]))]  # "np." or "nn." for a part
    figures: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {"torch": {}, "jax": {}}
    figures["versions"] = {"torch": torch.__version__, "jax": jax.__version__}
    for name, evaluate in (("torch", with_torch), ("jax", with_jax)):
        found = figures[name]
        for f in wanted:
            found.pop(f.name, None)
            for dtype in f.dtypes if getattr(f, name) else ():
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        worst = measure.worst(f, dtype, evaluate)
                except Exception as error:  # many functions lack a dtype or a second derivative
                    print(f"{name}: {f.name} of {dtype}: {type(error).__name__}: {str(error)[:150]}", flush=True)
                    continue
                found.setdefault(f.name, {})[dtype] = {order: rounded(e) for order, (e, *_) in worst.items()}
            FILE.write_text(json.dumps(figures, indent=0) + "\n")


def rounded(error: float) -> float | None:
    """Two digits; None for a number instead of NaN, or NaN instead of a number."""
    return float(f"{error:.2g}") if np.isfinite(error) else None


if __name__ == "__main__":
    main()
