"""SciPy, the array API, DLPack and Dask."""

import dask.array
import numpy as np
import scipy.special

import ntb
import ntb.dask
import ntb.scipy
from ntb import array_api as xp
from ntb.errors import ConversionError, GradientError, InputError

from . import mistake, replaced


@mistake(AttributeError, met="not 'optimize'", expected="ntb.scipy has linalg and special")
def a_part_of_scipy_that_ntb_does_not_have():
    ntb.scipy.optimize


@mistake(
    ntb.scipy.MissingSciPy,
    met="ntb.scipy.linalg needs SciPy",
    expected="which is not installed: pip install 'ntb[scipy]'",
)
def scipy_that_is_not_installed():
    with replaced(ntb.scipy, "find_spec", lambda name: None):
        ntb.scipy.__getattr__("linalg")


@mistake(
    AttributeError,
    met="scipy.special.ellip_harm takes no tensors, and ntb.scipy.special has no such function of its own",
    expected="it has SciPy's ufuncs and lambertw, log_softmax, logsumexp, multigammaln, polygamma, softmax",
)
def a_function_of_scipy_that_takes_no_tensors():
    ntb.scipy.special.ellip_harm


@mistake(InputError, met="logsumexp takes real numbers", expected="of complex ones take np.log(np.sum(b * np.exp(a)))")
def logsumexp_of_complex_numbers():
    ntb.scipy.special.logsumexp(ntb.tensor([1j, 2.0]))


@mistake(InputError, met="not 'X'", expected='trans is one of 0, 1, 2, "N", "T", "C"')
def an_unknown_system_of_equations():
    ntb.scipy.linalg.solve_triangular(ntb.tensor(np.eye(2)), np.ones(2), trans="X")


@mistake(
    np.linalg.LinAlgError,
    met="in expm(float64[2, 3])",
    expected="it takes matrices of shape (..., N, N)",
    repair="np.linalg.lstsq and pinv take others",
)
def the_exponential_of_a_matrix_that_is_not_square():
    ntb.scipy.linalg.expm(ntb.tensor(np.ones((2, 3))))


@mistake(
    GradientError,
    met="scipy.special.digamma has no derivative rule for complex numbers",
    expected="as SciPy has no polygamma of them",
)
def digamma_of_complex_numbers():
    ntb.grad(lambda x: np.real(scipy.special.digamma(x)))(1.0 + 1j)


@mistake(InputError, met="this array cannot be seen in the shape (6,) without a copy", expected="leave out copy=False")
def a_reshape_of_the_array_api_without_a_copy():
    xp.reshape(xp.asarray(np.ones((2, 3)).T), (6,), copy=False)


@mistake(InputError, met="a 0-d array has no axis", expected="along which to take it apart")
def taking_a_number_apart():
    xp.unstack(xp.asarray(1.0))


@mistake(
    InputError, met="along which axis of an array of shape (2, 2)? Only a 1-d array has just one", expected="pass axis="
)
def a_cumulative_sum_of_the_array_api_without_an_axis():
    xp.cumulative_sum(xp.asarray(np.ones((2, 2))))


@mistake(
    InputError,
    met="not change when they do",
    expected="a tensor holds a copy of the data, as it must",
    repair="leave out copy=False",
)
def a_tensor_made_of_an_array_without_a_copy():
    xp.asarray(np.ones(3), copy=False)


@mistake(
    InputError,
    met="asarray cannot make <class 'numpy.float32'> of a tensor without a copy",
    expected="leave out copy=False",
)
def another_dtype_without_a_copy():
    xp.asarray(ntb.tensor([1.0]), dtype=xp.float32, copy=False)


@mistake(BufferError, met="a tensor holds a copy of another library's data", expected="leave out copy=False")
def another_librarys_array_without_a_copy():
    xp.from_dlpack(np.ones(3), copy=False)


@mistake(InputError, met="not on 'cuda'", expected='arrays are made on the device "cpu"')
def a_device_of_the_array_api_that_is_not_there():
    xp.zeros(3, device="cuda")


@mistake(InputError, met="a complex array cannot be made float64", expected="take real(x) or imag(x) first")
def a_complex_array_made_real():
    xp.astype(xp.asarray([1j]), xp.float64)


@mistake(InputError, met="not 2020.01", expected="ntb.array_api follows the standard 2024.12")
def a_version_of_the_array_api_that_is_unknown():
    ntb.tensor([1.0]).__array_namespace__(api_version="2020.01")


@mistake(
    ConversionError,
    met="a traced function works on NumPy's arrays, as its program plans their memory, and this is one",
    expected="Call the function without ntb.function, or make the array NumPy's first",
)
def a_dask_array_in_a_traced_function():
    @ntb.function
    def f(x):
        return np.sum(x * x)

    f(dask.array.ones(4, chunks=2))


@mistake(
    ConversionError,
    met="np.linalg.det has no form for arrays of dask",
    expected="it would compute or move all of their data first",
    repair="else compose it of functions that they have",
)
def a_function_that_dask_does_not_have():
    np.linalg.det(ntb.tensor(dask.array.ones((4, 4), chunks=2)))


@mistake(
    InputError,
    met="the shape of this array is not known before it is computed: (nan,)",
    expected="Call the method compute_chunk_sizes() of the Dask array, or give weights instead of picking",
)
def elements_of_a_dask_array_that_are_picked():
    x = ntb.tensor(dask.array.arange(4.0, chunks=2))
    x[x > 1]


@mistake(InputError, met="not an array of shape (3,)", expected="expm takes square matrices, of shape (..., N, N)")
def the_exponential_of_a_vector():
    ntb.scipy.linalg.expm(np.ones(3))


@mistake(
    GradientError,
    met="of complex numbers",
    expected="is not analytic, and has no derivative rule",
    repair="make it a function of the real and imaginary parts",
)
def a_derivative_of_a_function_that_is_not_analytic():
    with ntb.Tape() as tape:
        z = tape.watch(np.array([1.0 + 1j]))
        y = np.sum(np.real(scipy.special.ive(0, z)))
    tape.gradient(y, z)


@mistake(
    GradientError,
    met="this would be the third",
    expected="has derivatives up to the second with respect to its parameters",
    repair="ntb.numpy_function or ntb.custom_gradient takes a derivative of your own",
)
def a_third_derivative_by_a_parameter():
    slope = ntb.grad(ntb.grad(ntb.grad(lambda a: scipy.special.gammainc(a, 1.0))))
    slope(2.0)


@mistake(
    GradientError,
    met="this would be the third",
    expected="has derivatives up to the second with respect to its parameters",
    repair="ntb.numpy_function or ntb.custom_gradient takes a derivative of your own",
)
def a_third_derivative_of_the_beta_function():
    slope = ntb.grad(ntb.grad(ntb.grad(lambda a: scipy.special.betainc(a, 2.0, 0.5))))
    slope(2.0)
