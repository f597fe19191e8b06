"""Tapes and gradients."""

import copy
import pickle

import numpy as np

import ntb
from ntb.errors import ConversionError, GradientError, InputError, TapeError

from . import mistake


@mistake(
    InputError,
    met="the target has shape (2, 3)",
    expected="a gradient is of a scalar",
    repair="tape.jacobian has all derivatives",
)
def a_target_that_is_not_a_scalar():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones((2, 3)))
        y = x * x
    tape.gradient(y, x)


@mistake(
    TapeError,
    met="this tape was used up by its first gradient",
    expected="make it with Tape(persistent=True) to ask again",
)
def asking_a_tape_twice():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = w * w
    tape.gradient(y, w)
    tape.gradient(y, w)


@mistake(
    TapeError,
    met="the target is a float64",
    expected="which no tape can know: expected one tensor, computed inside the tape's block from Variables or",
)
def a_source_that_is_an_array():
    x = np.ones(3)
    with ntb.Tape() as tape:
        tape.watch(x)
        y = np.sum(x * x)
    tape.gradient(y, x)


@mistake(
    TapeError,
    met="the source is a ndarray, which no tape can know",
    expected="watch it first, `x = tape.watch(x)`, and compute with what that returns",
)
def a_source_that_is_not_watched():
    w, x = ntb.Variable(2.0), np.ones(3)
    with ntb.Tape() as tape:
        y = np.sum(w * x)
    tape.gradient(y, x)


@mistake(
    TapeError,
    met="the target is a float",
    expected="which no tape can know: expected one tensor, computed inside the tape's block from Variables or",
)
def a_target_that_is_a_number():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = 4.0
    tape.gradient(y, w)


@mistake(
    TapeError,
    met="the target is a list",
    expected="which no tape can know: expected one tensor, computed inside the tape's block from Variables or",
)
def a_list_of_targets():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = [w * w, w + 1.0]
    tape.gradient(y, w)


@mistake(InputError, met="the seed has shape (3,)", expected="it is a weight for each element of the target (2, 3)")
def a_seed_of_a_wrong_shape():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones((2, 3)))
        y = x * x
    tape.gradient(y, x, seed=np.ones(3))


@mistake(InputError, met="not 'zeros'", expected='unconnected is "none" or "zero"')
def an_unknown_word_for_unconnected():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = w * w
    tape.gradient(y, w, unconnected="zeros")


@mistake(
    GradientError,
    met="this one has dtype int64. Convert it: x.astype(float), or 2.0 in the place of 2",
    expected="only floating-point values have derivatives",
)
def watching_integers():
    with ntb.Tape() as tape:
        tape.watch([1, 2, 3])


@mistake(
    InputError,
    met="these data have dtype <U1 and shape ()",
    expected="a tensor holds numbers or bools",
    repair="Turn text into numbers, and objects (None among them) into arrays first",
)
def watching_text():
    with ntb.Tape() as tape:
        tape.watch("x")


@mistake(TapeError, met="this tape is already recording", expected="leave out the inner `with`, or make another Tape()")
def opening_an_open_tape():
    tape = ntb.Tape()
    with tape, tape:
        pass


@mistake(
    TapeError,
    met="ntb.gradient is asked inside `with Tape():`, and no tape is open",
    expected="after the block use tape.gradient",
)
def a_gradient_without_a_tape():
    w = ntb.Variable(2.0)
    ntb.gradient(w * w, w)


@mistake(
    TapeError,
    met="ntb.gradient is asked inside `with Tape():`, and no tape is open",
    expected="after the block use tape.gradient",
)
def a_gradient_without_a_tape_while_nans_are_looked_for():
    w = ntb.Variable(2.0)
    with ntb.debug_nans():
        ntb.gradient(w * w, w)


@mistake(
    TapeError,
    met="this tape was used up by its first gradient",
    expected="make it with Tape(persistent=True) to ask again",
)
def a_jacobian_of_a_tape_that_was_used_up():
    w = ntb.Variable([1.0, 2.0])
    with ntb.Tape() as tape:
        y = w * w
    tape.gradient(np.sum(y), w)
    tape.jacobian(y, w)


@mistake(
    GradientError,
    met="the function is not holomorphic (it takes a conjugate, a real part or an absolute value on the",
    expected="make it a function of the real and imaginary parts, each an argument",
)
def a_complex_jacobian_that_does_not_exist():
    with ntb.Tape() as tape:
        z = tape.watch([1 + 1j])
        y = np.conjugate(z)
    tape.jacobian(y, z)


@mistake(
    GradientError,
    met="np.arange has no derivative rule: its ends decide how many elements there are",
    expected="use np.linspace, or start + step * np.arange(n)",
    repair="Its argument is tracked by an open tape: compute it from other NumPy functions, wrap it with",
)
def a_function_without_a_derivative_rule():
    with ntb.Tape() as tape:
        end = tape.watch(2.0)
        np.arange(0.0, end, 0.5, like=end)


@mistake(
    TapeError,
    met="stop_recording inside a checkpoint, scan or fixed_point, which the tape sees as one operation",
    expected="use ntb.stop_gradient on what shall count as a constant",
)
def stopping_the_tape_inside_a_checkpoint():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)

        def part(x):
            with tape.stop_recording():
                return x * x

        ntb.checkpoint(part)(x)


@mistake(
    GradientError,
    met="the result has dtype complex128",
    expected="a gradient is of a real number",
    repair="take its real part, np.real(y), or its size, np.abs(y)",
)
def the_gradient_of_a_complex_number():
    ntb.grad(lambda x: np.sum(x * 1j))(np.ones(2))


@mistake(
    GradientError,
    met="the result has dtype int64: integers and bools are flat",
    expected="a gradient is of a real number",
    repair="smooth it, as ntb.nn.sigmoid does",
)
def the_gradient_of_a_count():
    ntb.grad(lambda x: np.sum(x > 0.5))(np.ones(2))


@mistake(
    ConversionError,
    met="pickling would cut the gradient of a tensor that an open tape tracks",
    expected="to read its value, call .numpy()",
    repair="or do so after the tape's block",
)
def a_tensor_pickled_while_a_tape_is_open():
    with ntb.Tape() as tape:
        pickle.dumps(tape.watch(np.ones(2)))


@mistake(
    TapeError,
    met="a Tape cannot be copied or pickled",
    expected="it knows values by identity, and would not know those of a copy",
    repair="Ask it for gradients first",
)
def a_copy_of_a_tape():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        y = x * x
    copy.deepcopy({"tape": tape, "y": y})
