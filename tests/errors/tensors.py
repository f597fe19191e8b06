"""Tensors and Variables."""

import math

import numpy as np

import ntb
from ntb.errors import ConversionError, GradientError, InputError, MutationError

from . import mistake


@mistake(
    InputError,
    met="these data have dtype <U1 and shape (2,)",
    expected="a tensor holds numbers or bools",
    repair="Turn text into numbers, and objects (None among them) into arrays first",
)
def text_in_a_tensor():
    ntb.tensor(["a", "b"])


@mistake(
    InputError,
    met="these data are no array: setting an array element with a sequence",
    expected="The requested array has an inhomogeneous shape after 1 dimensions",
    repair="pad the short ones",
)
def rows_of_unequal_length():
    ntb.tensor([[1.0, 2.0], [3.0]])


@mistake(
    InputError,
    met="these data have dtype object and shape ()",
    expected="a tensor holds numbers or bools",
    repair="Turn text into numbers, and objects (None among them) into arrays first",
)
def nothing_in_a_tensor():
    ntb.tensor(None)


@mistake(
    InputError,
    met="a masked array met a tensor",
    expected="derivatives know no masks",
    repair="use x.filled(0), and the mask as weights: np.where(np.ma.getmaskarray(x), 0, loss)",
)
def a_masked_array():
    ntb.tensor([1.0, 2.0]) * np.ma.array([1.0, 2.0], mask=[False, True])


