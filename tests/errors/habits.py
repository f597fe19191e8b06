"""Habits of other libraries.

Some of those that docs/coming_from.md lists, each answered by ntb's way.
"""

import numpy as np

import ntb
from ntb import InputError, TapeError, nn, optim

from . import mistake

MODEL = nn.Sequential(nn.Linear(2, 3))
SQUARE = lambda x: np.sum(x * x)


@mistake(AttributeError, met="ntb has no attribute 'no_grad'", expected="nothing is recorded outside of a tape's block")
def no_grad():
    with ntb.no_grad():
        MODEL(np.ones((4, 2)))


@mistake(
    AttributeError, met="ntb.nn has no attribute 'Dense'", expected="both sizes are given", repair="nn.Linear(2, 3)"
)
def a_layer_by_another_name():
    nn.Dense(3)


@mistake(AttributeError, met="ntb.nn has no attribute 'sigmoyd'", expected="did you mean 'sigmoid'?")
def a_name_with_a_slip():
    nn.sigmoyd(np.ones(3))


@mistake(AttributeError, met="a Sequential has no attribute 'parameters'", expected="model.trainable_variables()")
def the_parameters_of_a_model():
    MODEL.parameters()


@mistake(AttributeError, met="an Adam has no attribute 'zero_grad'", expected="gradients are returned, not kept")
def a_gradient_that_is_reset():
    optim.Adam().zero_grad()


@mistake(TypeError, met="a number of steps cannot be called", repair="opt.apply(grads, params)")
def a_step_without_gradients():
    opt = optim.Adam()
    opt.step()


@mistake(TypeError, met="a Sequential has no items", repair="model.layers[0]")
def a_layer_of_a_model():
    MODEL[0]


@mistake(
    TypeError,
    met="got an unexpected keyword argument 'in_features'",
    expected="sizes are the first arguments",
    repair="nn.Linear(2, 3)",
)
def sizes_by_other_names():
    nn.Linear(in_features=2, out_features=3)


@mistake(TypeError, met="unexpected keyword argument 'requires_grad'", repair="a = tape.watch([1.0, 2.0])")
def a_tensor_that_requires_a_gradient():
    ntb.tensor([1.0, 2.0], requires_grad=True)


@mistake(InputError, met="is given an array by ntb itself, not [1.0, 2.0]", repair="ntb.tensor([1.0, 2.0])")
def the_class_of_tensors():
    ntb.Tensor([1.0, 2.0])


@mistake(
    InputError,
    met="not float64[2]",
    expected="argnums is the position of an argument, or a tuple of positions",
    repair="ntb.grad(f)(v)",
)
def a_gradient_at_once():
    ntb.grad(SQUARE, np.ones(2))


@mistake(
    InputError,
    met="ntb.grad takes a function, and was given float64[]",
    expected="the gradient of a tensor is asked of its tape",
)
def the_gradient_of_a_tensor_without_its_tape():
    w = ntb.Variable([1.0, 2.0])
    ntb.grad(SQUARE(w), w)


@mistake(InputError, met="there are gradients and no variables", repair="opt.apply(grads, params)")
def gradients_and_variables_in_pairs():
    w = ntb.Variable([1.0, 2.0])
    optim.SGD().apply(zip([np.ones(2)], [w]))


@mistake(
    InputError,
    met="minimize computes the loss itself, and was given float64[]",
    expected="the loss is a function",
    repair="opt.minimize(lambda: ",
)
def a_loss_that_is_computed_before():
    w = ntb.Variable([1.0, 2.0])
    optim.SGD().minimize(SQUARE(w), [w])


@mistake(
    TapeError, met="the source is a Sequential", expected="sources are Variables", repair="model.trainable_variables()"
)
def a_model_as_the_source():
    with ntb.Tape() as tape:
        loss = SQUARE(MODEL(np.ones((4, 2))))
    tape.gradient(loss, MODEL)
