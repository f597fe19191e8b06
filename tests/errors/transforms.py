"""Functions of functions: grad, jacobian, scan and the others."""

import numpy as np

import ntb
from ntb.check import GradientCheckError
from ntb.errors import ConvergenceError, GradientError, InputError, MutationError, TapeError

from . import mistake


@mistake(
    InputError,
    met="the target has shape (2,)",
    expected="a gradient is of a scalar",
    repair="tape.jacobian has all derivatives",
)
def grad_of_a_function_with_many_results():
    ntb.grad(lambda x: x * x)(np.array([1.0, 2.0]))


@mistake(
    InputError,
    met="the function returned None",
    expected="expected a number to differentiate: end it with `return loss`",
)
def grad_of_a_function_that_returns_nothing():
    def f(x):
        x * x

    ntb.grad(f)(2.0)


@mistake(
    GradientError,
    met="this one has dtype int64. Convert it: x.astype(float), or 2.0 in the place of 2",
    expected="only floating-point values have derivatives",
)
def grad_at_an_integer():
    ntb.grad(lambda x: x * x)(2)


@mistake(
    InputError, met="argnums 1 does not fit a call with 1 positional arguments", expected="they are counted from 0"
)
def an_argument_to_differentiate_by_that_is_not_there():
    ntb.grad(lambda x: x * x, argnums=1)(2.0)


@mistake(
    InputError,
    met="this returned float64[]",
    expected="with has_aux=True the function returns a pair, the result and anything else, as in `return",
)
def has_aux_without_a_pair():
    ntb.value_and_grad(lambda x: x * x, has_aux=True)(2.0)


@mistake(InputError, met="not 'reverse'", expected='the mode of a jacobian is "auto", "rev" or "fwd"')
def an_unknown_mode_of_a_jacobian():
    ntb.jacobian(lambda x: x * x, mode="reverse")


@mistake(
    InputError,
    met="not int64[2]",
    expected="a jacobian is of a function that returns floats, or lists, tuples and dicts of them",
)
def a_jacobian_of_a_function_without_floats():
    ntb.jacobian(np.argsort)(np.array([2.0, 1.0]))


@mistake(
    InputError,
    met="not a float and a float",
    expected="jvp takes a tuple of arguments and one of their directions, jvp(f, (x,), (v,))",
)
def jvp_without_tuples():
    ntb.jvp(lambda x: x * x, 2.0, 1.0)


@mistake(
    InputError,
    met="the tangent float64[2] does not fit float64[3]",
    expected="expected one number for each of its elements",
)
def a_tangent_of_a_wrong_shape():
    ntb.jvp(lambda x: x * x, (np.ones(3),), (np.ones(2),))


@mistake(
    InputError,
    met="the tangent 1.0 does not have the structure of [float64[], float64[]]",
    expected="give a part for each",
)
def a_tangent_for_a_list_that_is_none():
    ntb.jvp(lambda xs: xs[0] * xs[1], ([1.0, 2.0],), (1.0,))


@mistake(
    InputError,
    met="the tangent {'weight': 1.0, 'b': 2.0} does not fit",
    expected="expected a dict with the keys ['w', 'b']",
)
def a_tangent_with_other_keys():
    ntb.jvp(lambda p: p["w"] * p["b"], ({"w": 1.0, "b": 2.0},), ({"weight": 1.0, "b": 2.0},))


@mistake(
    InputError,
    met="the weights float64[2] does not fit float64[3]",
    expected="expected one number for each of its elements",
)
def a_cotangent_of_a_wrong_shape():
    _, pull = ntb.vjp(lambda x: x * x, np.ones(3))
    pull(np.ones(2))


@mistake(
    InputError,
    met="the tangent float64[2] does not fit float64[3]",
    expected="expected one number for each of its elements",
)
def a_vector_of_a_wrong_shape_for_hvp():
    ntb.hvp(lambda x: np.sum(x**3), (np.ones(3),), (np.ones(2),))


