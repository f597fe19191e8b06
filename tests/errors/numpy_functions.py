"""NumPy's functions on tensors, where their arguments do not fit."""

import numpy as np

import ntb
from ntb.errors import GradientError, InputError, MutationError, NonFiniteError

from . import mistake


@mistake(InputError, met="np.divide.reduce with where= needs initial=", expected="which it begins with")
def a_quotient_of_chosen_elements():
    x = ntb.tensor(np.ones(3))
    np.divide.reduce(x, where=x > 0)


@mistake(
    MutationError,
    met="np.copyto changes an array in place, which no tape can follow when a tensor takes part",
    expected="make a new one: t.at[index].set(x), np.where(condition, x, t), np.full(a.shape, t, like=t)",
)
def an_array_filled_with_tensors_in_place():
    total = np.zeros(3)
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        np.copyto(total, x)


@mistake(
    GradientError,
    met="the order of elements 'A' depends on the array's memory and has no derivative",
    expected='use "C" or "F"',
)
def an_order_that_depends_on_memory():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones((2, 3)))
        y = np.sum(np.ravel(x, order="A"))
    tape.gradient(y, x)


@mistake(InputError, met="not shape (4,)", expected="np.vsplit takes arrays of 2 or more dimensions")
def a_vertical_split_of_a_vector():
    np.vsplit(ntb.tensor(np.ones(4)), 2)


@mistake(ValueError, met="in np.split(float64[5], 2)", expected="np.array_split makes parts of unequal size")
def a_split_into_unequal_parts():
    np.split(ntb.tensor(np.ones(5)), 2)


@mistake(InputError, met="not 'yx'", expected='the indexing of np.meshgrid is "xy" or "ij"')
def an_unknown_indexing_of_a_grid():
    np.meshgrid(ntb.tensor(np.ones(3)), np.ones(2), indexing="yx")


@mistake(InputError, met="not shape (2, 2, 2)", expected="np.diag takes a vector or a matrix")
def the_diagonal_of_an_array_of_three_axes():
    np.diag(ntb.tensor(np.ones((2, 2, 2))))


@mistake(
    InputError,
    met="not empty",
    expected="np.block takes lists of equal depth that are",
    repair="here are depths [0, 1]",
)
def blocks_at_unequal_depths():
    np.block([[ntb.tensor(np.ones(2))], np.ones(2)])


@mistake(InputError, met="not (-1, 2)", expected="the lengths of axes are 0 or more")
def resizing_to_a_negative_length():
    np.resize(ntb.tensor(np.ones(2)), (-1, 2))


@mistake(InputError, met="not 2 to 0", expected="np.rollaxis of 2 axes moves one of them before the axis -2 to 2")
def rolling_an_axis_that_is_not_there():
    np.rollaxis(ntb.tensor(np.ones((2, 2))), 2)


@mistake(InputError, met="not shape (2, 2)", expected="np.ix_ takes vectors")
def an_open_mesh_of_matrices():
    np.ix_(ntb.tensor(np.ones((2, 2))), [0])


@mistake(InputError, met="np.apply_along_axis has no row to apply the function to", expected="the shape is (2, 0)")
def a_function_along_the_rows_of_an_empty_array():
    np.apply_along_axis(np.sum, 0, ntb.tensor(np.ones((2, 0))))


@mistake(
    InputError, met="the function of np.apply_over_axes gives an array of as many axes", expected="or of one fewer"
)
def a_function_over_axes_that_changes_their_number():
    np.apply_over_axes(lambda a, axis: np.sum(a), ntb.tensor(np.ones((2, 2, 2))), [0])


@mistake(InputError, met="not of shape (2, 2)", expected="the condition of np.compress is a vector")
def a_condition_that_is_a_matrix():
    np.compress(np.ones((2, 2), bool), ntb.tensor(np.ones(2)))


@mistake(InputError, met="here are 2 and 1", expected="np.select takes as many conditions as choices, at least one")
def more_conditions_than_choices():
    x = ntb.tensor(np.ones(2))
    np.select([x > 0, x < 0], [x])


