"""Tapes and gradients."""

import numpy as np

import ntb
from ntb.tape.errors import GradientError, InputError, TapeError

from . import mistake


@mistake(InputError, met="", expected="")
def a_target_that_is_not_a_scalar():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones((2, 3)))
        y = x * x
    tape.gradient(y, x)


@mistake(TapeError, met="", expected="")
def asking_a_tape_twice():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = w * w
    tape.gradient(y, w)
    tape.gradient(y, w)


@mistake(TapeError, met="", expected="")
def a_source_that_is_an_array():
    x = np.ones(3)
    with ntb.Tape() as tape:
        tape.watch(x)
        y = np.sum(x * x)
    tape.gradient(y, x)


@mistake(GradientError, met="", expected="")
def a_function_without_a_derivative_rule():
    with ntb.Tape() as tape:
        a = tape.watch(np.eye(2))
        np.linalg.eig(a)


@mistake(TapeError, met="", expected="")
def a_source_that_is_not_watched():
    w, x = ntb.Variable(2.0), np.ones(3)
    with ntb.Tape() as tape:
        y = np.sum(w * x)
    tape.gradient(y, x)


@mistake(TapeError, met="", expected="")
def a_target_that_is_a_number():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = 4.0
    tape.gradient(y, w)


@mistake(TapeError, met="", expected="")
def a_list_of_targets():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = [w * w, w + 1.0]
    tape.gradient(y, w)


@mistake(InputError, met="", expected="")
def a_seed_of_a_wrong_shape():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones((2, 3)))
        y = x * x
    tape.gradient(y, x, seed=np.ones(3))


@mistake(InputError, met="", expected="")
def an_unknown_word_for_unconnected():
    w = ntb.Variable(2.0)
    with ntb.Tape() as tape:
        y = w * w
    tape.gradient(y, w, unconnected="zeros")


@mistake(GradientError, met="", expected="")
def watching_integers():
    with ntb.Tape() as tape:
        tape.watch([1, 2, 3])


@mistake(InputError, met="", expected="")
def watching_text():
    with ntb.Tape() as tape:
        tape.watch("x")


@mistake(TapeError, met="", expected="")
def opening_an_open_tape():
    tape = ntb.Tape()
    with tape, tape:
        pass


@mistake(TapeError, met="", expected="")
def a_gradient_without_a_tape():
    w = ntb.Variable(2.0)
    ntb.gradient(w * w, w)


@mistake(TapeError, met="", expected="")
def a_jacobian_of_a_tape_that_was_used_up():
    w = ntb.Variable([1.0, 2.0])
    with ntb.Tape() as tape:
        y = w * w
    tape.gradient(np.sum(y), w)
    tape.jacobian(y, w)


@mistake(GradientError, met="", expected="")
def a_complex_jacobian_that_does_not_exist():
    with ntb.Tape() as tape:
        z = tape.watch([1 + 1j])
        y = np.conjugate(z)
    tape.jacobian(y, z)




@mistake(TapeError, met="", expected="")
def stopping_the_tape_inside_a_checkpoint():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)

        def part(x):
            with tape.stop_recording():
                return x * x

        ntb.checkpoint(part)(x)
