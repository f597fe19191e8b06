"""Code that was not written for ntb takes tensors and differentiates: einops, SciPy, a program for the array API."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import einops
import einops.array_api
import numpy as np
import pytest

import ntb
import ntb.array_api.einops
from ntb import array_api as xp
from ntb.check import check_gradients

ROOT = Path(ntb.__file__).parent.parent
images = np.random.default_rng(0).normal(size=(2, 2, 4, 2))
kernel = np.random.default_rng(1).normal(size=(2, 3))

# --- einops

EINOPS = {
    "patches": lambda e, x: e.rearrange(x, "b (h p) (w q) c -> b h w (p q c)", p=2, q=2),
    "mean": lambda e, x: e.reduce(x, "b (h p) (w q) c -> b h w c", "mean", p=2, q=2),
    "max": lambda e, x: e.reduce(x, "b h w c -> b c", "max"),
    "prod": lambda e, x: e.reduce(x[:, 0], "b w c -> b c", "prod"),
    "list": lambda e, x: e.rearrange([x[0], x[1]], "b h w c -> h (b w) c"),
    "repeat": lambda e, x: e.repeat(x[0, 0], "w c -> (w 2) c n", n=3),
    "pack": lambda e, x: e.pack([x, x[:, :, 0]], "b * c")[0],
    "unpack": lambda e, x: e.unpack(x[0], [(), (3,)], "h * c"),
}


@pytest.mark.uncounted
@pytest.mark.parametrize("module", [einops, einops.array_api], ids=["backend", "array_api"])
@pytest.mark.parametrize("name", EINOPS)
def test_einops(name, module):
    found, expected = EINOPS[name](module, ntb.tensor(images)), EINOPS[name](einops, images)
    if name != "unpack":
        found, expected = [found], [expected]
    for a, b in zip(found, expected, strict=True):
        assert isinstance(a, ntb.Tensor) and np.array_equal(a.numpy(), b)
    check_gradients(lambda x: EINOPS[name](module, x), images)


def test_einops_einsum():
    def f(x, w):
        return einops.einsum(x, w, "batch height width channel, channel feature -> batch height feature")

    assert np.array_equal(f(ntb.tensor(images), kernel).numpy(), f(images, kernel))
    check_gradients(f, images, kernel)
    w = ntb.Variable(kernel)
    with ntb.Tape() as tape:
        loss = np.sum(f(ntb.tensor(images), w) ** 2)
    assert tape.gradient(loss, w).shape == w.shape


def test_einops_in_a_traced_function():
    f = ntb.function(lambda x: einops.reduce(np.exp(x), "b h w c -> h w", "sum"))
    assert np.array_equal(np.asarray(f(images)), np.asarray(f(images)))
    assert np.array_equal(np.asarray(f(images + 1)), einops.reduce(np.exp(images + 1), "b h w c -> h w", "sum"))


# --- SciPy, which looks for SCIPY_ARRAY_API when it is imported

SCIPY = """
import numpy as np, ntb, scipy
from ntb.check import check_gradients
from scipy import integrate, optimize, signal, special, stats
from scipy.spatial.transform import Rotation

x = np.random.default_rng(0).normal(size=(3, 4))
cases = {
    "skewness": lambda x: stats.skew(x, axis=0),
    "kurtosis": lambda x: stats.kurtosis(x, axis=1, fisher=False),
    "moment": lambda x: stats.moment(x, 3, axis=None),
    "geometric mean": lambda x: stats.gmean(x**2 + 0.1, axis=1),
    "Rosenbrock": optimize.rosen,
}
if tuple(map(int, scipy.__version__.split(".")[:2])) >= (1, 17):  # these follow the standard since then
    cases |= {
        "softmax": lambda x: special.softmax(x, axis=1),
        "cumulative trapezoid": lambda x: integrate.cumulative_trapezoid(x, dx=0.5, axis=1),
        "convolution": lambda x: signal.fftconvolve(x[0], x[1], "same"),
        "rotation": lambda x: Rotation.from_rotvec(x[:, :3]).as_matrix(),
    }
for name, f in cases.items():
    value = f(ntb.tensor(x))
    assert isinstance(value, ntb.Tensor), name
    assert np.allclose(value.numpy(), f(x), rtol=1e-13, atol=1e-13), name
    check_gradients(f, x)
