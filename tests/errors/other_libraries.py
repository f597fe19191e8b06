"""SciPy, the array API, DLPack and Dask."""

import dask.array
import numpy as np
import scipy.special

import ntb
import ntb.dask
import ntb.scipy
from ntb import array_api as xp
from ntb.tape.errors import ConversionError, GradientError, InputError

from . import mistake, replaced


@mistake(AttributeError, met="", expected="")
def a_part_of_scipy_that_ntb_does_not_have():
    ntb.scipy.optimize


@mistake(ntb.scipy.MissingSciPy, met="", expected="")
def scipy_that_is_not_installed():
    with replaced(ntb.scipy, "find_spec", lambda name: None):
        ntb.scipy.__getattr__("linalg")


@mistake(AttributeError, met="", expected="")
def a_function_of_scipy_that_takes_no_tensors():
    ntb.scipy.special.ellip_harm


@mistake(InputError, met="", expected="")
def logsumexp_of_complex_numbers():
    ntb.scipy.special.logsumexp(ntb.tensor([1j, 2.0]))


@mistake(InputError, met="", expected="")
def an_unknown_system_of_equations():
    ntb.scipy.linalg.solve_triangular(ntb.tensor(np.eye(2)), np.ones(2), trans="X")


@mistake(np.linalg.LinAlgError, met="", expected="")
def the_exponential_of_a_matrix_that_is_not_square():
    ntb.scipy.linalg.expm(ntb.tensor(np.ones((2, 3))))



@mistake(GradientError, met="", expected="")
def digamma_of_complex_numbers():
    ntb.grad(lambda x: np.real(scipy.special.digamma(x)))(1.0 + 1j)


@mistake(InputError, met="", expected="")
def a_reshape_of_the_array_api_without_a_copy():
    xp.reshape(xp.asarray(np.ones((2, 3)).T), (6,), copy=False)


@mistake(InputError, met="", expected="")
def taking_a_number_apart():
    xp.unstack(xp.asarray(1.0))


@mistake(InputError, met="", expected="")
def a_cumulative_sum_of_the_array_api_without_an_axis():
    xp.cumulative_sum(xp.asarray(np.ones((2, 2))))


@mistake(InputError, met="", expected="")
def a_tensor_made_of_an_array_without_a_copy():
    xp.asarray(np.ones(3), copy=False)


@mistake(InputError, met="", expected="")
def another_dtype_without_a_copy():
    xp.asarray(ntb.tensor([1.0]), dtype=xp.float32, copy=False)


@mistake(BufferError, met="", expected="")
def another_librarys_array_without_a_copy():
    xp.from_dlpack(np.ones(3), copy=False)


@mistake(InputError, met="", expected="")
def a_device_of_the_array_api_that_is_not_there():
    xp.zeros(3, device="cuda")


@mistake(InputError, met="", expected="")
def a_complex_array_made_real():
    xp.astype(xp.asarray([1j]), xp.float64)


@mistake(InputError, met="", expected="")
def a_version_of_the_array_api_that_is_unknown():
    ntb.tensor([1.0]).__array_namespace__(api_version="2020.01")



@mistake(ConversionError, met="", expected="")
def a_dask_array_in_a_traced_function():
    @ntb.function
    def f(x):
        return np.sum(x * x)

    f(dask.array.ones(4, chunks=2))


@mistake(ConversionError, met="", expected="")
def a_function_that_dask_does_not_have():
    np.linalg.det(ntb.tensor(dask.array.ones((4, 4), chunks=2)))


@mistake(InputError, met="", expected="")
def elements_of_a_dask_array_that_are_picked():
    x = ntb.tensor(dask.array.arange(4.0, chunks=2))
    x[x > 1]
