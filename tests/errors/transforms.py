"""Functions of functions: grad, jacobian, scan and the others."""

import numpy as np

import ntb
from ntb.check import GradientCheckError
from ntb.tape.errors import ConvergenceError, GradientError, InputError, TapeError

from . import mistake


@mistake(InputError, met="", expected="")
def grad_of_a_function_with_many_results():
    ntb.grad(lambda x: x * x)(np.array([1.0, 2.0]))


@mistake(InputError, met="", expected="")
def grad_of_a_function_that_returns_nothing():
    def f(x):
        x * x

    ntb.grad(f)(2.0)


@mistake(GradientError, met="", expected="")
def grad_at_an_integer():
    ntb.grad(lambda x: x * x)(2)



@mistake(InputError, met="", expected="")
def an_argument_to_differentiate_by_that_is_not_there():
    ntb.grad(lambda x: x * x, argnums=1)(2.0)


@mistake(InputError, met="", expected="")
def has_aux_without_a_pair():
    ntb.value_and_grad(lambda x: x * x, has_aux=True)(2.0)


@mistake(InputError, met="", expected="")
def an_unknown_mode_of_a_jacobian():
    ntb.jacobian(lambda x: x * x, mode="reverse")


@mistake(InputError, met="", expected="")
def a_jacobian_of_a_function_without_floats():
    ntb.jacobian(np.argsort)(np.array([2.0, 1.0]))


@mistake(InputError, met="", expected="")
def jvp_without_tuples():
    ntb.jvp(lambda x: x * x, 2.0, 1.0)


@mistake(InputError, met="", expected="")
def a_tangent_of_a_wrong_shape():
    ntb.jvp(lambda x: x * x, (np.ones(3),), (np.ones(2),))


@mistake(InputError, met="", expected="")
def a_tangent_for_a_list_that_is_none():
    ntb.jvp(lambda xs: xs[0] * xs[1], ([1.0, 2.0],), (1.0,))


@mistake(InputError, met="", expected="")
def a_tangent_with_other_keys():
    ntb.jvp(lambda p: p["w"] * p["b"], ({"w": 1.0, "b": 2.0},), ({"weight": 1.0, "b": 2.0},))


@mistake(InputError, met="", expected="")
def a_cotangent_of_a_wrong_shape():
    _, pull = ntb.vjp(lambda x: x * x, np.ones(3))
    pull(np.ones(2))


@mistake(InputError, met="", expected="")
def a_vector_of_a_wrong_shape_for_hvp():
    ntb.hvp(lambda x: np.sum(x**3), (np.ones(3),), (np.ones(2),))


@mistake(InputError, met="", expected="")
def a_custom_gradient_with_too_few_answers():
    @ntb.custom_gradient
    def product(x, y):
        return x * y, lambda g: g * y

    ntb.grad(product)(2.0, 3.0)


@mistake(InputError, met="", expected="")
def a_custom_gradient_of_a_wrong_shape():
    @ntb.custom_gradient
    def doubled(x):
        return 2 * x, lambda g: np.sum(2 * g)

    ntb.grad(lambda x: np.sum(doubled(x)))(np.ones(3))


@mistake(InputError, met="", expected="")
def a_custom_gradient_without_a_gradient():
    @ntb.custom_gradient
    def doubled(x):
        return 2 * x

    ntb.grad(doubled)(2.0)


@mistake(ValueError, met="", expected="")
def a_numpy_function_with_too_many_gradients():
    cube = ntb.numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2, 0.0])
    ntb.grad(cube)(2.0)


@mistake(ValueError, met="", expected="")
def a_numpy_function_with_a_gradient_of_a_wrong_shape():
    double = ntb.numpy_function(lambda x: (2 * x, None), lambda g, cache, wanted, shape: [2 * g[:1]])
    ntb.grad(lambda x: np.sum(double(x)))(np.ones(3))


