"""Time training steps on NumPy's arrays and on CuPy's, which needs a GPU: python scripts/measure_gpu.py"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import ntb
from ntb import nn

Place = Callable[[np.ndarray], object]
"""What makes a library's array of NumPy's: `np.asarray` or `cupy.asarray`."""


def trainer(forward: Callable, shapes: list[tuple[int, ...]], inputs: tuple[int, ...], place: Place) -> Callable:
    """A step of Adam on random images and labels; parameters of the shapes, and data, lie where `place` puts them."""
    rng = np.random.default_rng(0)

    def drawn(shape: tuple[int, ...]) -> object:
        fan_in = np.prod(shape[1:]) if len(shape) > 2 else shape[0]
        return place((rng.normal(size=shape) / np.sqrt(fan_in)).astype(np.float32))

    parameters = [ntb.Variable(drawn(shape)) for shape in shapes]
    x = ntb.tensor(place(rng.normal(size=inputs).astype(np.float32)))
    labels = ntb.tensor(place(rng.integers(0, 10, inputs[0])))
    optimizer = ntb.optim.Adam(1e-3)

    def step() -> ntb.Tensor:
        with ntb.Tape() as tape:
            loss = nn.cross_entropy(forward(x, *parameters), labels)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    return step


def mlp(x, w1, w2, w3):
    return nn.relu(nn.relu(x @ w1) @ w2) @ w3


def convnet(x, f1, f2, f3, w):
    for filters in (f1, f2, f3):
        x = nn.max_pool2d(nn.relu(nn.conv2d(x, filters, padding=1)), 2)
    return np.reshape(x, (x.shape[0], -1)) @ w


WORK = {
    "MLP 784-4096-4096-10, batch 4,096": (mlp, [(784, 4096), (4096, 4096), (4096, 10)], (4096, 784)),
    "convolutions 3-32-64-64, 32x32, batch 256": (
        convnet,
        [(32, 3, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (1024, 10)],
        (256, 3, 32, 32),
    ),
}


def measured(step: Callable, wait: Callable[[], object], rounds: int) -> tuple[list[float], float]:
    """The losses of three steps, and the median of the milliseconds of further ones."""
    losses = [step().item() for _ in range(3)]
    times = []
    for _ in range(rounds):
        wait()
        start = time.perf_counter()
        step()
        wait()
        times.append(time.perf_counter() - start)
    return losses, 1e3 * statistics.median(times)


def main() -> None:
    try:
        import cupy
    except ImportError:
        raise SystemExit(
            "CuPy is not installed; see https://docs.cupy.dev for the package that fits your GPU"
        ) from None
    print("| eager step, float32, Adam | NumPy, ms | CuPy, ms |\n|---|---|---|")
    for title, (forward, shapes, inputs) in WORK.items():
        on_cpu, cpu = measured(trainer(forward, shapes, inputs, np.asarray), lambda: None, 5)
        on_gpu, gpu = measured(
            trainer(forward, shapes, inputs, cupy.asarray), cupy.cuda.get_current_stream().synchronize, 50
        )
        np.testing.assert_allclose(on_gpu, on_cpu, rtol=1e-3)
        print(f"| {title} | {cpu:.1f} | {gpu:.2f} |")


if __name__ == "__main__":
    main()
