"""The calls of the survey: every public function, with the axes of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import ntb
from ntb import data, nn, optim, training
from ntb.nn import initializers
from ntb.optim import schedules

from ..optim.makers import MAKERS

PACKAGES = (nn, initializers, optim, schedules, data, training)

SIZES = {"N": 3, "C": 2, "H": 5, "W": 4, "D": 4, "K": 3, "T": 3, "F": 2, "M": 3, "Z": 3, "P": 2, "Q": 3, "G": 4,
         "S": 4, "E": 2, "B": 8, "X": 6, "R": 1}  # fmt: skip
"""The length of the axis for each letter; X is three times P, B four times P, G twice C."""


class Call(NamedTuple):
    """A way to call a function.

    `arguments` are kind, axes, and the number of classes: "f" stands for floating-point numbers, "p" for numbers from
    0 to 1, "i" for labels, "b" for a mask. `data` are the places of arguments that follow the type of the others.
    """

    name: str
    run: Callable[..., Any]
    arguments: list[tuple[str, str, int]]
    data: tuple[int, ...] = ()
    ranged: bool = True
    differentiable: bool = True
    signed: bool = False
    tried: tuple[int, ...] = tuple(range(9))  # the arguments that are also given as what they are not
    typed: bool = True  # whether the result has the arguments' type
    drawn: bool = False  # whether it is drawn, so that another precision has other values


CALLS: list[Call] = []


def call(name: str, text: str, run: Callable[..., Any], **options: Any) -> None:
    """Enter a call; the arguments are written "f:NC i:N<3 b:N"."""
    arguments = []
    for word in text.split():
        kind, _, axes = word.partition(":")
        axes, _, most = axes.partition("<")
        arguments.append((kind, axes, int(most or 3)))
    CALLS.append(Call(name, run, arguments, **options))


# --- functions of one array

for activation in ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "softplus", "log_sigmoid"):
    f = getattr(nn, activation)
    call(f"nn.{activation}", "f:ND", f)
    call(f"nn.{activation} 0-d", "f:", f)
for f in (nn.celu, nn.hardshrink, nn.hardsigmoid, nn.hardswish, nn.hardtanh, nn.mish, nn.relu6, nn.rrelu, nn.softshrink,
          nn.softsign, nn.squareplus, nn.tanhshrink):  # fmt: skip
    call(f"nn.{f.__name__}", "f:ND", f)
    call(f"nn.{f.__name__} 0-d", "f:", f)
call("nn.gelu none", "f:ND", lambda x: nn.gelu(x, "none"))
call("nn.threshold", "f:ND", lambda x: nn.threshold(x, 0.5, 2))
call("nn.rrelu train", "f:ND", lambda x: nn.rrelu(x, train=True, rng=ntb.random.generator(0)), drawn=True)
call("nn.prelu", "f:NC f:C", nn.prelu)
call("nn.prelu images", "f:NCHW f:C", nn.prelu)
call("nn.prelu one", "f:NC f:", nn.prelu)
call("nn.glu", "f:NX", nn.glu)
call("nn.glu axis=0", "f:XN", lambda x: nn.glu(x, 0, nn.silu))
for f in (nn.softmin, nn.sparsemax):
    call(f"nn.{f.__name__}", "f:ND", f)
    call(f"nn.{f.__name__} axis=0", "f:ND", lambda x, f=f: f(x, axis=0))
    call(f"nn.{f.__name__} vector", "f:D", f)
for hard in (False, True):
    run = lambda x, hard=hard: nn.gumbel_softmax(x, 0.5, hard=hard, rng=ntb.random.generator(0))
    call(f"nn.gumbel_softmax {hard=}", "f:ND", run, drawn=True)
for kind in [kind for kind in vars(nn).values() if isinstance(kind, type) and issubclass(kind, nn.Activation)]:
    if kind is not nn.Activation:
        options = {nn.Threshold: (0.5, 2)}.get(kind, ())
        call(f"nn.{kind.__name__}", "f:NX", lambda x, kind=kind, options=options: kind(*options)(x))
call("nn.leaky_relu slope=0", "f:ND", lambda x: nn.leaky_relu(x, 0))
call("nn.elu alpha=2", "f:ND", lambda x: nn.elu(x, 2))
for f in (nn.softmax, nn.log_softmax, nn.maxout):
    call(f"nn.{f.__name__}", "f:ND", f)
    call(f"nn.{f.__name__} axis=0", "f:ND", lambda x, f=f: f(x, axis=0))
    call(f"nn.{f.__name__} vector", "f:D", f)
for options in ({}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)}):
    call(f"nn.logsumexp {options or ''}".strip(), "f:ND", lambda x, options=options: nn.logsumexp(x, **options))

# --- layers as functions

call("nn.linear", "f:ND f:DM f:M", nn.linear)
call("nn.linear without bias", "f:ND f:DM", nn.linear)
call("nn.linear of a vector", "f:D f:DM f:M", nn.linear)
call("nn.linear of sequences", "f:NTD f:DM f:M", nn.linear)
call("nn.conv1d", "f:NCH f:FCQ f:F", nn.conv1d)
call("nn.conv1d stride 7", "f:NCH f:FCQ", lambda x, w: nn.conv1d(x, w, stride=7))
for options in ({}, {"stride": 2}, {"stride": 6}, {"padding": "same"}, {"padding": ((0, 2), (1, 0))}, {"dilation": 2},
                {"padding": 3, "stride": 5}):  # fmt: skip
    run = lambda x, w, b=None, options=options: nn.conv2d(x, w, b, **options)
    call(f"nn.conv2d {options or ''}".strip(), "f:NCHW f:FCPP f:F", run)
call("nn.conv2d groups", "f:NCHW f:FRPP", lambda x, w: nn.conv2d(x, w, groups=2))
call("nn.conv2d kernel larger with padding", "f:NCPP f:FCHH", lambda x, w: nn.conv2d(x, w, padding=4))
call("nn.conv3d", "f:NCPHW f:FCPPP f:F", nn.conv3d)
for options in ({}, {"stride": 2, "output_padding": 1}, {"output_padding": 1, "dilation": 2},
                {"stride": 2, "padding": 1, "dilation": 2, "output_padding": 1}, {"stride": 3, "output_padding": 2},
                {"stride": 3}, {"stride": (1, 2), "padding": ((1, 0), (0, 1)), "output_padding": (0, 1)}):  # fmt: skip
    run = lambda x, w, b=None, options=options: nn.conv_transpose2d(x, w, b, **options)
    call(f"nn.conv_transpose2d {options or ''}".strip(), "f:NCHW f:CFPP f:F", run)
call("nn.conv_transpose2d groups", "f:NCHW f:CRPP", lambda x, w: nn.conv_transpose2d(x, w, groups=2, stride=2))
for options in ({}, {"stride": 1}, {"stride": 4}, {"padding": 1}, {"ties": "first"}, {"padding": "same"}):
    call(f"nn.max_pool2d {options or ''}".strip(), "f:NCHW", lambda x, options=options: nn.max_pool2d(x, 2, **options))
for options in ({}, {"stride": 3}, {"padding": 1}, {"padding": 1, "count_padding": False}):
    call(f"nn.avg_pool2d {options or ''}".strip(), "f:NCHW", lambda x, options=options: nn.avg_pool2d(x, 2, **options))
call("nn.global_avg_pool", "f:NCHW", nn.global_avg_pool)
call("nn.global_max_pool", "f:NCHW", nn.global_max_pool)
call("nn.batch_norm", "f:NC f:C f:C", lambda x, g, b: nn.batch_norm(x, g, b, train=True), data=(1, 2))
call("nn.batch_norm images", "f:NCHW f:C f:C", lambda x, g, b: nn.batch_norm(x, g, b, train=True), data=(1, 2))
call("nn.batch_norm bare", "f:NTD", lambda x: nn.batch_norm(x, train=True, axis=-1))
call("nn.batch_norm eval", "f:NC f:C f:C f:C p:C",
     lambda x, g, b, m, v: nn.batch_norm(x, g, b, m, v, train=False), data=(1, 2, 3, 4))  # fmt: skip
call("nn.layer_norm", "f:ND f:D f:D", nn.layer_norm, data=(1, 2))
call("nn.layer_norm bare", "f:NTD", lambda x: nn.layer_norm(x, axis=(1, 2)))
call("nn.dropout", "f:ND", lambda x: nn.dropout(x, 0.5, rng=ntb.random.generator(0)), drawn=True)
call("nn.dropout p=0", "f:ND", lambda x: nn.dropout(x, 0, rng=ntb.random.generator(0)))
call("nn.dropout p=1", "f:ND", lambda x: nn.dropout(x, 1.0, rng=ntb.random.generator(0)))
call("nn.dropout p an array", "f:ND p:", lambda x, p: nn.dropout(x, p, rng=ntb.random.generator(0)), drawn=True)
call("nn.embedding", "i:NT<3 f:KD", nn.embedding)
call("nn.cast", "f:ND", lambda x: nn.cast(np.asarray(x) if isinstance(x, list) else x, np.asarray(x).dtype)
     if np.asarray(x).dtype.kind in "f" else np.asarray(x), tried=(), ranged=False)  # fmt: skip
call("nn.one_hot", "i:NT<3", lambda i: nn.one_hot(i, 3), differentiable=False, typed=False)
call("nn.scaled_dot_product_attention", "f:NTD f:NSD f:NSE", nn.scaled_dot_product_attention)
call("nn.scaled_dot_product_attention causal", "f:TD f:SD f:SE",
     lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, causal=True))  # fmt: skip
call("nn.scaled_dot_product_attention mask", "f:NTD f:NSD f:NSE b:NTS",
     lambda q, k, v, m: nn.scaled_dot_product_attention(q, k, v, mask=m))  # fmt: skip
call("nn.additive_attention", "f:NTD f:NSD f:NSE f:D", nn.additive_attention)
call("nn.additive_attention mask", "f:NTD f:NSD f:NSE f:D b:NTS",
     lambda q, k, v, w, m: nn.additive_attention(q, k, v, w, causal=True, mask=m))  # fmt: skip
call(
    "nn.scaled_dot_product_attention dropout",
    "f:NTD f:NSD f:NSE",
    lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, dropout=0.5, rng=ntb.random.generator(0)),
    drawn=True,
)
call("nn.rotary", "f:NTD", nn.rotary)
call("nn.rotary at places", "f:NTD f:T", nn.rotary, data=(1,))
call("nn.sinusoidal_positions", "f:T", lambda p: nn.sinusoidal_positions(p, 5, dtype=float), typed=False)
call("nn.sample", "f:NK", lambda x: nn.sample(x, temperature=0), differentiable=False, typed=False)
call("nn.sample top", "f:NK", lambda x: nn.sample(x, top_k=1, top_p=0.5, rng=ntb.random.generator(0)),
     differentiable=False, typed=False, drawn=True)  # fmt: skip
call("nn.multi_head_attention", "f:NTD f:ZDD f:ZD f:DD f:D", lambda *a: nn.multi_head_attention(*a, heads=2))
call("nn.rnn_cell", "f:ND f:NP f:DP f:PP f:P", nn.rnn_cell)
call("nn.lstm_cell", "f:ND f:NP f:NP f:DB f:PB f:B", lambda x, h, c, *w: nn.lstm_cell(x, (h, c), *w))
call("nn.gru_cell", "f:ND f:NP f:DX f:PX f:X f:X", nn.gru_cell)
call("nn.rnn", "f:NTD f:NP f:DP f:PP f:P", nn.rnn)
call("nn.lstm", "f:NTD f:NP f:NP f:DB f:PB f:B", lambda x, h, c, *w: nn.lstm(x, (h, c), *w))
call("nn.gru", "f:NTD f:NP f:DX f:PX f:X f:X", nn.gru)
call("nn.rnn mask, no state", "f:NTD f:DP f:PP f:P b:NT", lambda x, wx, wh, b, m: nn.rnn(x, None, wx, wh, b, mask=m))
call("nn.lstm mask", "f:NTD f:NP f:NP f:DB f:PB f:B b:NT", lambda x, h, c, *w: nn.lstm(x, (h, c), *w[:3], mask=w[3]))
call("nn.lstm lengths", "f:NTD f:DB f:PB f:B i:N<4", lambda x, *w: nn.lstm(x, None, *w[:3], lengths=w[3]))
call("nn.gru mask", "f:NTD f:NP f:DX f:PX f:X f:X b:NT", lambda x, h, *w: nn.gru(x, h, *w[:4], mask=w[4]))
call("nn.layer_norm_lstm", "f:NTD f:DB f:PB f:B f:B f:B f:P f:P", lambda x, *w: nn.layer_norm_lstm(x, None, *w))
call(
    "nn.conv_lstm_cell", "f:NCHW f:NPHW f:NPHW f:BCQQ f:BPQQ f:B", lambda x, h, c, *w: nn.conv_lstm_cell(x, (h, c), *w)
)
call("nn.length_mask", "i:N<4", lambda n: nn.length_mask(n, 3) * 1, differentiable=False, typed=False)
call("nn.pad_sequences", "f:TD f:SD", lambda a, b: nn.pad_sequences([a, b])[0])
call("nn.embedding padding_idx", "i:NT<3 f:KD", lambda i, w: nn.embedding(i, w, padding_idx=1))
for mode in ("mean", "sum", "max"):
    call(f"nn.embedding_bag {mode}", "i:NT<3 f:KD", lambda i, w, m=mode: nn.embedding_bag(i, w, mode=m, padding_idx=1))

# --- losses and metrics

for loss in (nn.mse, nn.mae, nn.huber):
    for reduction in ("mean", "sum", "none"):
        run = lambda a, b, loss=loss, reduction=reduction: loss(a, b, reduction=reduction)
        call(f"nn.{loss.__name__} {reduction}", "f:ND f:ND", run, data=(1,), signed=True)
    call(f"nn.{loss.__name__} 0-d", "f: f:", loss, data=(1,))
call("nn.huber delta=0", "f:ND f:ND", lambda a, b: nn.huber(a, b, delta=0), data=(1,))
call("nn.l1", "f:ND f:M", nn.l1, signed=True)
call("nn.l2", "f:ND f:M", nn.l2, signed=True)
for reduction in ("mean", "sum", "none"):
    run = lambda x, t, reduction=reduction: nn.binary_cross_entropy_with_logits(x, t, reduction=reduction)
    call(f"nn.binary_cross_entropy_with_logits {reduction}", "f:ND p:ND", run, data=(1,))
    run = lambda x, i, reduction=reduction: nn.cross_entropy(x, i, reduction=reduction)
    call(f"nn.cross_entropy {reduction}", "f:NK i:N<3", run)
    run = lambda x, i, reduction=reduction: nn.nll(x, i, reduction=reduction)
    call(f"nn.nll {reduction}", "f:NK i:N<3", run)
call("nn.binary_cross_entropy_with_logits mask, weights", "f:ND p:ND b:ND p:ND",
     lambda x, t, m, w: nn.binary_cross_entropy_with_logits(x, t, mask=m, weights=w), data=(1, 3))  # fmt: skip
call("nn.cross_entropy vector", "f:K i:<3", nn.cross_entropy)
call("nn.cross_entropy axis=1", "f:NKM i:NM<3", lambda x, i: nn.cross_entropy(x, i, axis=1))
call("nn.cross_entropy soft", "f:NK p:NK", nn.cross_entropy, data=(1,))
call("nn.cross_entropy soft, axis=1", "f:NKM p:NKM", lambda x, p: nn.cross_entropy(x, p, axis=1), data=(1,))
call("nn.cross_entropy mask, weights", "f:NK i:N<3 b:N p:N",
     lambda x, i, m, w: nn.cross_entropy(x, i, mask=m, weights=w), data=(3,))  # fmt: skip
call(
    "nn.cross_entropy zero weights",
    "f:NK i:N<3",
    lambda x, i: nn.cross_entropy(x, i, weights=np.zeros(np.shape(i))),
    tried=(0,),
)
call("nn.nll soft", "f:NK p:NK", nn.nll, data=(1,))
call("nn.nll mask, weights", "f:NK i:N<3 b:N p:N", lambda x, i, m, w: nn.nll(x, i, mask=m, weights=w), data=(3,))
call("nn.accuracy", "f:NK i:N<3", nn.accuracy, differentiable=False, typed=False)
call("nn.accuracy mask", "f:NK i:N<3 b:N", lambda x, i, m: nn.accuracy(x, i, mask=m), differentiable=False,
     typed=False)  # fmt: skip

# --- layers, in the type of their parameters


def layer(name: str, axes: str, make: Callable[[Any], Any], kind: str = "f", **options: Any) -> None:
    """A layer in single precision: whatever the data, its result is so, too. The call's second argument is a zero of
    that precision, which says to the survey in which type the result is expected."""
    models: dict[Any, Any] = {}

    def run(x: Any, follow: Any) -> Any:
        dtype = np.asarray(follow).dtype.newbyteorder("=")
        if dtype.kind != "f":
            raise ntb.InputError(f"a layer of {dtype} is not what is tried here")
        if dtype not in models:
            ntb.random.seed(1)
            models[dtype] = make(dtype)
        return models[dtype](x, train=True)

    call(name, f"{kind}:{axes} f:R", run, data=(0,), differentiable=kind == "f", tried=(0,), **options)


layer("nn.Linear", "ND", lambda d: nn.Linear(4, 3, dtype=d))
layer("nn.Conv1d", "NCH", lambda d: nn.Conv1d(2, 3, 2, dtype=d))
layer("nn.Conv2d", "NCHW", lambda d: nn.Conv2d(2, 3, 2, dtype=d))
layer("nn.Conv3d", "NCPHW", lambda d: nn.Conv3d(2, 3, 2, dtype=d))
layer("nn.Embedding", "NT<3", lambda d: nn.Embedding(3, 4, dtype=d), kind="i")
layer("nn.BatchNorm", "NC", lambda d: nn.BatchNorm(2, dtype=d))
layer("nn.LayerNorm", "ND", lambda d: nn.LayerNorm(4, dtype=d))
layer("nn.PReLU", "NC", lambda d: nn.PReLU(2, dtype=d))
layer("nn.RNN", "NTD", lambda d: nn.RNN(4, 2, dtype=d))
layer("nn.LSTM", "NTD", lambda d: nn.LSTM(4, 2, dtype=d))
layer("nn.GRU", "NTD", lambda d: nn.GRU(4, 2, dtype=d))
layer("nn.LSTM layers, both directions", "NTD", lambda d: nn.LSTM(4, 2, layers=2, bidirectional=True, dtype=d))
layer("nn.LayerNormLSTM", "NTD", lambda d: nn.LayerNormLSTM(4, 2, dtype=d))
layer("nn.ConvLSTM2d", "NTCHW", lambda d: nn.ConvLSTM2d(2, 2, 3, dtype=d))
layer("nn.EmbeddingBag", "NT<3", lambda d: nn.EmbeddingBag(3, 4, dtype=d), kind="i")
layer("nn.TimeDistributed", "NTCHW", lambda d: nn.TimeDistributed(nn.Conv2d(2, 3, 2, dtype=d)))
call("nn.Last", "f:NTD", nn.Last(), tried=())  # a pair is what it takes
layer("nn.Sequential", "ND", lambda d: nn.Sequential(nn.Linear(4, 3, dtype=d), nn.relu, nn.Linear(3, 2, dtype=d)))
layer("nn.Residual", "ND", lambda d: nn.Residual(nn.Linear(4, 4, dtype=d)))
layer("nn.MLP", "ND", lambda d: nn.MLP(4, 3, 2, dtype=d))
layer("nn.FeedForward", "NTD", lambda d: nn.FeedForward(4, dtype=d))
layer("nn.LearnedPositions", "NTD", lambda d: nn.LearnedPositions(9, 4, dtype=d))
layer("nn.MultiHeadAttention", "NTD", lambda d: nn.MultiHeadAttention(4, 2, kv_heads=1, causal=True, dtype=d))
layer("nn.TransformerEncoderLayer", "NTD", lambda d: nn.TransformerEncoderLayer(4, 2, rotary=True, dtype=d))


def decoded(dtype: Any) -> Any:
    block = nn.TransformerDecoderLayer(4, 2, norm_first=False, dtype=dtype)
    return lambda x, train: block(x, train, context=x)


layer("nn.TransformerDecoderLayer", "NTD", decoded)
call("nn.SinusoidalPositions", "f:NTD", nn.SinusoidalPositions())
call("nn.Dropout", "f:ND", lambda x: nn.Dropout(0.5, rng=ntb.random.generator(0))(x, train=True), drawn=True)
call("nn.MaxPool2d", "f:NCHW", nn.MaxPool2d(2))
call("nn.AvgPool2d", "f:NCHW", nn.AvgPool2d(2))
call("nn.Flatten", "f:NCHW", nn.Flatten())

# --- optimizers: three steps; schedules


def steps(make: Callable[[], Any]) -> Callable[..., Any]:
    def run(w: Any, g: Any) -> Any:
        variable = ntb.Variable(np.asarray(w))
        if np.asarray(w).dtype.kind in "fc":
            variable = ntb.Variable(np.asarray(w, np.asarray(w).dtype.newbyteorder("=")))
        optimizer = make()
        for scale in (1, 2, 1):
            optimizer.apply([g if scale == 1 else np.multiply(g, 2)], [variable])
        return variable.value

    return run


makers = dict(MAKERS)
del makers["SAM"]
makers |= {
    "SGD lr in velocity": lambda: optim.SGD(0.1, momentum=0.9, lr_in_velocity=True),
    "Adam without decay": lambda: optim.Adam(0.1),
}
for name, make in makers.items():
    call(f"optim.{name}", "f:ND f:ND", steps(make), data=(1,), differentiable=False, tried=(1,))
    if name != "Muon":
        call(f"optim.{name} 0-d", "f: f:", steps(make), data=(1,), differentiable=False, tried=(1,))
call("optim.clip_by_value", "f:ND f:M", lambda a, b: optim.clip_by_value([a, None, b], 0.5))
call("optim.clip_by_norm", "f:ND f:M", lambda a, b: optim.clip_by_norm([a, None, b], 0.5))
call("optim.clip_by_global_norm", "f:ND f:M", lambda a, b: optim.clip_by_global_norm([a, None, b], 0.5)[0])
call("optim.clip_by_global_norm limit=inf", "f:ND f:M", lambda a, b: optim.clip_by_global_norm([a, b], np.inf)[0])
for name, schedule in {
    "constant": schedules.constant(0.1),
    "step_decay": schedules.step_decay(0.1, 2),
    "exponential": schedules.exponential(0.1, 0.5, 2),
    "cosine": schedules.cosine(0.1, 4),
    "cosine_restarts": schedules.cosine_restarts(0.1, 2, longer=2),
    "cyclic": schedules.cyclic(0.1, 0.3, 2, shrink=0.5),
    "inverse_time": schedules.inverse_time(0.1, 0.5),
    "join": schedules.join([0.1, schedules.linear(0.1, 4)], [2]),
    "linear": schedules.linear(0.1, 4),
    "multi_step": schedules.multi_step(0.1, [2, 4]),
    "one_cycle": schedules.one_cycle(0.1, 6),
    "piecewise": schedules.piecewise([0.1, 0.2], [2]),
    "polynomial": schedules.polynomial(0.1, 4, power=2),
    "warmup": schedules.warmup(3, schedules.cosine(0.1, 4)),
}.items():
    call(f"optim.schedules.{name}", "i:<9", schedule, ranged=False, differentiable=False, typed=False)

# --- data, training, initializers: by their shapes

call("data.batches", "f:ND i:N<3", lambda x, i: list(data.batches(x, i, size=2)), ranged=False, differentiable=False,
     tried=())  # fmt: skip
call("data.batches shuffled", "f:ND i:N<3", lambda x, i: list(data.batches(x, i, size=2, shuffle=0)), ranged=False,
     differentiable=False, tried=())  # fmt: skip
call("training.numbers", "f:", lambda x: list(training.numbers({"a": x}).values()), differentiable=False, typed=False)


def trained(x: Any, y: Any) -> Any:
    w = ntb.Variable(np.zeros(3))
    optimizer = optim.SGD(0.1)

    def step(x: Any, y: Any) -> Any:
        return optimizer.minimize(lambda: nn.mse(nn.linear(x, np.ones((3, 1)))[:, 0] * w[0], y), [w])

    solver = training.Solver(step, lambda: data.batches(x, y, size=2), progress=False)
    return solver.train(1)["loss"]


call("training.Solver", "f:NM f:N", trained, differentiable=False, typed=False)
for name in ("constant", "delta_orthogonal", "dirac", "he_normal", "he_uniform", "identity", "lecun_normal",
             "lecun_uniform", "normal", "orthogonal", "sparse", "truncated_normal", "uniform", "variance_scaling",
             "xavier_normal", "xavier_uniform"):  # fmt: skip
    run = lambda x, name=name: getattr(initializers, name)(np.shape(x), rng=ntb.random.generator(0))
    call(f"nn.initializers.{name}", "f:ND", run, differentiable=False, typed=False, tried=())
call("nn.initializers.stacked", "f:NDM", lambda x: initializers.stacked(initializers.identity)(np.shape(x)),
     differentiable=False, typed=False, tried=())  # fmt: skip
call("nn.initializers.fans", "f:ND", lambda x: list(initializers.fans(np.shape(x))), differentiable=False,
     typed=False, tried=())  # fmt: skip

NOT_CALLED = {
    "nn.Module": "the base of layers",
    "nn.Activation": "the base of activations as layers",
    "nn.KeyValueCache": "what attention remembers, which is not called",
    "optim.Optimizer": "the base of optimizers",
    "optim.SAM": "computes the loss itself; tests/optim/test_laws.py",
    "optim.EMA": "averages of Variables, which are converted before; tests/optim/test_around.py",
    "optim.SWA": "as EMA",
    "optim.minimize": "Variables and a loss; tests/optim/test_around.py",
    "optim.schedules.ReduceOnPlateau": "what it is told is a number; tests/optim/test_around.py",
}
"""Names that have no call, with the reason."""