class Metres(np.ndarray):
    """An array with a unit."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        raise TypeError("a length is added to lengths only")


@mistake(
    InputError,
    met="a Metres met a tensor",
    expected="its class computes by rules of its own, which have no derivatives here",
    repair="Use np.asarray(x), which is the array without them",
)
def an_array_with_a_unit():
    ntb.tensor([1.0, 2.0]) * np.array([1.0, 2.0]).view(Metres)


@mistake(
    InputError,
    met="{1.0} is no array of numbers",
    expected="make one of it first",
    repair="as np.array(list(x), float) does of sets and generators",
)
def a_set_as_an_operand():
    np.multiply(ntb.tensor([1.0, 2.0]), {1.0})


@mistake(
    InputError,
    met="object is none of their types",
    expected="a tensor holds numbers or bools",
    repair="take the array with .numpy() and convert that",
)
def a_tensor_of_objects():
    ntb.tensor([1.0, 2.0]).astype(object)


@mistake(
    InputError,
    met="float64[2] is compared with the text 'cat', to which no numbers are equal",
    expected="compare the name that it stands for, kept as a string or an array of strings",
)
def numbers_compared_with_a_text():
    classes = ntb.tensor([0.0, 1.0])
    classes == "cat"


@mistake(
    ValueError,
    met="in np.add(float64[3, 4], float64[3])",
    expected="shapes are matched from their last axes on",
    repair="lengths are equal, or 1, as np.reshape can make them",
)
def shapes_that_cannot_be_broadcast():
    x = ntb.tensor(np.ones((3, 4)))
    x + np.ones(3)


@mistake(
    ValueError,
    met="in np.matmul(float64[3, 4], float64[5, 2])",
    expected="a matrix product takes (..., N, D) and (..., D, M)",
    repair=".mT exchanges the last axes",
)
def a_matrix_product_that_does_not_fit():
    x = ntb.tensor(np.ones((3, 4)))
    w = ntb.Variable(np.ones((5, 2)), name="w")
    x @ w


@mistake(
    ValueError,
    met="in np.reshape(float64[3, 4], [5, 2])",
    expected="the number of elements stays the same",
    repair="one length can be -1, and is then computed",
)
def a_reshape_to_another_size():
    ntb.tensor(np.ones((3, 4))).reshape(5, 2)


@mistake(
    ValueError,
    met="in np.concatenate([float64[3, 4], float64[3, 5]], 0)",
    expected="arrays that are joined have equal lengths along all other axes",
)
def arrays_to_concatenate_that_do_not_fit():
    np.concatenate([ntb.tensor(np.ones((3, 4))), np.ones((3, 5))])


@mistake(
    np.exceptions.AxisError,
    met="in np.sum(float64[3, 4])",
    expected="indices and axes are counted from 0, or backwards from -1",
)
def an_axis_that_is_not_there():
    np.sum(ntb.tensor(np.ones((3, 4))), axis=2)


@mistake(
    IndexError, met="in getitem(float64[3, 4], 3)", expected="indices and axes are counted from 0, or backwards from -1"
)
def an_index_out_of_range():
    x = ntb.tensor(np.ones((3, 4)))
    x[3]


@mistake(
    IndexError,
    met="in getitem(float64[3, 4], [0, 0, 0])",
    expected="give at most one index for each axis",
    repair="None in an index adds an axis",
)
def more_indices_than_axes():
    x = ntb.tensor(np.ones((3, 4)))
    x[0, 0, 0]


@mistake(
    IndexError,
    met="in getitem(float64[3, 4], 1.0)",
    expected="np.int64(i) makes an integer of a number, t.astype(int) of a tensor",
)
def a_float_as_an_index():
    x = ntb.tensor(np.ones((3, 4)))
    x[1.0]


@mistake(
    TypeError,
    met="in np.add(float64[2], <U1[2])",
    expected="tensors hold numbers",
    repair="turn text into numbers first",
)
def a_list_of_text_as_an_operand():
    ntb.tensor([1.0, 2.0]) + ["a", "b"]


@mistake(
    TypeError, met="a 0-d tensor has no length and no parts to go through", expected="np.atleast_1d makes it a vector"
)
def the_length_of_a_number():
    len(ntb.tensor(1.0))


@mistake(
    TypeError, met="a 0-d tensor has no length and no parts to go through", expected="np.atleast_1d makes it a vector"
)
def iterating_over_a_number():
    for _ in ntb.tensor(1.0):
        pass


@mistake(
    AttributeError,
    met="a Tensor has no attribute 'backward'",
    expected="gradients are asked of a tape: with ntb.Tape() as tape: ",
)
def a_method_that_tensors_do_not_have():
    ntb.tensor([1.0, 2.0]).backward()


@mistake(
    AttributeError,
    met="a Tensor has no attribute 'fill'",
    expected="tensors do not change; a new one is",
    repair="np.full_like(t, 7.0)",
)
def a_method_of_arrays_that_tensors_do_not_have():
    ntb.tensor([1.0, 2.0]).fill(0.0)


@mistake(
    AttributeError,
    met="a Tensor has no attribute 'grad'",
    expected="gradients are returned, not kept: with ntb.Tape() as tape: ",
)
def asking_a_tensor_for_its_gradient():
    x = ntb.tensor([1.0, 2.0])
    x.grad


@mistake(
    MutationError,
    met="a tensor cannot be changed in place",
    expected="instead of `t[i] = x` write `t = t.at[i].set(x)`",
)
def writing_into_a_tensor():
    x = ntb.tensor([1.0, 2.0])
    x[0] = 3.0


@mistake(
    MutationError,
    met="a variable cannot be changed in place",
    expected="instead of `v[i] = x` write `v.assign(v.at[i].set(x))`",
)
def writing_into_a_variable():
    w = ntb.Variable([1.0, 2.0], name="w")
    w[0] = 3.0


@mistake(
    MutationError,
    met="`v += x` would make v a tensor",
    expected="write v.assign_add(x), v.assign_sub(x) or v.assign(v * x)",
)
def adding_to_a_variable_in_place():
    w = ntb.Variable([1.0, 2.0], name="w")
    w += 1.0


@mistake(
    MutationError,
    met="add cannot write into out= (or into an array in place)",
    expected="when a tensor takes part",
    repair="write `a = a + t` instead of `a += t`",
)
def adding_a_tensor_to_an_array_in_place():
    total = np.zeros(2)
    total += ntb.tensor([1.0, 2.0])


@mistake(
    MutationError,
    met="exp cannot write into out=",
    expected="when a tensor takes part",
    repair="write `a = a + t` instead of `a += t`",
)
def a_result_written_into_an_array():
    result = np.zeros(2)
    np.exp(ntb.tensor([1.0, 2.0]), out=result)


@mistake(MutationError, met="sum cannot write into out= when a tensor takes part", expected="use its result")
def a_sum_written_into_an_array():
    result = np.zeros(())
    np.sum(ntb.tensor([1.0, 2.0]), out=result)


@mistake(
    MutationError,
    met="np.add.at changes an array in place",
    expected="with tensors use t.at[index].add(x), .multiply(x)",
)
def adding_at_indices_in_place():
    x = ntb.tensor([1.0, 2.0, 3.0])
    np.add.at(x, [0, 0], 1.0)


@mistake(
    GradientError,
    met="np.log with where= leaves elements undefined, since tensors take no out=",
    expected="write np.where(mask, np.log(…), other)",
)
def a_function_with_where_and_without_out():
    x = ntb.tensor([1.0, -2.0])
    np.log(x, where=x > 0)


@mistake(InputError, met="a tensor of dtype int64 cannot hold quotients", expected="convert it with .astype")
def integers_divided_at_a_place():
    ntb.tensor([4, 6]).at[0].divide(2)


@mistake(InputError, met="a tensor of dtype int64 cannot hold values of float64", expected="convert one with .astype")
def a_fraction_set_among_integers():
    ntb.tensor([4, 6]).at[0].set(0.5)


@mistake(
    ValueError,
    met="in put(float64[3], slice(None, 2, None), float64[3])",
    expected="values are broadcast to the shape of the place",
    repair="give as many as it has, or one number",
)
def values_of_a_wrong_shape_set_at_a_place():
    ntb.tensor([1.0, 2.0, 3.0]).at[:2].set([1.0, 2.0, 3.0])


@mistake(
    InputError,
    met="variable 'w' has shape (3, 2) and cannot be assigned a value of shape (2, 3)",
    expected="np.reshape makes it fit, or make a new Variable",
)
def a_variable_assigned_a_wrong_shape():
    w = ntb.Variable(np.zeros((3, 2)), name="w")
    w.assign(np.zeros((2, 3)))


@mistake(
    InputError,
    met="variable 'count' has dtype int64 and cannot be assigned a value of float64",
    expected="convert it with .astype('int64'), or make the Variable of another dtype",
)
def a_variable_of_integers_assigned_floats():
    count = ntb.Variable(0, trainable=False, name="count")
    count.assign(0.5)


@mistake(
    InputError,
    met="these data have dtype <U5 and shape ()",
    expected="a tensor holds numbers or bools",
    repair="Turn text into numbers, and objects (None among them) into arrays first",
)
def a_variable_assigned_text():
    w = ntb.Variable([1.0, 2.0], name="w")
    w.assign("zeros")


@mistake(
    InputError,
    met="these data have dtype object and shape ()",
    expected="a tensor holds numbers or bools",
    repair="Turn text into numbers, and objects (None among them) into arrays first",
)
def a_variable_of_nothing():
    ntb.Variable(None)


@mistake(
    ConversionError,
    met="float() would cut the gradient of a tensor that an open tape tracks",
    expected="To compute on with it use NumPy functions (np.sin for math.sin, np.stack or np.array([t, u]",
    repair="to read its value, call .numpy(), or do so after the tape's block",
)
def a_function_of_math_on_a_watched_tensor():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        math.sin(x)


@mistake(
    ConversionError,
    met="float() would cut the gradient of a tensor that an open tape tracks",
    expected="To compute on with it use NumPy functions (np.sin for math.sin, np.stack or np.array([t, u]",
    repair="to read its value, call .numpy(), or do so after the tape's block",
)
def float_of_a_watched_tensor():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        float(x * x)


@mistake(
    ConversionError,
    met="conversion to a NumPy array would cut the gradient of a tensor that an open tape tracks",
    expected="To compute on with it use NumPy functions (np.sin for math.sin, np.stack or np.array([t, u]",
    repair="to read its value, call .numpy(), or do so after the tape's block",
)
def an_array_of_watched_tensors():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        np.array([x, x])


@mistake(
    ValueError,
    met="setting an array element with a sequence",
    expected="would cut the gradient of a tensor that an open tape tracks",
    repair="To compute on with it use NumPy functions",
)
def a_watched_tensor_put_into_an_array():
    total = np.zeros(3)
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        total[0] = x


@mistake(
    ConversionError,
    met="conversion to a NumPy array would cut the gradient of a tensor that an open tape tracks",
    expected="To compute on with it use NumPy functions (np.sin for math.sin, np.stack or np.array([t, u]",
    repair="to read its value, call .numpy(), or do so after the tape's block",
)
def a_watched_tensor_fills_an_array():
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        np.full(3, x)


@mistake(
    ConversionError,
    met="conversion to a NumPy array would cut the gradient of a tensor that an open tape tracks",
    expected="To compute on with it use NumPy functions (np.sin for math.sin, np.stack or np.array([t, u]",
    repair="to read its value, call .numpy(), or do so after the tape's block",
)
def the_product_method_of_an_array():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones(2))
        np.ones((2, 2)).dot(x)


@mistake(InputError, met="cannot be moved to 'cuda'", expected="a tensor on 'cpu'", repair="make one of an array there")
def a_device_that_is_not_there():
    ntb.tensor([1.0, 2.0]).to_device("cuda")
