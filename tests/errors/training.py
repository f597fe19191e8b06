"""Optimizers, schedules and the Solver."""

import copy

import numpy as np

import ntb
from ntb import nn, optim
from ntb.errors import InputError
from ntb.training import Solver

from . import mistake


@mistake(
    InputError,
    met="variable 'unused' (number 1, shape ()) has no gradient: the loss does not depend on it",
    expected='Leave it out, or ask for zeros by tape.gradient(..., unconnected="zero")',
)
def a_variable_that_the_loss_does_not_depend_on():
    w, unused = ntb.Variable(2.0, name="w"), ntb.Variable(1.0, name="unused")
    with ntb.Tape() as tape:
        loss = w * w
    optim.SGD(0.1).apply(tape.gradient(loss, [w, unused]), [w, unused])


@mistake(InputError, met="1 gradients for 2 variables", expected="there must be one for each, in two lists")
def fewer_gradients_than_variables():
    w, b = ntb.Variable(2.0), ntb.Variable(1.0)
    optim.SGD(0.1).apply([np.ones(())], [w, b])


@mistake(
    InputError,
    met="variable 'w' (number 1, shape ()) occurs twice among the variables and would be changed twice",
    expected="name it once",
)
def a_variable_given_twice():
    w = ntb.Variable(2.0, name="w")
    optim.SGD(0.1).apply([np.ones(()), np.ones(())], [w, w])


@mistake(
    InputError,
    met="an optimizer changes Variables",
    expected="number 0 is a ndarray",
    repair="Give lists, opt.apply([gradient], [variable]), gradients first",
)
def an_optimizer_for_arrays():
    w = np.ones(3)
    optim.SGD(0.1).apply([np.ones(3)], [w])


@mistake(
    InputError,
    met="the gradient of variable 'w' (number 0, shape (3, 2)) has shape (2, 3)",
    expected="expected (3, 2)",
    repair="Give both lists in the same order",
)
def a_gradient_of_another_shape():
    w = ntb.Variable(np.ones((3, 2)), name="w")
    optim.Adam().apply([np.ones((2, 3))], [w])


@mistake(
    InputError,
    met="an optimizer changes Variables",
    expected="number 0 is a ndarray",
    repair="Give lists, opt.apply([gradient], [variable]), gradients first",
)
def gradients_and_variables_exchanged():
    w = ntb.Variable(np.ones(3), name="w")
    optim.Adam().apply([w], [np.ones(3)])


@mistake(
    InputError,
    met="an optimizer changes Variables",
    expected="number 0 is a Tensor",
    repair="Give lists, opt.apply([gradient], [variable]), gradients first",
)
def an_optimizer_given_one_variable_instead_of_a_list():
    w = ntb.Variable(np.ones(3), name="w")
    optim.Adam().apply(np.ones(3), w)


@mistake(
    InputError,
    met="nesterov=True looks ahead along the momentum, which is 0",
    expected="set momentum, for example to 0.9",
)
def nesterov_without_momentum():
    optim.SGD(0.1, nesterov=True)


@mistake(
    InputError, met="a learning rate is not negative, as -0.1 is", expected="a step goes down the gradient by itself"
)
def a_negative_learning_rate():
    optim.SGD(-0.1)


@mistake(
    InputError,
    met="not a str",
    expected="a learning rate is a number, a Variable or a schedule",
    repair="the variables of a model are given to each step, opt.apply(gradients, model.variables())",
)
def a_learning_rate_that_is_text():
    optim.SGD("0.1")


@mistake(InputError, met="not 9", expected="momentum is the part that is kept, 0 <= momentum < 1")
def a_momentum_above_one():
    optim.SGD(0.1, momentum=9)


@mistake(InputError, met="not 1.0", expected="beta2 is the part that is kept, 0 <= beta2 < 1")
def a_beta_of_one():
    optim.Adam(beta2=1.0)


@mistake(
    InputError,
    met="not a Linear",
    expected="a learning rate is a number, a Variable or a schedule",
    repair="the variables of a model are given to each step, opt.apply(gradients, model.variables())",
)
def the_model_given_to_an_optimizer_first():
    model = nn.Linear(3, 2)
    optim.Adam(model, 1e-3)


@mistake(NotImplementedError, met="Mine", expected="must define update(w, g, lr, t, *slots)")
def an_optimizer_without_an_update():
    class Mine(optim.Optimizer):
        pass

    Mine(0.1).apply([np.ones(())], [ntb.Variable(1.0)])


