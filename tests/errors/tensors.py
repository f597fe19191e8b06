"""Tensors and Variables."""

import math
import operator

import numpy as np

import ntb
from ntb.tape.errors import ConversionError, GradientError, InputError, MutationError

from . import mistake


@mistake(InputError, met="", expected="")
def text_in_a_tensor():
    ntb.tensor(["a", "b"])


@mistake(InputError, met="", expected="")
def rows_of_unequal_length():
    ntb.tensor([[1.0, 2.0], [3.0]])


@mistake(InputError, met="", expected="")
def nothing_in_a_tensor():
    ntb.tensor(None)


@mistake(ValueError, met="", expected="")
def shapes_that_cannot_be_broadcast():
    x = ntb.tensor(np.ones((3, 4)))
    x + np.ones(3)


@mistake(ValueError, met="", expected="")
def a_matrix_product_that_does_not_fit():
    x = ntb.tensor(np.ones((3, 4)))
    w = ntb.Variable(np.ones((5, 2)), name="w")
    x @ w


@mistake(ValueError, met="", expected="")
def a_reshape_to_another_size():
    ntb.tensor(np.ones((3, 4))).reshape(5, 2)


@mistake(ValueError, met="", expected="")
def arrays_to_concatenate_that_do_not_fit():
    np.concatenate([ntb.tensor(np.ones((3, 4))), np.ones((3, 5))])


@mistake(ValueError, met="", expected="")
def an_axis_that_is_not_there():
    np.sum(ntb.tensor(np.ones((3, 4))), axis=2)


@mistake(IndexError, met="", expected="")
def an_index_out_of_range():
    x = ntb.tensor(np.ones((3, 4)))
    x[3]


@mistake(IndexError, met="", expected="")
def more_indices_than_axes():
    x = ntb.tensor(np.ones((3, 4)))
    x[0, 0, 0]


@mistake(IndexError, met="", expected="")
def a_float_as_an_index():
    x = ntb.tensor(np.ones((3, 4)))
    x[1.0]




@mistake(TypeError, met="", expected="")
def a_list_of_text_as_an_operand():
    ntb.tensor([1.0, 2.0]) + ["a", "b"]


@mistake(TypeError, met="", expected="")
def the_length_of_a_number():
    len(ntb.tensor(1.0))


@mistake(TypeError, met="", expected="")
def iterating_over_a_number():
    for _ in ntb.tensor(1.0):
        pass



@mistake(AttributeError, met="", expected="")
def a_method_that_tensors_do_not_have():
    ntb.tensor([1.0, 2.0]).backward()


@mistake(AttributeError, met="", expected="")
def a_method_of_arrays_that_tensors_do_not_have():
    ntb.tensor([1.0, 2.0]).fill(0.0)


@mistake(AttributeError, met="", expected="")
def asking_a_tensor_for_its_gradient():
    x = ntb.tensor([1.0, 2.0])
    x.grad



@mistake(MutationError, met="", expected="")
def writing_into_a_tensor():
    x = ntb.tensor([1.0, 2.0])
    x[0] = 3.0


@mistake(MutationError, met="", expected="")
def writing_into_a_variable():
    w = ntb.Variable([1.0, 2.0], name="w")
    w[0] = 3.0



@mistake(MutationError, met="", expected="")
def adding_to_a_variable_in_place():
    w = ntb.Variable([1.0, 2.0], name="w")
    w += 1.0


@mistake(MutationError, met="", expected="")
def adding_a_tensor_to_an_array_in_place():
    total = np.zeros(2)
    total += ntb.tensor([1.0, 2.0])


@mistake(MutationError, met="", expected="")
def a_result_written_into_an_array():
    result = np.zeros(2)
    np.exp(ntb.tensor([1.0, 2.0]), out=result)


@mistake(MutationError, met="", expected="")
def a_sum_written_into_an_array():
    result = np.zeros(())
    np.sum(ntb.tensor([1.0, 2.0]), out=result)



@mistake(MutationError, met="", expected="")
def adding_at_indices_in_place():
    x = ntb.tensor([1.0, 2.0, 3.0])
    np.add.at(x, [0, 0], 1.0)


@mistake(GradientError, met="", expected="")
def a_function_with_where_and_without_out():
    x = ntb.tensor([1.0, -2.0])
    np.log(x, where=x > 0)


@mistake(InputError, met="", expected="")
def integers_divided_at_a_place():
    ntb.tensor([4, 6]).at[0].divide(2)


@mistake(InputError, met="", expected="")
def a_fraction_set_among_integers():
    ntb.tensor([4, 6]).at[0].set(0.5)


@mistake(ValueError, met="", expected="")
def values_of_a_wrong_shape_set_at_a_place():
    ntb.tensor([1.0, 2.0, 3.0]).at[:2].set([1.0, 2.0, 3.0])


@mistake(InputError, met="", expected="")
def a_variable_assigned_a_wrong_shape():
    w = ntb.Variable(np.zeros((3, 2)), name="w")
    w.assign(np.zeros((2, 3)))


@mistake(InputError, met="", expected="")
def a_variable_of_integers_assigned_floats():
    count = ntb.Variable(0, trainable=False, name="count")
    count.assign(0.5)


@mistake(InputError, met="", expected="")
def a_variable_assigned_text():
    w = ntb.Variable([1.0, 2.0], name="w")
    w.assign("zeros")


@mistake(InputError, met="", expected="")
def a_variable_of_nothing():
    ntb.Variable(None)


@mistake(ConversionError, met="", expected="")
def a_function_of_math_on_a_watched_tensor():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        math.sin(x)


@mistake(ConversionError, met="", expected="")
def float_of_a_watched_tensor():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        float(x * x)


@mistake(ConversionError, met="", expected="")
def an_array_of_watched_tensors():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        np.array([x, x])


@mistake(ConversionError, met="", expected="")
def a_watched_tensor_put_into_an_array():
    total = np.zeros(3)
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        total[0] = x


@mistake(ConversionError, met="", expected="")
def a_watched_tensor_fills_an_array():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        np.full(3, x)


@mistake(ConversionError, met="", expected="")
def the_product_method_of_an_array():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones(2))
        np.ones((2, 2)).dot(x)



@mistake(InputError, met="", expected="")
def a_device_that_is_not_there():
    ntb.tensor([1.0, 2.0]).to_device("cuda")