@mistake(
    InputError,
    met="the custom gradient returned 1 gradients for 2 arguments",
    expected="return one for each, None where there is none",
)
def a_custom_gradient_with_too_few_answers():
    @ntb.custom_gradient
    def product(x, y):
        return x * y, lambda g: g * y

    ntb.grad(product)(2.0, 3.0)


@mistake(
    InputError,
    met="the custom gradient of argument 0, float64[3], has the shape ()",
    expected="it must have that of the argument, (3,)",
)
def a_custom_gradient_of_a_wrong_shape():
    @ntb.custom_gradient
    def doubled(x):
        return 2 * x, lambda g: np.sum(2 * g)

    ntb.grad(lambda x: np.sum(doubled(x)))(np.ones(3))


@mistake(
    InputError,
    met="not float64[]",
    expected="a function with a custom gradient returns its result and its gradient function",
    repair="write `return y, lambda g: g * slope`",
)
def a_custom_gradient_without_a_gradient():
    @ntb.custom_gradient
    def doubled(x):
        return 2 * x

    ntb.grad(doubled)(2.0)


@mistake(
    ValueError,
    met="the backward function returned 2 gradients for 1 arguments",
    expected="return one for each, None where there is none",
)
def a_numpy_function_with_too_many_gradients():
    cube = ntb.numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2, 0.0])
    ntb.grad(cube)(2.0)


@mistake(
    ValueError, met="the gradient of argument 0 has shape (1,)", expected="it must have that of the argument, (3,)"
)
def a_numpy_function_with_a_gradient_of_a_wrong_shape():
    double = ntb.numpy_function(lambda x: (2 * x, None), lambda g, cache, wanted, shape: [2 * g[:1]])
    ntb.grad(lambda x: np.sum(double(x)))(np.ones(3))


@mistake(
    GradientError,
    met="a function made by ntb.numpy_function has a first derivative only, and a second is asked for",
    expected="write it with NumPy functions on tensors, or use ntb.custom_gradient",
)
def a_second_derivative_of_a_numpy_function():
    cube = ntb.numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2])
    ntb.grad(ntb.grad(cube))(2.0)


@mistake(
    InputError,
    met="not float64[]",
    expected="the function given to scan returns a pair, the new carry and what is to be stacked (or None)",
    repair="write `return carry, y`",
)
def a_scan_whose_step_returns_no_pair():
    ntb.scan(lambda carry, x: carry + x, 0.0, np.arange(3.0))


@mistake(
    InputError,
    met="scan goes along the first axis of each array in xs",
    expected="one of them is a number, which has no axes",
    repair="What is the same in all steps belongs into the carry, or the function's closure",
)
def a_scan_over_a_number():
    ntb.scan(lambda carry, x: (carry + x, carry), 0.0, 3.0)


@mistake(InputError, met="the arrays in xs (and length=) must be equally long", expected="and have the lengths [3, 4]")
def a_scan_over_arrays_of_different_lengths():
    ntb.scan(lambda carry, xs: (carry + xs[0] * xs[1], carry), 0.0, (np.ones(3), np.ones(4)))


@mistake(InputError, met="a scan without xs", expected="needs length=, the number of steps")
def a_scan_over_nothing():
    ntb.scan(lambda carry, x: (2 * carry, carry), 1.0)


@mistake(
    InputError,
    met="the carry of a scan keeps its form",
    expected="it began as float64[1] and became float64[2]",
    repair="Begin with an array of the final shape and dtype, or stack the results as the second part of",
)
def a_scan_whose_carry_changes_its_shape():
    ntb.scan(lambda carry, x: (np.append(carry, x), x), np.zeros(1), np.arange(3.0))


@mistake(
    TapeError,
    met="the function given to scan assigns a variable",
    expected="return what changes from step to step as part of the carried state, and assign the last one",
)
def a_scan_that_assigns_a_variable():
    w = ntb.Variable(1.0)

    def step(carry, x):
        w.assign(carry)
        return carry + x, carry

    ntb.scan(step, 0.0, np.arange(3.0))