@mistake(GradientError, met="", expected="")
def a_second_derivative_of_a_numpy_function():
    cube = ntb.numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2])
    ntb.grad(ntb.grad(cube))(2.0)


@mistake(InputError, met="", expected="")
def a_scan_whose_step_returns_no_pair():
    ntb.scan(lambda carry, x: carry + x, 0.0, np.arange(3.0))


@mistake(InputError, met="", expected="")
def a_scan_over_a_number():
    ntb.scan(lambda carry, x: (carry + x, carry), 0.0, 3.0)


@mistake(InputError, met="", expected="")
def a_scan_over_arrays_of_different_lengths():
    ntb.scan(lambda carry, xs: (carry + xs[0] * xs[1], carry), 0.0, (np.ones(3), np.ones(4)))


@mistake(InputError, met="", expected="")
def a_scan_over_nothing():
    ntb.scan(lambda carry, x: (2 * carry, carry), 1.0)


@mistake(InputError, met="", expected="")
def a_scan_whose_carry_changes_its_shape():
    ntb.scan(lambda carry, x: (np.append(carry, x), x), np.zeros(1), np.arange(3.0))


@mistake(TapeError, met="", expected="")
def a_scan_that_assigns_a_variable():
    w = ntb.Variable(1.0)

    def step(carry, x):
        w.assign(carry)
        return carry + x, carry

    ntb.scan(step, 0.0, np.arange(3.0))


@mistake(TapeError, met="", expected="")
def a_scan_that_draws_random_numbers():
    rng = ntb.random.generator(0)
    ntb.scan(lambda carry, x: (carry + x * rng.normal(), carry), 0.0, np.arange(3.0))


@mistake(TapeError, met="", expected="")
def a_scan_that_draws_from_numpy():
    ntb.scan(lambda carry, x: (carry + x * np.random.normal(), carry), 0.0, np.arange(3.0))


@mistake(TapeError, met="", expected="")
def a_scan_that_decides_by_a_value_inside_a_traced_function():
    @ntb.function
    def f(x):
        return ntb.scan(lambda carry, v: (carry + v if carry > 1.0 else carry, carry), x, np.arange(3.0))

    f(2.0)


@mistake(InputError, met="", expected="")
def a_fixed_point_of_integers():
    ntb.fixed_point(lambda x: x, 1)


@mistake(InputError, met="", expected="")
def a_fixed_point_whose_function_changes_the_shape():
    ntb.fixed_point(lambda x: np.sum(x), np.ones(3))


@mistake(ConvergenceError, met="", expected="")
def a_fixed_point_that_is_not_reached():
    ntb.fixed_point(lambda x: x + 1.0, 0.0)


@mistake(ConvergenceError, met="", expected="")
def a_fixed_point_that_runs_away():
    with np.errstate(over="ignore"):
        ntb.fixed_point(lambda x: x * x, 1e200)


@mistake(InputError, met="", expected="")
def a_root_of_too_few_equations():
    ntb.root(lambda x: np.sum(x), np.ones(3))


@mistake(ConvergenceError, met="", expected="")
def a_root_where_the_slope_is_zero():
    ntb.root(lambda x: x * x + 1.0, 0.0)


@mistake(InputError, met="", expected="")
def checking_gradients_at_an_integer():
    ntb.check_gradients(lambda x: x * x, np.arange(3))


@mistake(InputError, met="", expected="")
def checking_gradients_of_a_function_without_floats():
    ntb.check_gradients(np.argsort, np.array([2.0, 1.0]))


@mistake(InputError, met="", expected="")
def checking_gradients_in_an_unknown_mode():
    ntb.check_gradients(lambda x: x * x, 2.0, modes=("reverse",))


@mistake(GradientCheckError, met="", expected="")
def a_wrong_gradient_found_by_checking():
    @ntb.custom_gradient
    def cube(x):
        return x**3, lambda g: 2 * g * x**2

    ntb.check_gradients(cube, 2.0)
