"""NumPy's functions on tensors, where their arguments do not fit."""

import numpy as np

import ntb
from ntb.tape.errors import GradientError, InputError, MutationError

from . import mistake



@mistake(GradientError, met="", expected="")
def a_ravel_in_an_order_that_depends_on_memory():
    np.ravel(ntb.tensor(np.ones((2, 3))), order="K")


@mistake(InputError, met="", expected="")
def a_quotient_of_chosen_elements():
    x = ntb.tensor(np.ones(3))
    np.divide.reduce(x, where=x > 0)


@mistake(MutationError, met="", expected="")
def an_array_filled_with_tensors_in_place():
    x = np.zeros(3)
    np.copyto(x, ntb.tensor(2.0))


@mistake(InputError, met="", expected="")
def a_vertical_split_of_a_vector():
    np.vsplit(ntb.tensor(np.ones(4)), 2)


@mistake(ValueError, met="", expected="")
def a_split_into_unequal_parts():
    np.split(ntb.tensor(np.ones(5)), 2)


@mistake(InputError, met="", expected="")
def an_unknown_indexing_of_a_grid():
    np.meshgrid(ntb.tensor(np.ones(3)), np.ones(2), indexing="yx")


@mistake(InputError, met="", expected="")
def the_diagonal_of_an_array_of_three_axes():
    np.diag(ntb.tensor(np.ones((2, 2, 2))))



@mistake(InputError, met="", expected="")
def blocks_at_unequal_depths():
    np.block([[ntb.tensor(np.ones(2))], np.ones(2)])


@mistake(InputError, met="", expected="")
def resizing_to_a_negative_length():
    np.resize(ntb.tensor(np.ones(2)), (-1, 2))


@mistake(InputError, met="", expected="")
def rolling_an_axis_that_is_not_there():
    np.rollaxis(ntb.tensor(np.ones((2, 2))), 2)


@mistake(InputError, met="", expected="")
def an_open_mesh_of_matrices():
    np.ix_(ntb.tensor(np.ones((2, 2))), [0])


@mistake(InputError, met="", expected="")
def a_function_along_the_rows_of_an_empty_array():
    np.apply_along_axis(np.sum, 0, ntb.tensor(np.ones((2, 0))))


@mistake(InputError, met="", expected="")
def a_function_over_axes_that_changes_their_number():
    np.apply_over_axes(lambda a, axis: np.sum(a), ntb.tensor(np.ones((2, 2, 2))), [0])


@mistake(InputError, met="", expected="")
def a_condition_that_is_a_matrix():
    np.compress(np.ones((2, 2), bool), ntb.tensor(np.ones(2)))


@mistake(InputError, met="", expected="")
def more_conditions_than_choices():
    x = ntb.tensor(np.ones(2))
    np.select([x > 0, x < 0], [x])


@mistake(InputError, met="", expected="")
def a_condition_of_numbers():
    x = ntb.tensor(np.ones(2))
    np.select([x], [x])


@mistake(InputError, met="", expected="")
def pieces_without_their_functions():
    x = ntb.tensor(np.ones(2))
    np.piecewise(x, [x > 0, x < 0], [1.0])


@mistake(np.linalg.LinAlgError, met="", expected="")
def a_singular_matrix():
    np.linalg.inv(ntb.tensor(np.zeros((2, 2))))


@mistake(np.linalg.LinAlgError, met="", expected="")
def a_matrix_that_is_not_square():
    np.linalg.solve(ntb.tensor(np.ones((2, 3))), np.ones(2))


@mistake(np.linalg.LinAlgError, met="", expected="")
def a_matrix_that_is_not_positive_definite():
    np.linalg.cholesky(ntb.tensor(-np.eye(2)))


@mistake(np.linalg.LinAlgError, met="", expected="")
def a_tensor_equation_that_is_not_square():
    np.linalg.tensorsolve(ntb.tensor(np.ones((2, 3, 4))), np.ones(2))


@mistake(ValueError, met="", expected="")
def a_tensor_inverse_without_axes():
    np.linalg.tensorinv(ntb.tensor(np.ones((2, 2))), ind=0)


@mistake(np.linalg.LinAlgError, met="", expected="")
def eigenvectors_of_equal_eigenvalues():
    with ntb.Tape() as tape:
        a = tape.watch(np.eye(2))
        loss = np.sum(np.linalg.eigh(a)[1] * [[1.0, 2.0], [3.0, 4.0]])
    tape.gradient(loss, a)


