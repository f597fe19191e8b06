"""Store the numbers that other libraries give for the cases of tests/references, with which ours are compared.

python scripts/make_references.py                  all subjects
python scripts/make_references.py losses metrics   these
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.references import SUBJECTS
from tests.references.base import REFERENCES, STORED, Reference, weights


def with_torch(case: Reference) -> list[np.ndarray]:
    import torch

    torch.manual_seed(0)
    given = [torch.tensor(a, requires_grad=case.gradients and a.dtype.kind in "fc") for a in case.arrays]
    results = as_list(case.theirs(torch, *given))
    found = [r.detach().numpy() if hasattr(r, "detach") else np.asarray(r) for r in results]
    if case.gradients:
        loss = sum((r * torch.tensor(weights(tuple(r.shape)))).sum() for r in results)
        watched = [t for t in given if t.requires_grad]
        slopes = torch.autograd.grad(loss, watched, allow_unused=True)
        found += [np.zeros(tuple(t.shape)) if g is None else g.numpy() for t, g in zip(watched, slopes)]
    return found


def with_jax(case: Reference) -> list[np.ndarray]:
    import jax

    jax.config.update("jax_enable_x64", True)
    peer = import_module(case.peer)
    places = tuple(i for i, a in enumerate(case.arrays) if a.dtype.kind in "fc")
    found = as_list(case.theirs(peer, *map(jax.numpy.asarray, case.arrays)))
    if case.gradients:

        def loss(*given: Any) -> Any:
            return sum((r * weights(r.shape)).sum() for r in as_list(case.theirs(peer, *given)))

        found += jax.grad(loss, places)(*map(jax.numpy.asarray, case.arrays))
    return [np.asarray(a) for a in found]


def with_keras(case: Reference) -> list[np.ndarray]:
    """Keras on TensorFlow."""
    import keras
    import tensorflow as tf

    keras.config.set_floatx("float64")
    given = [tf.constant(a) for a in case.arrays]
    watched = [t for t, a in zip(given, case.arrays) if a.dtype.kind in "fc"]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        results = as_list(case.theirs(keras, *given))
        loss = tf.add_n([tf.reduce_sum(r * weights(tuple(r.shape))) for r in results])
    found = tape.gradient(loss, watched, unconnected_gradients="zero") if case.gradients else []
    return [np.asarray(a) for a in (*results, *found)]


def with_numpy(case: Reference) -> list[np.ndarray]:
    """Peers that take and give NumPy's arrays, such as scikit-learn."""
    if case.gradients:
        raise SystemExit(f"{case.key}: say gradients=False, as {case.peer} has none")
    return [np.asarray(a) for a in as_list(case.theirs(import_module(case.peer), *case.arrays))]


def as_list(results: Any) -> list[Any]:
    return list(results) if isinstance(results, list | tuple) else [results]


WAYS = {"torch": with_torch, "jax": with_jax, "optax": with_jax, "keras": with_keras}


def main(subjects: list[str]) -> None:
    for subject in subjects or SUBJECTS:
        stored: dict[str, Any] = {}
        for case in REFERENCES:
            if case.subject == subject:
                numbers = WAYS.get(case.peer, with_numpy)(case)
                stored[case.key] = len(numbers)
                stored |= {f"{case.key} {i}": a for i, a in enumerate(numbers)}
        STORED.mkdir(exist_ok=True)
        np.savez_compressed(STORED / f"{subject}.npz", **stored)
        print(f"{subject}: {sum(case.subject == subject for case in REFERENCES)} cases")


if __name__ == "__main__":
    main(sys.argv[1:])
