"""A differentiating engine in sixty lines: what the course in docs/learn arrives at."""

import numpy as np

open_tapes = []


class Tensor:
    """An array whose operations the open tapes record. It knows nothing of them."""

    __array_ufunc__ = None  # so that NumPy leaves `array * tensor` to the tensor

    def __init__(self, value):
        self.value = np.asarray(value, dtype=float)

    __add__ = __radd__ = lambda a, b: add(a, b)
    __sub__ = lambda a, b: subtract(a, b)
    __mul__ = __rmul__ = lambda a, b: multiply(a, b)
    __matmul__ = lambda a, b: matmul(a, b)


def operation(function, *rules):
    """Make an operation on tensors of a function of arrays, and of one rule for each argument."""

    def run(*args, **options):
        args = [a if isinstance(a, Tensor) else Tensor(a) for a in args]
        result = Tensor(function(*[a.value for a in args], **options))
        for tape in open_tapes:
            tape.records.append((function, rules, args, options, result))
        return result

    return run


def sum_to(a, shape):
    """Sum an array over the axes along which this shape was stretched to the shape of `a`."""
    padded = (1,) * (a.ndim - len(shape)) + shape
    axes = tuple(i for i, n in enumerate(padded) if n != a.shape[i])
    return a.sum(axis=axes, keepdims=True).reshape(shape)


add = operation(np.add, lambda g, y, a, b: g, lambda g, y, a, b: g)
subtract = operation(np.subtract, lambda g, y, a, b: g, lambda g, y, a, b: g * -1.0)
multiply = operation(np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a)
matmul = operation(np.matmul, lambda g, y, a, b: g @ transpose(b), lambda g, y, a, b: transpose(a) @ g)
transpose = operation(np.transpose, lambda g, y, a: transpose(g))
tanh = operation(np.tanh, lambda g, y, a: g - g * y * y)
sum_to = operation(sum_to, lambda g, y, a, shape: broadcast_to(g, shape=a.value.shape))
broadcast_to = operation(np.broadcast_to, lambda g, y, a, shape: sum_to(g, shape=a.value.shape))


class Tape:
    """A list of what was computed while it was open, oldest first."""

    def __enter__(self):
        self.records = []
        open_tapes.append(self)
        return self

    def __exit__(self, *exception):
        open_tapes.remove(self)

    def gradient(self, y, sources):
        """The gradient of sum(y) with respect to each source: a tensor, or None if y does not depend on it."""
        gradients = {id(y): Tensor(np.ones_like(y.value))}
        for _, rules, args, options, result in self.records[::-1]:
            if id(result) in gradients:
                for a, rule in zip(args, rules):
                    d = rule(gradients[id(result)], result, *args, **options)
                    d = d if d.value.shape == a.value.shape else sum_to(d, shape=a.value.shape)
                    gradients[id(a)] = gradients[id(a)] + d if id(a) in gradients else d
        return [gradients.get(id(x)) for x in sources]


class Program:
    """What a function does with tensors, as a list of calls on arrays: printed by `print`, replayed by a call."""

    def __init__(self, function, *inputs):
        self.inputs = [Tensor(x) for x in inputs]
        with Tape() as self.tape:
            self.outputs = function(*self.inputs)

    def __call__(self, *arrays):
        values = dict(zip(map(id, self.inputs), arrays))
        for function, _, args, options, result in self.tape.records:
            values[id(result)] = function(*[values.get(id(a), a.value) for a in args], **options)
        return [values[id(y)] for y in self.outputs]

    def __str__(self):
        names = {id(t): f"v{i}" for i, t in enumerate([*self.inputs, *[r[-1] for r in self.tape.records]])}
        text = lambda *parts: ", ".join(names.get(id(p), str(getattr(p, "value", p))) for p in parts)
        return "\n".join(f"{text(y)} = {f.__name__}({text(*a, *o.values())})" for f, _, a, o, y in self.tape.records)