@mistake(InputError, met="", expected="")
def a_difference_of_negative_order():
    np.diff(ntb.tensor(np.ones(3)), n=-1)


@mistake(TypeError, met="", expected="")
def complex_ends_of_a_real_difference():
    np.ediff1d(ntb.tensor(np.ones(3)), to_end=1j)


@mistake(InputError, met="", expected="")
def a_cumulative_sum_without_an_axis():
    np.cumulative_sum(ntb.tensor(np.ones((2, 2))))


@mistake(InputError, met="", expected="")
def a_slope_of_unknown_order():
    np.gradient(ntb.tensor(np.ones(5)), edge_order=3)


@mistake(InputError, met="", expected="")
def a_slope_of_one_number():
    np.gradient(ntb.tensor(np.ones(1)))


@mistake(ValueError, met="", expected="")
def zeros_trimmed_from_the_middle():
    np.trim_zeros(ntb.tensor(np.ones(3)), "middle")


@mistake(InputError, met="", expected="")
def an_unknown_mode_of_padding():
    np.pad(ntb.tensor(np.ones(3)), 1, mode="zeros")


@mistake(InputError, met="", expected="")
def a_negative_width_of_padding():
    np.pad(ntb.tensor(np.ones(3)), -1)


@mistake(InputError, met="", expected="")
def an_option_of_another_mode_of_padding():
    np.pad(ntb.tensor(np.ones(3)), 1, mode="reflect", constant_values=1.0)


@mistake(InputError, met="", expected="")
def an_empty_axis_to_be_padded_by_copies():
    np.pad(ntb.tensor(np.ones((0, 3))), 1, mode="edge")


@mistake(GradientError, met="", expected="")
def padding_that_is_left_unset():
    np.pad(ntb.tensor(np.ones(3)), 1, mode="empty")


@mistake(InputError, met="", expected="")
def padding_by_the_maximum_of_nothing():
    np.pad(ntb.tensor(np.ones(3)), 1, mode="maximum", stat_length=0)


@mistake(InputError, met="", expected="")
def a_polynomial_derived_a_negative_number_of_times():
    np.polyder(ntb.tensor(np.ones(3)), -1)


@mistake(InputError, met="", expected="")
def a_polynomial_integrated_with_too_few_constants():
    np.polyint(ntb.tensor(np.ones(3)), 3, [1.0, 2.0])


@mistake(InputError, met="", expected="")
def a_polynomial_of_the_roots_in_a_table():
    np.poly(ntb.tensor(np.ones((2, 3))))


@mistake(InputError, met="", expected="")
def powers_of_a_matrix():
    np.vander(ntb.tensor(np.ones((2, 2))))


@mistake(GradientError, met="", expected="")
def a_fit_with_its_diagnostics():
    np.polyfit(ntb.tensor(np.arange(4.0)), np.arange(4.0), 1, full=True)


@mistake(InputError, met="", expected="")
def more_numbers_than_an_iterator_has():
    x = ntb.tensor(2.0)
    np.fromiter((x * i for i in range(3)), float, 5, like=x)


@mistake(GradientError, met="", expected="")
def a_reduction_by_a_function_without_a_derivative():
    np.nextafter.reduce(ntb.tensor(np.ones(3)))






@mistake(ValueError, met="", expected="")
def an_einsum_that_does_not_fit():
    np.einsum("ij,jk->ik", ntb.tensor(np.ones((2, 3))), np.ones((4, 5)))


@mistake(ValueError, met="", expected="")
def a_stack_of_different_shapes():
    np.stack([ntb.tensor(np.ones(2)), np.ones(3)])


@mistake(ValueError, met="", expected="")
def a_place_among_arrays_of_another_shape():
    x = ntb.tensor(np.ones(2))
    np.where(x > 0, x, np.ones(3))


@mistake(ValueError, met="", expected="")
def the_maximum_of_nothing():
    np.max(ntb.tensor(np.ones(0)))



@mistake(ValueError, met="", expected="")
def an_axis_permutation_of_another_length():
    np.transpose(ntb.tensor(np.ones((2, 3))), (0, 1, 2))


@mistake(ValueError, met="", expected="")
def a_squeeze_of_a_long_axis():
    np.squeeze(ntb.tensor(np.ones((2, 3))), axis=0)