@mistake(InputError, met="not of float64", expected="a condition of np.select is of bools")
def a_condition_of_numbers():
    x = ntb.tensor(np.ones(2))
    np.select([x], [x])


@mistake(InputError, met="not 1", expected="np.piecewise takes 2 or 3 functions for 2 conditions")
def pieces_without_their_functions():
    x = ntb.tensor(np.ones(2))
    np.piecewise(x, [x > 0, x < 0], [1.0])


@mistake(
    np.linalg.LinAlgError,
    met="in np.linalg.inv(float64[2, 2])",
    expected="the matrix has no inverse",
    repair="np.linalg.pinv has the nearest to one",
)
def a_singular_matrix():
    np.linalg.inv(ntb.tensor(np.zeros((2, 2))))


@mistake(
    np.linalg.LinAlgError,
    met="in np.linalg.solve(float64[2, 3], float64[2])",
    expected="it takes matrices of shape (..., N, N)",
    repair="np.linalg.lstsq and pinv take others",
)
def a_matrix_that_is_not_square():
    np.linalg.solve(ntb.tensor(np.ones((2, 3))), np.ones(2))


@mistake(
    np.linalg.LinAlgError,
    met="in np.linalg.cholesky(float64[2, 2])",
    expected="add a small multiple of np.eye(n), or see whether the matrix is symmetric",
)
def a_matrix_that_is_not_positive_definite():
    np.linalg.cholesky(ntb.tensor(-np.eye(2)))


@mistake(
    np.linalg.LinAlgError,
    met="tensorsolve",
    expected="takes as many equations as unknowns: prod(a.shape[b.ndim:]) is 12, prod(a.shape[:b.ndim]) 2",
)
def a_tensor_equation_that_is_not_square():
    np.linalg.tensorsolve(ntb.tensor(np.ones((2, 3, 4))), np.ones(2))


@mistake(ValueError, met="not 0", expected="tensorinv takes ind > 0")
def a_tensor_inverse_without_axes():
    np.linalg.tensorinv(ntb.tensor(np.ones((2, 2))), ind=0)


@mistake(
    np.linalg.LinAlgError,
    met="the loss depends on a choice among vectors of equal eigenvalues or singular values, or on the",
    expected="let it depend on their span (v @ v.mT) or on the values alone",
)
def eigenvectors_of_equal_eigenvalues():
    with ntb.Tape() as tape:
        a = tape.watch(np.eye(2))
        loss = np.sum(np.linalg.eigh(a)[1] * [[1.0, 2.0], [3.0, 4.0]])
    tape.gradient(loss, a)


@mistake(
    np.linalg.LinAlgError,
    met="a function of the matrix whose derivative cannot be told where they are equal",
    expected="let it depend on their span (v @ v.mT) or on the values alone",
    repair="or compute the function of the matrix by products",
)
def a_function_of_a_matrix_by_eigenvectors_of_equal_eigenvalues():
    def power(a):
        w, v = np.linalg.eigh(a)
        return np.sum((v * w**3) @ v.T)

    ntb.grad(power)(np.eye(2))


@mistake(
    np.linalg.LinAlgError,
    met="the loss tells equal eigenvalues or singular values apart",
    expected="has no derivative",
    repair="np.max and np.min of them, and norms, let equals share the gradient",
)
def the_first_of_equal_eigenvalues():
    ntb.grad(lambda a: np.linalg.eigvalsh(a)[0])(np.eye(2))


@mistake(
    np.linalg.LinAlgError,
    met="the function has derivatives along each direction, but they are not linear in the direction",
    expected="it tells equal eigenvalues or singular values apart",
    repair="np.max and np.min of them, and norms, let equals share the gradient",
)
def a_jacobian_of_the_first_of_equal_eigenvalues():
    ntb.jacobian(lambda a: np.linalg.eigvalsh(a)[0], mode="fwd")(np.eye(2))


@mistake(
    np.linalg.LinAlgError,
    met="a singular value is 0, where it has a kink and no derivative",
    expected="functions of the squares of singular values are smooth",
    repair='np.linalg.norm(x, "nuc") and norm(x, 2) take 0 there',
)
def the_sum_of_singular_values_that_are_zero():
    ntb.grad(lambda x: np.sum(np.linalg.svdvals(x)))(np.zeros((2, 2)))