@mistake(InputError, met="the limit of a norm must be positive, got 0.0", expected="1.0 is a usual one")
def clipping_to_nothing():
    optim.clip_by_global_norm([np.ones(3)], 0.0)


@mistake(InputError, met="got -1", expected="warmup takes a number of steps that is not negative")
def a_warmup_of_negative_length():
    optim.schedules.warmup(-1, 0.1)


@mistake(InputError, met="got 0", expected="steps must be positive")
def a_schedule_of_no_steps():
    optim.schedules.cosine(0.1, 0)


@mistake(InputError, met="not 'maximum'", expected='mode is "max" or "min"')
def a_solver_with_an_unknown_mode():
    Solver(lambda x: x, [1.0], mode="maximum")


@mistake(
    InputError,
    met="to keep the best state, Solver",
    expected="must know it: state={'model': model, 'optimizer': optimizer}",
)
def a_solver_that_is_to_keep_a_state_it_does_not_know():
    Solver(lambda x: x, [1.0], best="loss", mode="min")


@mistake(InputError, met="checkpoint= saves the best epoch", expected='say by which number: best="val_accuracy"')
def a_solver_with_a_checkpoint_and_no_best():
    Solver(lambda x: x, [1.0], state=nn.Linear(3, 2), checkpoint="best.npz")


@mistake(
    InputError,
    met="an epoch had no batches",
    expected="an iterator serves only once, so pass a function that makes one",
)
def a_solver_without_batches():
    batches = iter([1.0, 2.0])
    solver = Solver(lambda x: x, batches, progress=False)
    solver.train(2)


@mistake(InputError, met="no number 'val_accuracy' was reported", expected="only ['epoch', 'loss', 'seconds']")
def a_solver_that_looks_for_an_unknown_number():
    solver = Solver(lambda x: {"loss": x}, [1.0], state=nn.Linear(3, 2), best="val_accuracy", progress=False)
    solver.train(1)


@mistake(
    InputError, met="Solver was not told what its state is: state={'model': model, 'optimizer'", expected="optimizer}"
)
def saving_a_solver_without_a_state():
    Solver(lambda x: x, [1.0]).save("solver.npz")


@mistake(
    InputError,
    met="'loss' was reported as float64[3]",
    expected="a step reports numbers",
    repair="take the mean, or one element",
)
def a_solver_whose_step_reports_an_array():
    solver = Solver(lambda x: np.ones(3), [1.0], progress=False)
    solver.train(1)


@mistake(InputError, met="two variables are both named 'a.b'", expected="rename a key that contains a dot")
def a_state_with_two_variables_of_one_name():
    ntb.save("model.npz", {"a.b": ntb.Variable(1.0), "a": {"b": ntb.Variable(2.0)}})


@mistake(
    InputError,
    met="not float64[3]",
    expected="gradients are clipped together, in a list",
    repair="of one array: [g]",
)
def a_single_gradient_to_clip():
    ntb.optim.clip_by_global_norm(np.ones(3), 1.0)


@mistake(
    InputError,
    met="as -0.1 is",
    expected="weight_decay is not negative",
)
def a_negative_weight_decay():
    ntb.optim.Adam(weight_decay=-0.1)


@mistake(
    InputError,
    met="(number 0, shape (3,)) is of int64",
    expected="an optimizer changes floating-point numbers",
    repair="make it with dtype=np.float32",
)
def an_optimizer_of_integers():
    counts = ntb.Variable(np.zeros(3, int))
    ntb.optim.SGD().apply([np.ones(3)], [counts])


@mistake(
    InputError,
    met="rows of unequal lengths",
    expected="the gradient of variable (number 0, shape (2, 2)) is no array",
)
def a_gradient_of_unequal_rows():
    w = ntb.Variable(np.zeros((2, 2)))
    ntb.optim.SGD().apply([[[1.0, 2.0], [3.0]]], [w])


@mistake(
    InputError,
    met="has masked elements",
    expected="fill them by g.filled(0)",
)
def a_masked_gradient():
    w = ntb.Variable(np.zeros(2))
    ntb.optim.SGD().apply([np.ma.array([1.0, 2.0], mask=[False, True])], [w])