@mistake(
    TapeError,
    met="the function given to scan draws random numbers",
    expected="draw those of all steps before, and pass them as arguments",
)
def a_scan_that_draws_random_numbers():
    rng = ntb.random.generator(0)
    ntb.scan(lambda carry, x: (carry + x * rng.normal(), carry), 0.0, np.arange(3.0))


@mistake(
    TapeError,
    met="the function given to scan draws random numbers",
    expected="draw those of all steps before, and pass them as arguments",
)
def a_scan_that_draws_from_numpy():
    ntb.scan(lambda carry, x: (carry + x * np.random.normal(), carry), 0.0, np.arange(3.0))


@mistake(
    TapeError,
    met="inside a traced function the function given to scan cannot make variables or decide by the",
    expected="use np.where",
)
def a_scan_that_decides_by_a_value_inside_a_traced_function():
    @ntb.function
    def f(x):
        return ntb.scan(lambda carry, v: (carry + v if carry > 1.0 else carry, carry), x, np.arange(3.0))

    f(2.0)


@mistake(
    InputError, met="not from 1", expected="fixed_point starts from arrays of floats", repair="1.0 is one, 1 is none"
)
def a_fixed_point_of_integers():
    ntb.fixed_point(lambda x: x, 1)


@mistake(
    InputError,
    met="the function given to fixed_point keeps the form of x",
    expected="it made float64[] of float64[3]",
    repair="Return the new x, with the shape and dtype of the old",
)
def a_fixed_point_whose_function_changes_the_shape():
    ntb.fixed_point(lambda x: np.sum(x), np.ones(3))


@mistake(
    ConvergenceError,
    met="fixed_point did not converge: step 1000 still changed the values by 1",
    expected="start nearer to the solution, allow more steps=, or a larger tol=. x = f(x) converges for",
    repair="for others there is ntb.root",
)
def a_fixed_point_that_is_not_reached():
    ntb.fixed_point(lambda x: x + 1.0, 0.0)


@mistake(ConvergenceError, met="fixed_point diverged", expected="in step 1 the values are no longer finite")
def a_fixed_point_that_runs_away():
    with np.errstate(over="ignore"):
        ntb.fixed_point(lambda x: x * x, 1e200)


@mistake(
    InputError,
    met="root needs as many equations as unknowns",
    expected="f gives 1 numbers for 3",
    repair="return one for each of x",
)
def a_root_of_too_few_equations():
    ntb.root(lambda x: np.sum(x), np.ones(3))


@mistake(
    ConvergenceError, met="root met a singular matrix in step 1 (Singular matrix)", expected="start from another point"
)
def a_root_where_the_slope_is_zero():
    ntb.root(lambda x: x * x + 1.0, 0.0)


@mistake(
    InputError,
    met="not of int64",
    expected="check_gradients takes arrays of floats",
    repair="integers have no derivative: x.astype(float)",
)
def checking_gradients_at_an_integer():
    ntb.check_gradients(lambda x: x * x, np.arange(3))


@mistake(
    InputError,
    met="the function returns integers, bools or nothing, which have no derivative",
    expected="expected floats",
)
def checking_gradients_of_a_function_without_floats():
    ntb.check_gradients(np.argsort, np.array([2.0, 1.0]))


@mistake(InputError, met="not ['reverse']", expected='the modes of differentiation are "rev" and "fwd"')
def checking_gradients_in_an_unknown_mode():
    ntb.check_gradients(lambda x: x * x, 2.0, modes=("reverse",))


@mistake(InputError, met="not 0", expected="the number of random directions, 1 or more")
def checking_gradients_along_no_direction():
    ntb.check_gradients(lambda x: x * x, np.ones(3), directions=0)


@mistake(
    GradientCheckError,
    met="the derivative of order 1 with respect to argument 0, as a scalar, is 9.000763733",
    expected="numerically it is 13.5011456. Compare the rules of the operations that the argument goes through",
    repair="near a kink or a pole of the function choose another point",
)
def a_wrong_gradient_found_by_checking():
    @ntb.custom_gradient
    def cube(x):
        return x**3, lambda g: 2 * g * x**2

    ntb.check_gradients(cube, 2.0)