@mistake(
    np.linalg.LinAlgError,
    met="the direction turns vectors of equal eigenvalues or singular values into each other",
    expected="have no derivative along it",
    repair="ntb.jvp decomposes the matrix for its direction",
)
def a_forward_jacobian_of_eigenvectors_of_equal_eigenvalues():
    ntb.jacobian(lambda a: np.linalg.eigh(a)[1], mode="fwd")(np.eye(2))


@mistake(
    np.linalg.LinAlgError,
    met="two eigenvalues or singular values are equal or nearly so",
    expected="to order two by forward mode over reverse mode (ntb.hessian, ntb.hvp) of a loss of the values alone",
)
def a_third_derivative_at_equal_eigenvalues():
    cubes = lambda a: np.sum(np.linalg.eigvalsh(a) ** 3)
    ntb.grad(lambda a: ntb.hvp(cubes, a, np.ones((2, 2)))[0, 0])(np.eye(2))


@mistake(
    np.linalg.LinAlgError,
    met="so near to each other that a derivative of order two by their vectors has no digit left",
    expected="let the loss depend on the values alone (np.linalg.eigvalsh, svdvals)",
)
def a_second_derivative_by_vectors_of_nearly_equal_eigenvalues():
    def power(a):
        w, v = np.linalg.eigh(a)
        return np.sum((v * w**3) @ v.T)

    ntb.hvp(power, np.diag([1.0, 1.0 + 1e-8]), np.ones((2, 2)))


@mistake(
    np.linalg.LinAlgError,
    met="eigenvectors of the matrix are linearly dependent (it is defective, or nearly so)",
    expected="there eigenvalues have no derivative, unless only their sum counts",
)
def an_eigenvalue_of_a_matrix_with_too_few_eigenvectors():
    ntb.grad(lambda a: np.linalg.eigvals(a)[0])(np.array([[1.0, 1e13], [0.0, 2.0]]))


@mistake(
    np.linalg.LinAlgError,
    met="the columns of the matrix are linearly dependent, up to rounding",
    expected="then its factors q and r have no derivative, as they are not unique",
)
def the_factors_of_dependent_columns():
    ntb.grad(lambda a: np.sum(np.linalg.qr(a)[1]))(np.ones((3, 2)))


@mistake(InputError, met="got n = -1, shape (3,)", expected="np.diff takes n >= 0 and an array with at least one axis")
def a_difference_of_negative_order():
    np.diff(ntb.tensor(np.ones(3)), n=-1)


@mistake(TypeError, met="np.ediff1d", expected="takes to_begin and to_end of the kind of the array, float64")
def complex_ends_of_a_real_difference():
    np.ediff1d(ntb.tensor(np.ones(3)), to_end=1j)


@mistake(InputError, met="cumulative_sum of an array of 2 axes", expected="needs axis=")
def a_cumulative_sum_without_an_axis():
    np.cumulative_sum(ntb.tensor(np.ones((2, 2))))


@mistake(
    InputError,
    met="got 0 and 3",
    expected="np.gradient takes no spacing, one number or one spacing for each of the 1 axes, and an",
)
def a_slope_of_unknown_order():
    np.gradient(ntb.tensor(np.ones(5)), edge_order=3)


@mistake(
    InputError,
    met="axis 0 has 1, the spacing has shape ()",
    expected="np.gradient with edge_order 1 takes at least 2 elements along an axis, and a number or as many",
)
def a_slope_of_one_number():
    np.gradient(ntb.tensor(np.ones(1)))


@mistake(ValueError, met="not 'middle'", expected='np.trim_zeros trims "f" (the front), "b" (the back) or both')
def zeros_trimmed_from_the_middle():
    np.trim_zeros(ntb.tensor(np.ones(3)), "middle")


@mistake(
    InputError,
    met="np.pad has no mode 'zeros'",
    expected="there are constant, linear_ramp, reflect, symmetric, edge, wrap, maximum, mean, median, minimum",
)
def an_unknown_mode_of_padding():
    np.pad(ntb.tensor(np.ones(3)), 1, mode="zeros")


