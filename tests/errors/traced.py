"""Traced functions and their programs."""

import math

import numpy as np

import ntb
from ntb.tape.errors import ConversionError, InputError, TapeError

from . import mistake


@mistake(ConversionError, met="", expected="")
def random_numbers_of_numpy_in_a_traced_function():
    @ntb.function
    def noisy(x):
        return x + np.random.normal(size=3)

    noisy(np.ones(3))


@mistake(ConversionError, met="", expected="")
def the_value_of_a_tensor_taken_out_of_a_traced_function():
    @ntb.function
    def f(x):
        return x * np.max(x.numpy())

    f(np.ones(3))


@mistake(ConversionError, met="", expected="")
def a_function_of_math_in_a_traced_function():
    @ntb.function
    def f(x):
        return math.exp(x)

    f(2.0)


@mistake(ConversionError, met="", expected="")
def a_list_made_an_array_in_a_traced_function():
    @ntb.function
    def f(x):
        return np.array([x, 2 * x])

    f(2.0)


@mistake(InputError, met="", expected="")
def a_result_that_is_no_tensor():
    @ntb.function
    def f(x):
        return {1.0, 2.0}

    f(2.0)


@mistake(InputError, met="", expected="")
def an_argument_without_a_hash():
    @ntb.function
    def f(x, names):
        return x * len(names)

    f(2.0, {"a", "b"})


@mistake(TapeError, met="", expected="")
def tracing_while_a_tape_is_open():
    @ntb.function
    def f(x):
        return x * x

    with ntb.Tape():
        f.trace(2.0)


@mistake(TapeError, met="", expected="")
def variables_made_in_every_run():
    @ntb.function
    def f(x):
        w = ntb.Variable(2.0)
        return w * x

    f.trace(3.0)


@mistake(InputError, met="", expected="")
def a_program_fed_another_shape():
    @ntb.function
    def f(x):
        return np.sum(x * x)

    program = f.trace(np.ones(3))
    program(np.ones(4))


@mistake(InputError, met="", expected="")
def a_program_that_goes_another_way():
    @ntb.function
    def f(x):
        return x * x if x > 0 else -x

    program = f.trace(2.0)
    program(-2.0)


@mistake(InputError, met="", expected="")
def a_program_whose_surroundings_changed():
    settings = {"rate": 0.1}

    @ntb.function
    def f(x):
        return x * settings["rate"]

    program = f.trace(2.0)
    settings["rate"] = 0.2
    program(2.0)


@mistake(TapeError, met="", expected="")
def seeding_in_a_traced_function():
    @ntb.function
    def f(x):
        ntb.random.seed(0)
        return x + ntb.random.default().normal(size=3)

    f(np.ones(3))


@mistake(InputError, met="", expected="")
def a_profile_of_no_runs():
    @ntb.function
    def f(x):
        return x * x

    f.trace(2.0).profile(2.0, repeat=0)


@mistake(InputError, met="", expected="")
def a_profile_of_another_way():
    @ntb.function
    def f(x):
        return x * x if x > 0 else -x

    f.trace(2.0).profile(-2.0)


@mistake(InputError, met="", expected="")
def a_module_of_a_program_that_calls_python():
    cube = ntb.numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2])

    @ntb.function
    def f(x):
        return cube(x)

    f.trace(2.0).save_source("cube.py")



@mistake(InputError, met="", expected="")
def a_generator_given_a_wrong_state():
    ntb.random.generator(0).assign([1, 2, 3])