point = x.ravel()
with ntb.Tape(persistent=True) as tape:
    t = tape.watch(point)
    slope = tape.gradient(optimize.rosen(t), t)
    hessian = tape.jacobian(slope, t)
assert np.allclose(slope.numpy(), optimize.rosen_der(point))
assert np.allclose(hessian.numpy(), optimize.rosen_hess(point))
print("well")
"""


def run(program):
    """Run a program in a Python of its own, with the array API of SciPy and scikit-learn switched on."""
    switched = {**os.environ, "SCIPY_ARRAY_API": "1", "PYTHONPATH": str(ROOT)}
    result = subprocess.run([sys.executable, "-c", program], env=switched, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_scipy():
    assert run(SCIPY) == "well"


SCIKIT_LEARN = """
import numpy as np, ntb, sklearn
from ntb.check import check_gradients
from sklearn.metrics import mean_squared_error, pairwise

sklearn.set_config(array_api_dispatch=True)
x, y = np.random.default_rng(0).normal(size=(2, 3, 2))
cases = {
    "distances": lambda x: pairwise.euclidean_distances(x, y_like(x)),
    "kernel": lambda x: pairwise.rbf_kernel(x, y_like(x), gamma=0.3),
    "error": lambda x: mean_squared_error(y_like(x), x, multioutput="raw_values"),
}

def y_like(x):
    return x.__array_namespace__().asarray(y)

for name, f in cases.items():
    value = f(ntb.tensor(x))
    assert isinstance(value, ntb.Tensor) and np.allclose(value.numpy(), f(x)), name
    check_gradients(f, x)
print("well")
"""


@pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn is not installed")
def test_scikit_learn():
    assert run(SCIKIT_LEARN) == "well"


# --- a program written for the standard: it asks its argument which library to use


def conjugate_gradients(matrix, b, steps):
    """Solve `matrix @ x = b` for a symmetric positive definite matrix (Hestenes and Stiefel 1952)."""
    xp = b.__array_namespace__()
    x = xp.zeros_like(b)
    residual = direction = b
    for _ in range(steps):
        image = xp.matmul(matrix, direction)
        size = xp.vecdot(residual, residual)
        step = size / xp.vecdot(direction, image)
        x = x + step * direction
        residual = residual - step * image
        direction = residual + xp.vecdot(residual, residual) / size * direction
    return x


def smoothed(logits, temperature):
    """Entropy of a softmax, in the manner of the standard: keyword arguments, keepdims, isdtype, finfo."""
    xp = logits.__array_namespace__()
    if not xp.isdtype(logits.dtype, "real floating"):
        logits = xp.astype(logits, xp.__array_namespace_info__().default_dtypes()["real floating"])
    shifted = (logits - xp.max(logits, axis=-1, keepdims=True)) / temperature
    p = xp.exp(shifted) / xp.sum(xp.exp(shifted), axis=-1, keepdims=True)
    return -xp.sum(p * xp.log(p + xp.finfo(p.dtype).smallest_normal), axis=-1)


rng = np.random.default_rng(2)
factor, right = rng.normal(size=(4, 4)), rng.normal(size=4)


def test_conjugate_gradients():
    definite = factor @ factor.T + 4 * np.eye(4)
    found = conjugate_gradients(ntb.tensor(definite), ntb.tensor(right), 4)
    assert np.array_equal(found.numpy(), conjugate_gradients(definite, right, 4))
    assert np.allclose(found.numpy(), np.linalg.solve(definite, right))
    with ntb.Tape() as tape:
        b = tape.watch(right)
        x = conjugate_gradients(ntb.tensor(definite), b, 4)
        total = xp.sum(x)
    assert np.allclose(tape.gradient(total, b).numpy(), np.linalg.solve(definite, np.ones(4)), atol=1e-6)
    check_gradients(lambda a, b: conjugate_gradients(a @ xp.matrix_transpose(a) + 4 * xp.eye(4), b, 3), factor, right)


def test_entropy_of_a_softmax():
    assert np.array_equal(smoothed(ntb.tensor(factor), 0.5).numpy(), smoothed(factor, 0.5))
    assert smoothed(ntb.tensor([[1, 2]]), 1.0).dtype == xp.float64
    check_gradients(smoothed, factor, 0.7)