@mistake(InputError, met="not [[-1, -1]]", expected="the widths of np.pad are whole numbers from 0 on")
def a_negative_width_of_padding():
    np.pad(ntb.tensor(np.ones(3)), -1)


@mistake(InputError, met="mode 'reflect' of np.pad", expected="takes no argument constant_values=")
def an_option_of_another_mode_of_padding():
    np.pad(ntb.tensor(np.ones(3)), 1, mode="reflect", constant_values=1.0)


@mistake(InputError, met="not by mode 'edge'", expected="np.pad can extend the empty axis 0 by constants only")
def an_empty_axis_to_be_padded_by_copies():
    np.pad(ntb.tensor(np.ones((0, 3))), 1, mode="edge")


@mistake(
    GradientError,
    met="np.pad on a tensor cannot follow mode='empty': it leaves the new elements unset",
    expected='use another mode, as "constant", or np.concatenate',
)
def padding_that_is_left_unset():
    np.pad(ntb.tensor(np.ones(3)), 1, mode="empty")


@mistake(
    InputError, met="there is no maximum of a stat_length of 0 elements", expected="give 1 or more, or None for all"
)
def padding_by_the_maximum_of_nothing():
    np.pad(ntb.tensor(np.ones(3)), 1, mode="maximum", stat_length=0)


@mistake(InputError, met="not -1", expected="np.polyder takes m >= 0", repair="np.polyint integrates")
def a_polynomial_derived_a_negative_number_of_times():
    np.polyder(ntb.tensor(np.ones(3)), -1)


@mistake(InputError, met="got m = 3, 2 constants", expected="np.polyint takes m >= 0 and 1 or at least m constants")
def a_polynomial_integrated_with_too_few_constants():
    np.polyint(ntb.tensor(np.ones(3)), 3, [1.0, 2.0])


@mistake(InputError, met="not an array of shape (2, 3)", expected="np.poly takes roots or a square matrix")
def a_polynomial_of_the_roots_in_a_table():
    np.poly(ntb.tensor(np.ones((2, 3))))


@mistake(InputError, met="np.vander", expected="takes an array of one axis, not of shape (2, 2)")
def powers_of_a_matrix():
    np.vander(ntb.tensor(np.ones((2, 2))))


@mistake(
    GradientError,
    met="np.polyfit of tensors knows no full=True",
    expected="np.linalg.svd of np.vander(x) tells the ranks",
)
def a_fit_with_its_diagnostics():
    np.polyfit(ntb.tensor(np.arange(4.0)), np.arange(4.0), 1, full=True)


@mistake(InputError, met="np.fromiter was to read 5 numbers", expected="and there are 3")
def more_numbers_than_an_iterator_has():
    x = ntb.tensor(2.0)
    np.fromiter((x * i for i in range(3)), float, 5, like=x)


@mistake(
    GradientError,
    met="np.nextafter.reduce is not supported on tensors: np.nextafter has no derivative with respect to",
    expected="Outside the tape take t.numpy()",
)
def a_reduction_by_a_function_without_a_derivative():
    np.nextafter.reduce(ntb.tensor(np.ones(3)))


@mistake(
    ValueError,
    met="in np.einsum('ij,jk->ik', float64[2, 3], float64[4, 5])",
    expected="shapes are matched from their last axes on",
    repair="lengths are equal, or 1, as np.reshape can make them",
)
def an_einsum_that_does_not_fit():
    np.einsum("ij,jk->ik", ntb.tensor(np.ones((2, 3))), np.ones((4, 5)))


@mistake(
    ValueError,
    met="in np.concatenate([float64[1, 2], float64[1, 3]], 0)",
    expected="arrays that are joined have equal lengths along all other axes",
)
def a_stack_of_different_shapes():
    np.stack([ntb.tensor(np.ones(2)), np.ones(3)])