@mistake(
    InputError,
    met="is complex",
    expected="which is float64",
    repair="take its real part, np.real(g)",
)
def a_complex_gradient_of_a_real_variable():
    w = ntb.Variable(np.zeros(2))
    ntb.optim.SGD().apply([np.array([1j, 2.0])], [w])


@mistake(
    InputError,
    met="it is <U3",
    expected="the gradient of variable (number 0, shape (2,)) holds no numbers",
)
def a_gradient_of_words():
    w = ntb.Variable(np.zeros(2))
    ntb.optim.SGD().apply([np.array(["one", "two"])], [w])


@mistake(
    InputError,
    met="not of None",
    expected="a schedule is a function of the number of steps made before",
)
def a_schedule_of_something_else_than_steps():
    ntb.optim.schedules.cosine(0.1, 100)(None)


@mistake(InputError, met="not 2.5", expected="the number of epochs is a whole number, 0 or more")
def half_an_epoch():
    Solver(lambda x: x, [1.0]).train(epochs=2.5)


@mistake(
    InputError,
    met="this optimizer was copied, or came from a pickle, and remembers 2 parameters",
    expected="of which a variable 'weight' of shape (3, 2) is none",
    repair="Copy or pickle both in one go, (model, optimizer)",
)
def an_optimizer_copied_without_its_model():
    model, optimizer = nn.Linear(3, 2), optim.Adam()
    optimizer.build(model.variables())
    other, optimizer = nn.Linear(3, 2), copy.deepcopy(optimizer)
    optimizer.minimize(lambda: np.sum(other(np.ones((1, 3), np.float32))), other.variables())


@mistake(
    InputError,
    met="a variable 'weight' of shape (3, 2) is a copy of a parameter that this optimizer has trained",
    expected="and would share its memory with it",
    repair="Copy both in one go, copy.deepcopy((model, optimizer))",
)
def a_copy_of_a_model_trained_by_the_same_optimizer():
    model, optimizer = nn.Linear(3, 2), optim.Adam()
    optimizer.build(model.variables())
    other = copy.deepcopy(model)
    optimizer.minimize(lambda: np.sum(other(np.ones((1, 3), np.float32))), other.variables())


@mistake(
    InputError,
    met="their own names do not tell them from each other",
    expected="what an optimizer remembers is named after its parameters",
    repair="Put both into one tree: {'model': model, 'optimizer': optimizer}",
)
def an_optimizer_saved_without_its_model():
    encoder, decoder, optimizer = nn.Linear(3, 2), nn.Linear(2, 3), optim.Adam()
    optimizer.build([*encoder.variables(), *decoder.variables()])
    ntb.save("optimizer.npz", optimizer)


@mistake(
    InputError,
    met="of some it has not met the variables yet",
    expected="what an optimizer remembers is named after its parameters",
    repair="Put both into one tree: {'model': model, 'optimizer': optimizer}",
)
def a_copy_of_an_optimizer_saved_without_its_model():
    optimizer = optim.Adam()
    optimizer.build(nn.Linear(3, 2).variables())
    ntb.save("optimizer.npz", copy.deepcopy(optimizer))


@mistake(
    InputError,
    met="the set heads holds a Variable or generator where nothing has a name",
    expected="by which it could be saved",
    repair="keep it in a list, a tuple, or the values of a dict",
)
def layers_in_a_set():
    model = nn.Sequential()
    model.heads = {nn.Linear(3, 2)}
    model.trainable_variables()


@mistake(
    InputError,
    met="the state of rng, RandomState(MT19937)",
    expected="is not known here and would not be saved",
    repair="use ntb.random.generator(seed) or np.random.default_rng(seed)",
)
def an_old_generator_of_numpy_to_be_saved():
    ntb.save("state.npz", {"rng": np.random.RandomState(0), "w": ntb.Variable(1.0)})


@mistake(InputError, met="no best state is kept yet", expected='Solver(..., best="val_accuracy") says by which number')
def a_best_state_that_nobody_asked_to_keep():
    solver = Solver(lambda x: x, [1.0], state=nn.Linear(3, 2), progress=False)
    solver.train(1)
    solver.restore_best()


@mistake(
    InputError,
    met="not 'run/{number}.npz'",
    expected='save_each is the name of a file, with "{epoch}" where the number is to stand',
)
def files_of_epochs_with_another_number():
    Solver(lambda x: x, [1.0], state=nn.Linear(3, 2), save_each="run/{number}.npz")
