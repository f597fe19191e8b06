"""What stands between ntb and a goal that it does not reach, as printed below the table of goals.

The profiles behind these lines are in docs/performance.md; `python -m ntb profile NAME` makes such profiles.
"""

from __future__ import annotations

from .goals import Line

REASONS: dict[tuple[str, str], str] = {
    (
        "replayed step",
        "W1",
    ): "20 NumPy calls of 0.3 to 0.7 µs are two thirds of the step; the signature of the call, what the "
    "function finds around it and the swap of five variables are the rest",
    (
        "replayed step",
        "W2",
    ): "sigmoid and its adjoint go through 6000x50 numbers on one thread; the rest are products, for "
    "which the peers' libraries are a little faster than OpenBLAS",
    (
        "replayed step",
        "W3",
    ): "the products are a quarter of the step; windows, pooling, dropout's random numbers and masks and "
    "batch norm are passes through memory, on one thread, where the peers' kernels use two and join several passes",
    (
        "replayed step",
        "W4",
    ): "windows of the first layer (19 MB) and pooling's gradient (29 MB) are bound by memory, on one thread",
    (
        "replayed step",
        "W5",
    ): "25 rows are a bad size for OpenBLAS (32 are faster), and each of 60 LSTM steps makes about twenty "
    "short calls; PyTorch has one kernel for an LSTM step",
    (
        "replayed operation",
        "W6",
    ): "calls of NumPy on 8 numbers, forward and backward, take 0.24 µs an operation; where numba is installed, a loop "
    "in machine code takes their place: 0.01 µs",
    (
        "replayed step",
        "W7",
    ): "gelu, softmax, layer norm and Adam are 6 of 16 ms (float32), each a chain of passes on one thread; "
    "attention's products are 32 small ones each, in a loop inside NumPy",
    (
        "replayed step",
        "W8",
    ): "pooling's and relu's gradients are passes through 8 MB (float32) on one thread, which compilers join",
    ("replayed step", "W9"): "about 60 calls on 256x64 numbers, of 5 to 10 µs each beside products of 15 µs",
    (
        "replayed step",
        "W10",
    ): "Adam reads and writes seven arrays of all parameters on one thread: 1.7 ms in float32, where "
    "PyTorch's fused kernel uses both threads and one pass",
    (
        "replayed step",
        "W11",
    ): "convolutions take two thirds of the step; group norm, SiLU, softmax and the repeated pixels are passes through "
    "memory on one thread, and attention among 256 pixels 16 small products, in a loop inside NumPy",
    (
        "replayed step",
        "W12",
    ): "convolutions and their windows take four fifths of the step, for which oneDNN, the library of PyTorch and "
    "TensorFlow, needs no windows; batch norm and relu are passes through memory on one thread",
    (
        "replayed step",
        "W13",
    ): "2,100 NumPy calls on 8x128 numbers, each of a microsecond or more: eight a time step and as many backward, "
    "with the gradient of the weights a product for each of the 200 steps",
    (
        "replayed step",
        "W14",
    ): "the products are two thirds of the step; sigmoid, squares and their adjoints go through 10,000x256 numbers on "
    "one thread, in several passes, which compilers join",
    (
        "eager step",
        "W2",
    ): "the products alone take half of autograd's time; new memory for 6000x784 numbers is the rest",
    (
        "eager step",
        "W6",
    ): "one Python frame for the operator, one for the record; see the profile of an eager operation",
    (
        "eager step",
        "W7",
    ): "the products take half of the goal; gelu, layer norm, softmax and Adam are chains of passes, each into new "
    "memory",
    (
        "eager step",
        "W9",
    ): "two walks, of which the outer tape records the first: each of its operations is dispatched on tensors, and its "
    "result recorded",
    ("eager step", ""): "a record for each operation and new memory for each result; the arithmetic is NumPy's, as the "
    "peer's is",
    (
        "eager step",
        "W10",
    ): "the products take half of the goal, and Adam's twelve passes, each into new memory, the other half",
    (
        "g.run above its program",
        "",
    ): "what is fed is checked against the graph, and results are copied to arrays: 3 µs, "
    "which become up to eight times as much where the step itself fills the caches",
    ("program of 10,000 operations ready", ""): "60 µs for each operation, as in the first call of W6",
    ("first call", ""): "a trace, the passes and the compilation of the program cost about 70 µs for each of 1,000 "
    "operations on 8 numbers, with its derivative",
    ("memory of a step", ""): "what the backward pass needs of the forward pass lives in both; only the rest is reused",
}


def reason(line: Line) -> str:
    """Why a line is not met; "" if nothing is known."""
    workload = line.where.split()[0] if line.where else ""
    return REASONS.get((line.goal, workload)) or REASONS.get((line.goal, ""), "")