@mistake(
    ValueError,
    met="in np.where(bool[2], float64[2], float64[3])",
    expected="shapes are matched from their last axes on",
    repair="lengths are equal, or 1, as np.reshape can make them",
)
def a_place_among_arrays_of_another_shape():
    x = ntb.tensor(np.ones(2))
    np.where(x > 0, x, np.ones(3))


@mistake(ValueError, met="in np.max(float64[0])", expected="give initial= for the result where there are no elements")
def the_maximum_of_nothing():
    np.max(ntb.tensor(np.ones(0)))


@mistake(
    ValueError,
    met="in np.transpose(float64[2, 3], [0, 1, 2])",
    expected="name each axis once, as in (1, 0) for a matrix",
)
def an_axis_permutation_of_another_length():
    np.transpose(ntb.tensor(np.ones((2, 3))), (0, 1, 2))


@mistake(
    ValueError,
    met="in np.squeeze(float64[2, 3])",
    expected="only axes of length 1 can go",
    repair="np.reshape, or an index, changes others",
)
def a_squeeze_of_a_long_axis():
    np.squeeze(ntb.tensor(np.ones((2, 3))), axis=0)


@mistake(
    InputError,
    met="not tuples",
    expected="np.block takes nested lists",
    repair="write [a, b]",
)
def blocks_in_a_tuple():
    x = ntb.tensor(np.ones(2))
    np.block([[x], (x,)])


@mistake(
    GradientError,
    met="np.remainder.reduce",
    expected="knows no where= on tensors",
    repair="np.compress leaves out whole slices",
)
def remainders_of_chosen_elements():
    x = ntb.tensor([7.0, 4.0, 2.0])
    np.remainder.reduce(x, where=[True, False, True], initial=100.0)


@mistake(
    GradientError,
    met="its keyword argument 'weights'",
    expected="np.quantile takes no tensor",
    repair="ntb.stop_gradient makes it a constant",
)
def a_quantile_with_watched_weights():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones(3))
        np.quantile(x, 0.5, weights=x, method="inverted_cdf")


@mistake(
    GradientError,
    met="np.linalg.pinv has no derivative",
    expected="with respect to its argument 'rcond'",
    repair="use stop_gradient on it if it shall count as a constant",
)
def a_tolerance_that_is_watched():
    with ntb.Tape() as tape:
        tolerance = tape.watch(1e-9)
        y = np.sum(np.linalg.pinv(tape.watch(np.eye(2)), rcond=tolerance))
    tape.gradient(y, tolerance)


@mistake(
    NonFiniteError,
    met="np.log made a NaN (1 of 2 elements), in the forward pass",
    expected="argument 'x': float64[2], from -1 to 1",
    repair="np.log(x)",
)
def a_logarithm_of_a_negative_number_while_nans_are_looked_for():
    x = ntb.tensor([1.0, -1.0])
    with np.errstate(invalid="ignore"), ntb.debug_nans():
        np.log(x)


@mistake(
    InputError, met="the result of '...i,i->' leaves out the axes of the ellipsis", expected="write ... in it, too"
)
def an_einsum_whose_result_leaves_out_the_ellipsis():
    np.einsum("...i,i->", ntb.tensor(np.ones((2, 3))), np.ones(3))


@mistake(InputError, met="each term of 'i..->i'", expected="may have one ellipsis, three dots, and no other dots")
def an_einsum_with_two_dots():
    np.einsum("i..->i", ntb.tensor(np.ones((2, 3))))


@mistake(InputError, met="an axis has the number 52", expected="numbers go from 0 to 51")
def an_einsum_with_numbers_that_are_too_large():
    np.einsum(ntb.tensor(np.ones((2, 3))), [0, 52], [0])


@mistake(InputError, met="a letter of 'ii' names axes of length 0 and of another", expected="(0, 3)")
def an_einsum_of_the_diagonal_of_what_is_not_square():
    np.einsum("ii->i", ntb.tensor(np.ones((0, 3))))


@mistake(InputError, met="not a dict_values", expected="np.concatenate takes a list of arrays", repair="write list(x)")
def the_values_of_a_dict_joined():
    np.concatenate({"a": ntb.tensor([1.0]), "b": ntb.tensor([2.0])}.values())
