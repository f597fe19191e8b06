"""Optimizers, schedules and the Solver."""

import numpy as np

import ntb
from ntb import nn, optim
from ntb.tape.errors import InputError
from ntb.training import Solver

from . import mistake


@mistake(InputError, met="", expected="")
def a_variable_that_the_loss_does_not_depend_on():
    w, unused = ntb.Variable(2.0, name="w"), ntb.Variable(1.0, name="unused")
    with ntb.Tape() as tape:
        loss = w * w
    optim.SGD(0.1).apply(tape.gradient(loss, [w, unused]), [w, unused])


@mistake(InputError, met="", expected="")
def fewer_gradients_than_variables():
    w, b = ntb.Variable(2.0), ntb.Variable(1.0)
    optim.SGD(0.1).apply([np.ones(())], [w, b])


@mistake(InputError, met="", expected="")
def a_variable_given_twice():
    w = ntb.Variable(2.0, name="w")
    optim.SGD(0.1).apply([np.ones(()), np.ones(())], [w, w])


@mistake(InputError, met="", expected="")
def an_optimizer_for_arrays():
    w = np.ones(3)
    optim.SGD(0.1).apply([np.ones(3)], [w])


@mistake(InputError, met="", expected="")
def a_gradient_of_another_shape():
    w = ntb.Variable(np.ones((3, 2)), name="w")
    optim.Adam().apply([np.ones((2, 3))], [w])


@mistake(InputError, met="", expected="")
def gradients_and_variables_exchanged():
    w = ntb.Variable(np.ones(3), name="w")
    optim.Adam().apply([w], [np.ones(3)])


@mistake(InputError, met="", expected="")
def an_optimizer_given_one_variable_instead_of_a_list():
    w = ntb.Variable(np.ones(3), name="w")
    optim.Adam().apply(np.ones(3), w)



@mistake(InputError, met="", expected="")
def nesterov_without_momentum():
    optim.SGD(0.1, nesterov=True)


@mistake(InputError, met="", expected="")
def a_negative_learning_rate():
    optim.SGD(-0.1)


@mistake(InputError, met="", expected="")
def a_learning_rate_that_is_text():
    optim.SGD("0.1")


@mistake(InputError, met="", expected="")
def a_momentum_above_one():
    optim.SGD(0.1, momentum=9)


@mistake(InputError, met="", expected="")
def a_beta_of_one():
    optim.Adam(beta2=1.0)


@mistake(InputError, met="", expected="")
def the_model_given_to_an_optimizer_first():
    model = nn.Linear(3, 2)
    optim.Adam(model, 1e-3)


@mistake(NotImplementedError, met="", expected="")
def an_optimizer_without_an_update():
    class Mine(optim.Optimizer):
        pass

    Mine(0.1).apply([np.ones(())], [ntb.Variable(1.0)])


@mistake(InputError, met="", expected="")
def clipping_to_nothing():
    optim.clip_by_global_norm([np.ones(3)], 0.0)


@mistake(InputError, met="", expected="")
def a_warmup_of_negative_length():
    optim.schedules.warmup(-1, 0.1)


@mistake(InputError, met="", expected="")
def a_schedule_of_no_steps():
    optim.schedules.cosine(0.1, 0)


@mistake(InputError, met="", expected="")
def a_solver_with_an_unknown_mode():
    Solver(lambda x: x, [1.0], mode="maximum")


@mistake(InputError, met="", expected="")
def a_solver_that_is_to_keep_a_state_it_does_not_know():
    Solver(lambda x: x, [1.0], best="loss", mode="min")


@mistake(InputError, met="", expected="")
def a_solver_with_a_checkpoint_and_no_best():
    Solver(lambda x: x, [1.0], state=nn.Linear(3, 2), checkpoint="best.npz")


@mistake(InputError, met="", expected="")
def a_solver_without_batches():
    batches = iter([1.0, 2.0])
    solver = Solver(lambda x: x, batches, progress=False)
    solver.train(2)


@mistake(InputError, met="", expected="")
def a_solver_that_looks_for_an_unknown_number():
    solver = Solver(lambda x: {"loss": x}, [1.0], state=nn.Linear(3, 2), best="val_accuracy", progress=False)
    solver.train(1)


@mistake(InputError, met="", expected="")
def saving_a_solver_without_a_state():
    Solver(lambda x: x, [1.0]).save("solver.npz")


@mistake(InputError, met="", expected="")
def a_solver_whose_step_reports_an_array():
    solver = Solver(lambda x: np.ones(3), [1.0], progress=False)
    solver.train(1)



@mistake(InputError, met="", expected="")
def a_state_with_two_variables_of_one_name():
    ntb.save("model.npz", {"a.b": ntb.Variable(1.0), "a": {"b": ntb.Variable(2.0)}})
