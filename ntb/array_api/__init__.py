"""The Python array API standard over tensors: `t.__array_namespace__()`.

A program written for the standard runs on tensors and differentiates. NumPy's own namespace follows the standard, and
its functions take tensors; so nearly all of these are NumPy's. What is not is in `functions`, `creation`, `dtypes`,
`linalg` and `fft`. Tensors cannot be changed, so `x[i] = y` is an error, as the standard allows.

>>> from ntb import Tape, tensor
>>> x = tensor([3.0, 4.0])
>>> xp = x.__array_namespace__()
>>> with Tape() as tape:
...     x = tape.watch(x)
...     length = xp.sqrt(xp.vecdot(x, x))
>>> length, tape.gradient(length, x)
(Tensor(5.), Tensor([0.6, 0.8]))
"""

from numpy import (
    abs, acos, acosh, add, all, any, argmax, argmin, asin, asinh, atan, atan2, atanh, bitwise_and, bitwise_invert,
    bitwise_left_shift, bitwise_or, bitwise_right_shift, bitwise_xor, bool, broadcast_to, can_cast, ceil, complex128,
    complex64, concat, conj, copysign, cos, cosh, count_nonzero, divide, e, equal, exp, expand_dims, flip, float32,
    float64, floor, greater, greater_equal, hypot, imag, inf, int16, int32, int64, int8, isdtype, isfinite, isinf,
    isnan, less, less_equal, log, log10, log1p, log2, logaddexp, logical_and, logical_not, logical_or, logical_xor,
    matmul, matrix_transpose, max, maximum, mean, min, minimum, moveaxis, multiply, nan, negative, newaxis, nextafter,
    nonzero, not_equal, permute_dims, pi, positive, pow, prod, real, reciprocal, remainder, repeat, result_type, roll,
    round, searchsorted, sign, signbit, sin, sinh, sqrt, square, squeeze, stack, subtract, sum, take, tan, tanh,
    tensordot, tile, tril, triu, trunc, uint16, uint32, uint64, uint8, unique_all,
    unique_counts, unique_inverse, unique_values, vecdot, where,
)  # fmt: skip

from . import fft, linalg
from .creation import (
    arange, asarray, empty, empty_like, eye, from_dlpack, full, full_like, linspace, meshgrid, ones, ones_like, zeros,
    zeros_like,
)  # fmt: skip
from .dtypes import __array_namespace_info__, astype, finfo, iinfo
from .functions import (
    argsort, broadcast_arrays, clip, cumulative_prod, cumulative_sum, diff, expm1, floor_divide, reshape, sort, std,
    take_along_axis, unstack, var,
)  # fmt: skip

__array_api_version__ = "2024.12"

__all__ = [
    # constants and element types
    "e", "inf", "nan", "newaxis", "pi", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "float32", "float64", "complex64", "complex128",
    # creation
    "arange", "asarray", "empty", "empty_like", "eye", "from_dlpack", "full", "full_like", "linspace", "meshgrid",
    "ones", "ones_like", "tril", "triu", "zeros", "zeros_like",
    # about element types and the namespace
    "astype", "can_cast", "finfo", "iinfo", "isdtype", "result_type", "__array_api_version__",
    "__array_namespace_info__",
    # elementwise
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and", "bitwise_invert",
    "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "ceil", "clip", "conj", "copysign",
    "cos", "cosh", "divide", "equal", "exp", "expm1", "floor", "floor_divide", "greater", "greater_equal", "hypot",
    "imag", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10", "log1p", "log2", "logaddexp",
    "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative",
    "nextafter", "not_equal", "positive", "pow", "real", "reciprocal", "remainder", "round", "sign", "signbit", "sin",
    "sinh", "sqrt", "square", "subtract", "tan", "tanh", "trunc",
    # indexing, shapes
    "take", "take_along_axis", "broadcast_arrays", "broadcast_to", "concat", "expand_dims", "flip", "moveaxis",
    "permute_dims", "repeat", "reshape", "roll", "squeeze", "stack", "tile", "unstack",
    # linear algebra
    "matmul", "matrix_transpose", "tensordot", "vecdot",
    # searching, sets, sorting, statistics, differences
    "argmax", "argmin", "count_nonzero", "nonzero", "searchsorted", "where", "unique_all", "unique_counts",
    "unique_inverse", "unique_values", "argsort", "sort", "cumulative_prod", "cumulative_sum", "max", "mean", "min",
    "prod", "std", "sum", "var", "all", "any", "diff",
    # extensions
    "fft", "linalg",
]  # fmt: skip
