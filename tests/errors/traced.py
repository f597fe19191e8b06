"""Traced functions and their programs."""

import math
import pickle
import random

import numpy as np

import ntb
from ntb.errors import ConversionError, InputError, TapeError
from ntb.replay import simple

from . import mistake


@mistake(
    ConversionError,
    met="numbers drawn from np.random inside a traced function would be the same in every replay",
    expected="draw them from ntb.random, as in ntb.random.generator(0).normal(size=3)",
)
def random_numbers_of_numpy_in_a_traced_function():
    @ntb.function
    def noisy(x):
        return x + np.random.normal(size=3)

    noisy(np.ones(3))


@mistake(
    ConversionError,
    met="a value cannot leave a traced function: .numpy() would freeze the number of this run into the",
    expected="return the tensor and read it outside",
)
def the_value_of_a_tensor_taken_out_of_a_traced_function():
    @ntb.function
    def f(x):
        return x * np.max(x.numpy())

    f(np.ones(3))


@mistake(
    ConversionError,
    met="float() would freeze the number of this run into the traced program",
    expected="To compute on with it use NumPy functions (np.sin for math.sin, np.stack or np.array([t, u]",
    repair="to read its value, return it from the traced function",
)
def a_function_of_math_in_a_traced_function():
    @ntb.function
    def f(x):
        return math.exp(x)

    f(2.0)


@mistake(
    ConversionError,
    met="conversion to a NumPy array would freeze the number of this run into the traced program",
    expected="To compute on with it use NumPy functions (np.sin for math.sin, np.stack or np.array([t, u]",
    repair="to read its value, return it from the traced function",
)
def a_list_made_an_array_in_a_traced_function():
    @ntb.function
    def f(x):
        return np.array([x, 2 * x])

    f(2.0)


@mistake(
    InputError,
    met="not a set",
    expected="a traced function returns tensors, numbers, strings, and tuples, lists, dicts and dataclasses of them",
)
def a_result_that_is_no_tensor():
    @ntb.function
    def f(x):
        return {1.0, 2.0}

    f(2.0)


@mistake(
    InputError,
    met="a traced function cannot tell calls apart by an argument that has no hash (unhashable type",
    expected="pass arrays, numbers, strings, lists, tuples, dicts or objects with an identity",
)
def an_argument_without_a_hash():
    @ntb.function
    def f(x, names):
        return x * len(names)

    f(2.0, {"a", "b"})


@mistake(
    InputError,
    met="an argument of a traced function holds itself, or is nested without end",
    expected="pass the parts that the function needs, or an object of a class that is no dataclass",
)
def an_argument_that_holds_itself():
    parts = [1.0]
    parts.append(parts)
    ntb.function(lambda parts: parts[0] * 2.0)(parts)


@mistake(
    InputError,
    met="a traced function cannot be fed with a MaskedArray of dtype float64 and shape (2,): programs know no masks",
    expected="pass two arrays, x.filled(0) and np.ma.getmaskarray(x)",
)
def a_masked_array_in_a_traced_function():
    ntb.function(np.sum)(np.ma.array([1.0, 2.0], mask=[True, False]))


@mistake(
    InputError,
    met="cannot be fed with a matrix of dtype float64 and shape (2, 2), since its class has rules of its own",
    expected="pass np.asarray(x), of which @ is the matrix product",
)
def a_matrix_of_the_old_class_in_a_traced_function():
    ntb.function(np.sum)(np.eye(2).view(np.matrix))


@mistake(
    InputError,
    met="a traced function cannot be fed with an ndarray of dtype object and shape (2,), which are not numbers",
    expected="pass a list of the objects, or convert them, as in x.astype(float)",
)
def an_array_of_objects_in_a_traced_function():
    ntb.function(np.sum)(np.array([1.0, None]))


@mistake(
    InputError,
    met="cannot be fed with a void of dtype [('x', '<f8'), ('n', '<i8')] and shape (), which has fields",
    expected="pass these, as in {name: x[name] for name in x.dtype.names}",
)
def a_row_with_fields_in_a_traced_function():
    rows = np.zeros(3, [("x", float), ("n", int)])
    ntb.function(lambda row: row["x"] * 2.0)(rows[0])


@mistake(
    InputError,
    met="a traced function is fed with NumPy's arrays, not with a Column of tests",
    expected="pass np.asarray(x), and the names of columns as strings",
)
def a_table_of_another_library_in_a_traced_function():
    class Column:
        def __eq__(self, other):
            return np.asarray(self) == other

        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, 2.0])

    ntb.function(np.sum)(Column())


@mistake(
    TapeError,
    met="a function cannot be traced while a tape is open, which would record what the trace undoes",
    expected="call .trace outside of `with Tape():`",
)
def tracing_while_a_tape_is_open():
    @ntb.function
    def f(x):
        return x * x

    with ntb.Tape():
        f.trace(2.0)


@mistake(
    TapeError,
    met="this function makes new variables in every run, which no program can",
    expected="make them outside of it",
)
def variables_made_in_every_run():
    @ntb.function
    def f(x):
        w = ntb.Variable(2.0)
        return w * x

    f.trace(3.0)


@mistake(
    InputError,
    met="the arguments have other shapes, dtypes or constants than in the trace",
    expected="trace for these",
)
def a_simple_program_fed_another_shape():
    simple.trace(np.sum, np.ones(3))(np.ones(4))


@mistake(
    InputError,
    met="another branch: the trace met True = _decide(bool, %1), this run False",
    expected="trace for these values",
)
def a_simple_program_that_would_take_another_branch():
    simple.trace(lambda x: x if x > 0 else -x, 2.0)(-2.0)


