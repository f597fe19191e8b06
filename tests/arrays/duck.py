"""A library of arrays that is not NumPy, with the manners of CuPy: its arrays can be changed in place, answer NumPy's
protocols, meet no array of NumPy's, and become none unless `get` is called. It counts what is asked of it.

The module stands for the library: `duck.zeros`, like any function of NumPy's, makes and takes its arrays.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

calls: Counter = Counter()
CREATION = {"empty", "zeros", "ones", "eye", "arange", "array", "asarray", "identity"}


class Duck(NDArrayOperatorsMixin):
    """An array that lies where NumPy cannot reach it."""

    def __init__(self, inside):
        self._inside = inside

    shape = property(lambda self: self._inside.shape)
    dtype = property(lambda self: self._inside.dtype)
    ndim = property(lambda self: self._inside.ndim)
    size = property(lambda self: self._inside.size)
    itemsize = property(lambda self: self._inside.itemsize)
    nbytes = property(lambda self: self._inside.nbytes)
    strides = property(lambda self: self._inside.strides)
    flags = property(lambda self: self._inside.flags)
    base = property(lambda self: self._inside.base)
    T = property(lambda self: Duck(self._inside.T))
    mT = property(lambda self: Duck(self._inside.mT))

    def get(self):
        """The array as NumPy's."""
        calls["get"] += 1
        return self._inside.copy()

    def __array__(self, *args, **kwargs):
        raise TypeError("a Duck is not made a NumPy array in silence; call .get()")

    def __array_namespace__(self):
        return __import__(__name__, fromlist=["duck"])

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        out = {} if out is None else {"out": tuple(inside(x) for x in out)}
        calls[ufunc.__name__] += 1
        result = getattr(ufunc, method)(
            *[inside(x) for x in inputs], **out, **{k: inside(x) for k, x in kwargs.items()}
        )
        return outside(result)

    def __array_function__(self, function, types, args, kwargs):
        if function.__name__ in CREATION:
            return outside(function(*args, **kwargs))
        if any(issubclass(kind, np.ndarray) for kind in types):
            return NotImplemented
        return call(function, args, kwargs)

    def __getitem__(self, index):
        return outside(self._inside[inside(index)])

    def __setitem__(self, index, value):
        self._inside[inside(index)] = inside(value)

    def __len__(self):
        return len(self._inside)

    def __bool__(self):
        return bool(self._inside)

    def __float__(self):
        return float(self._inside)

    def __index__(self):
        return self._inside.__index__()

    def __repr__(self):
        return f"Duck({self.dtype}{list(self.shape)})"

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(self._inside, name)
        return lambda *args, **kwargs: outside(method(*inside(args), **inside(kwargs)))


def inside(x):
    """What NumPy computes with; no array of NumPy's own may take part, as there is none on a GPU."""
    if isinstance(x, Duck):
        return x._inside
    if isinstance(x, np.ndarray):
        raise TypeError("a Duck meets no array of NumPy's")
    if isinstance(x, tuple | list):
        return type(x)(map(inside, x))
    if isinstance(x, dict):
        return {key: inside(item) for key, item in x.items()}
    return x


def outside(x):
    if isinstance(x, np.ndarray | np.generic):
        return Duck(np.asarray(x))
    if isinstance(x, tuple):
        return tuple(map(outside, x))
    return list(map(outside, x)) if isinstance(x, list) else x


def call(function, args, kwargs):
    if kwargs.keys() & {"where", "initial"}:  # which CuPy's reductions do not know
        raise TypeError(f"{function.__name__} got an unexpected keyword argument")
    if function is np.take_along_axis and len(args) < 3 and "axis" not in kwargs:
        raise TypeError("take_along_axis() missing 1 required positional argument: 'axis'")
    calls[function.__name__] += 1
    return outside(function(*inside(args), **inside(kwargs)))


def as_strided(x, shape, strides):
    return outside(np.lib.stride_tricks.as_strided(inside(x), shape, strides))


lib = SimpleNamespace(stride_tricks=SimpleNamespace(as_strided=as_strided))


def duck(array):
    """A NumPy array as one of this library."""
    return Duck(np.array(array))


def __getattr__(name):
    """NumPy's functions, as this library's own."""
    if name.startswith("__"):
        raise AttributeError(name)
    found = getattr(np, name)
    if isinstance(found, type) or not callable(found) or isinstance(found, np.ufunc):
        return Duck if found is np.ndarray else found
    return lambda *args, **kwargs: call(found, args, kwargs)