@mistake(
    MutationError,
    met="met other numbers than the first time",
    expected="an array that it finds around it was changed in place, or a number replaced",
    repair="Pass it as an argument, or do not change it before the gradient is computed",
)
def an_array_that_is_changed_before_a_checkpoint_runs_again():
    scale = np.ones(3)
    with ntb.Tape() as tape:
        x = tape.watch(np.ones(3))
        y = np.sum(ntb.checkpoint(lambda x: np.exp(x * scale))(x))
    scale[0] = 5.0
    tape.gradient(y, x)


@mistake(
    InputError,
    met="an argument to differentiate by is a UserDict, which is no tree",
    expected="trees are lists, tuples, dicts, their subclasses, and dataclasses of fields only",
    repair="dict(x) is one",
)
def a_gradient_by_a_mapping_that_is_no_dict():
    from collections import UserDict

    ntb.grad(lambda p: p["w"] * p["b"])(UserDict(w=1.0, b=2.0))


@mistake(
    InputError,
    met="a Linear cannot be differentiated by as a whole",
    expected="take its variables",
    repair="then `tape.gradient(loss, model.variables)`",
)
def a_gradient_by_a_layer():
    ntb.grad(lambda layer: np.sum(layer(np.ones((1, 2)))))(ntb.nn.Linear(2, 1))


@mistake(InputError, met="does not fit; expected a Point", expected="as what it belongs to")
def a_tangent_that_is_no_dataclass_where_the_argument_is_one():
    from dataclasses import dataclass

    @dataclass
    class Point:
        x: float
        y: float

    ntb.jvp(lambda p: p.x * p.y, (Point(1.0, 2.0),), ((1.0, 0.0),))


@mistake(
    InputError,
    met="the carry [float64[], float64[]] does not have the structure of 0.0",
    expected="give a part for each",
)
def a_carry_that_becomes_a_pair():
    ntb.scan(lambda c, _: ((c, c), None), 0.0, length=2)


@mistake(
    GradientError,
    met="the custom gradient of halved is not linear in the gradient that it is given",
    expected="forward mode needs its transpose, which only a linear function has",
    repair="use reverse mode (ntb.grad, ntb.vjp)",
)
def forward_mode_of_a_custom_gradient_that_clips():
    @ntb.custom_gradient
    def halved(x):
        return x / 2, lambda g: np.clip(g / 2, -1.0, 1.0)

    ntb.jvp(halved, (2.0,), (1.0,))


@mistake(
    GradientError,
    met="the argument 'scale' has a gradient, and can be given by keyword only",
    expected="a custom gradient has one for each positional parameter",
    repair="move it before the * in the function's parameters",
)
def a_custom_gradient_of_an_argument_by_keyword_only():
    @ntb.custom_gradient
    def scaled(x, *, scale):
        return x * scale, lambda g: g * scale

    ntb.grad(lambda s: scaled(2.0, scale=s))(3.0)


@mistake(
    InputError,
    met="not 'w'",
    expected="argnums is the position of an argument, or a tuple of positions",
    repair="they are counted from 0",
)
def an_argument_to_differentiate_by_that_is_named():
    ntb.grad(lambda w: w * w, argnums="w")(2.0)


@mistake(InputError, met="the tangent 1.0 belongs to 3, which has no derivative", expected="give None there")
def a_tangent_of_an_integer():
    ntb.jvp(lambda x, n: x**n, (2.0, 3), (1.0, 1.0))


@mistake(InputError, met="not -1", expected="the length of a scan is a number of steps, 0 or more")
def a_scan_of_negative_length():
    ntb.scan(lambda c, _: (2 * c, None), 1.0, length=-1)


@mistake(
    InputError,
    met="takes arrays, not [float64[]]",
    expected="a function made by ntb.numpy_function",
    repair="give each array as an argument of its own",
)
def a_list_for_a_numpy_function():
    double = ntb.numpy_function(lambda xs: (2 * xs[0], None), lambda g, cache, wanted, *shapes: [2 * g])
    ntb.grad(lambda x: double([x]))(3.0)