@mistake(
    InputError, met="this program was traced for x: float64[3]", expected="call the traced function itself for others"
)
def a_program_fed_another_shape():
    @ntb.function
    def f(x):
        return np.sum(x * x)

    program = f.trace(np.ones(3))
    program(np.ones(4))


@mistake(
    InputError,
    met="with these values the function takes another branch than the program",
    expected="call the traced function itself",
)
def a_program_that_goes_another_way():
    @ntb.function
    def f(x):
        return x * x if x > 0 else -x

    program = f.trace(2.0)
    program(-2.0)


@mistake(
    InputError,
    met="\"settings['rate']\" was 0.1 and is now 0.2; the first is a constant in this program",
    expected="Call the traced function itself",
)
def a_program_whose_surroundings_changed():
    settings = {"rate": 0.1}

    @ntb.function
    def f(x):
        return x * settings["rate"]

    program = f.trace(2.0)
    settings["rate"] = 0.2
    program(2.0)


@mistake(
    TapeError,
    met="a generator is seeded inside a traced function, which a replay would not do again",
    expected="do so outside of it",
)
def seeding_in_a_traced_function():
    @ntb.function
    def f(x):
        ntb.random.seed(0)
        return x + ntb.random.default().normal(size=3)

    f(np.ones(3))


@mistake(
    TapeError,
    met="the traced function changes Python state: 'Counter.count' was 1 and is now 2",
    expected="A replay would not do so again",
    repair="keep what changes from call to call in a Variable, or change it outside of the function",
)
def a_count_kept_in_a_traced_function():
    class Counter:
        count = 1

    @ntb.function
    def f(x):
        Counter.count += 1
        return x * Counter.count

    f(2.0)


@mistake(
    TapeError,
    met="the traced function takes what 'batches', a list_iterator, gives next",
    expected="every replay would get the same again",
    repair="Take it outside of the function, and pass it as an argument",
)
def the_next_batch_taken_in_a_traced_function():
    batches = iter([np.ones(3), np.zeros(3)])

    @ntb.function
    def f():
        return np.sum(next(batches))

    f()


@mistake(
    ConversionError,
    met="numbers drawn from Python's random inside a traced function would be the same in every replay",
    expected="draw them from ntb.random",
    repair="ntb.random.generator(0).random()",
)
def random_numbers_of_python_in_a_traced_function():
    @ntb.function
    def f(x):
        return x * random.random()

    f(2.0)


@mistake(
    ConversionError,
    met="numbers that the system seeds, drawn inside a traced function",
    expected="would be the same in every replay",
    repair="make an ntb.random.generator() outside of it, and draw from that",
)
def a_generator_of_numpy_made_in_a_traced_function():
    @ntb.function
    def f(x):
        return x * np.random.default_rng().random()

    f(2.0)


@mistake(
    ConversionError,
    met="the traced function met a LinAlgError in np.linalg.cholesky and went on",
    expected="every replay would go the same way, whatever the values are",
    repair="Decide by a value, as in `if np.all(...)`, or leave this part outside",
)
def an_error_caught_in_a_traced_function():
    @ntb.function
    def f(a):
        try:
            return np.linalg.cholesky(a)
        except np.linalg.LinAlgError:
            return np.linalg.cholesky(a + 2.0 * np.eye(2))

    f(-np.eye(2))


@mistake(
    TapeError,
    met="the traced function writes to argument 'cfg': ['rate'], in a copy",
    expected="that the caller does not see",
    repair="return the new value",
)
def an_argument_changed_in_a_traced_function():
    @ntb.function
    def f(x, cfg):
        cfg["rate"] = 0.5 * cfg["rate"]
        return x * cfg["rate"]

    f(2.0, {"rate": 0.1})


@mistake(
    InputError,
    met="check='often'",
    expected="does not say how often to check",
    repair='take "always", "sometimes" or "never"',
)
def an_unknown_choice_of_checks():
    ntb.function(np.sum, check="often")


@mistake(InputError, met="not 0", expected="repeat is the number of runs to measure, a whole number from 1 on")
def a_profile_of_no_runs():
    @ntb.function
    def f(x):
        return x * x

    f.trace(2.0).profile(2.0, repeat=0)


@mistake(
    InputError,
    met="with these values the function takes another branch than the program",
    expected="call the traced function itself",
)
def a_profile_of_another_way():
    @ntb.function
    def f(x):
        return x * x if x > 0 else -x

    f.trace(2.0).profile(-2.0)


@mistake(
    InputError,
    met="the program calls <function a_module_of_a_program_that_calls_python.<locals>.<lambda> at",
    expected="compute with NumPy functions, or with a primitive, whose source is printed",
)
def a_module_of_a_program_that_calls_python():
    cube = ntb.numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2])

    @ntb.function
    def f(x):
        return cube(x)

    f.trace(2.0).save_source("cube.py")


@mistake(
    InputError,
    met="not int64[3]",
    expected="the state of a generator is a uint64 array of shape (6,)",
    repair="take it from generator.value",
)
def a_generator_given_a_wrong_state():
    ntb.random.generator(0).assign([1, 2, 3])


@mistake(
    TapeError,
    met="a program is code that was compiled here",
    expected="cannot be copied or pickled",
    repair="copy the traced function, or write the program as a module by save_source",
)
def pickling_a_program():
    program = ntb.function(np.tanh).trace(2.0)
    pickle.dumps(program)
