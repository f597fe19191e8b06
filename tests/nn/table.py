"""The calls of the survey: every public function, with the axes of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import ntb
from ntb import data, metrics, nn, optim, training
from ntb.data import augment
from ntb.nn import initializers
from ntb.nn.ranges import checked_mask
from ntb.optim import schedules
from ntb.training.report import numbers

from ..optim.makers import MAKERS

PACKAGES = (nn, initializers, optim, schedules, data, augment, training, metrics)

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
for kind in [getattr(nn, name) for name in nn.__all__]:
    if isinstance(kind, type) and issubclass(kind, nn.Activation) and kind is not nn.Activation:
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
call("nn.pad_sequences before", "f:TD f:SD", lambda a, b: nn.pad_sequences([a, b], multiple=5, side="before")[0])
call("nn.embedding padding_idx", "i:NT<3 f:KD", lambda i, w: nn.embedding(i, w, padding_idx=1))
for mode in ("mean", "sum", "max"):
    call(f"nn.embedding_bag {mode}", "i:NT<3 f:KD", lambda i, w, m=mode: nn.embedding_bag(i, w, mode=m, padding_idx=1))

# --- images and signals

call("nn.conv1d causal", "f:NCH f:FCQ f:F", lambda x, w, b: nn.conv1d(x, w, b, padding="causal", stride=2, dilation=2))
call("nn.conv_transpose1d", "f:NCH f:CFQ f:F", lambda x, w, b: nn.conv_transpose1d(x, w, b, stride=2, padding=1))
call("nn.conv_transpose3d", "f:NCPHW f:CFPPP f:F", lambda x, w, b: nn.conv_transpose3d(x, w, b, output_padding=1))
call("nn.unfold", "f:NCHW", lambda x: nn.unfold(x, 2, stride=2, padding=1, dilation=(1, 2)), typed=False)
call("nn.fold", "f:NWX", lambda x: nn.fold(x, (4, 3), 2))
for f, axes in ((nn.max_pool1d, "NCH"), (nn.max_pool3d, "NCPHW"), (nn.avg_pool1d, "NCH"), (nn.avg_pool3d, "NCPHW")):
    call(f"nn.{f.__name__}", f"f:{axes}", lambda x, f=f: f(x, 2, padding=1, stride=3))
for p in (3, np.inf):
    call(f"nn.lp_pool1d p={p}", "f:NCH", lambda x, p=p: nn.lp_pool1d(x, p, 2))
call("nn.lp_pool2d", "f:NCHW", lambda x: nn.lp_pool2d(x, 2, 2, stride=1))
for dims, axes in ((1, "NCH"), (2, "NCHW"), (3, "NCPHW")):
    for kind in ("avg", "max"):
        f = getattr(nn, f"adaptive_{kind}_pool{dims}d")
        call(f"nn.{f.__name__}", f"f:{axes}", lambda x, f=f: f(x, 3))
for options in ({"scale": 2}, {"size": 3}, {"size": 6, "mode": "linear", "align_corners": True}):
    run = lambda x, options=options: nn.interpolate(x, **options)
    call(f"nn.interpolate {options}", "f:NCHW", run, typed="mode" in options)
call("nn.pixel_shuffle", "f:NWHC", lambda x: nn.pixel_shuffle(x, 2), typed=False)
call("nn.pixel_unshuffle", "f:NCWD", lambda x: nn.pixel_unshuffle(x, 2), typed=False)
call("nn.group_norm", "f:NGHW f:G f:G", lambda x, g, b: nn.group_norm(x, 2, g, b), data=(1, 2))
call("nn.group_norm bare", "f:NG", lambda x: nn.group_norm(x, 1))
call("nn.instance_norm", "f:NCHW f:C f:C", nn.instance_norm, data=(1, 2))
call("nn.rms_norm", "f:ND f:D", nn.rms_norm, data=(1,))
call("nn.unit_norm", "f:ND", nn.unit_norm)
call("nn.local_response_norm", "f:NCHW", lambda x: nn.local_response_norm(x, 3, alpha=0.5))
call(
    "nn.dropout shared", "f:NCHW", lambda x: nn.dropout(x, 0.5, shared=(2, -1), rng=ntb.random.generator(0)), drawn=True
)
for name in ("alpha_dropout", "gaussian_dropout", "gaussian_noise"):
    run = lambda x, name=name: getattr(nn, name)(x, 0.5, rng=ntb.random.generator(0))
    call(f"nn.{name}", "f:ND", run, drawn=True)
call("nn.alpha_dropout p=1", "f:ND", lambda x: nn.alpha_dropout(x, 1.0, rng=ntb.random.generator(0)))

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
for loss in (nn.smooth_l1, nn.log_cosh, nn.poisson_nll):
    call(f"nn.{loss.__name__}", "f:ND f:ND", loss, data=(1,), signed=loss is not nn.poisson_nll)
    run = lambda a, b, m, w, loss=loss: loss(a, b, mask=m, weights=w)
    call(f"nn.{loss.__name__} mask, weights", "f:ND f:ND b:ND p:ND", run, data=(1, 3))
for loss in (nn.mse, nn.mae, nn.huber):
    run = lambda a, b, m, w, loss=loss: loss(a, b, mask=m, weights=w)
    call(f"nn.{loss.__name__} mask, weights", "f:ND f:ND b:ND p:ND", run, data=(1, 3))
call("nn.elastic", "f:ND f:M", nn.elastic, signed=True)
call("nn.orthogonal_penalty", "f:ND f:DM", nn.orthogonal_penalty)
call("nn.gaussian_nll", "f:ND f:ND p:ND", lambda x, t, v: nn.gaussian_nll(x, t, v, eps=0.01), data=(1, 2))
call(
    "nn.gaussian_nll mask",
    "f:ND f:ND p:ND b:ND",
    lambda x, t, v, m: nn.gaussian_nll(x, t, v, eps=0.1, mask=m),
    data=(1, 2),
)
call("nn.kl_div", "f:NK p:NK", nn.kl_div, data=(1,))
call("nn.kl_div axis=1, mask", "f:NKM p:NKM b:NM", lambda x, t, m: nn.kl_div(x, t, axis=1, mask=m), data=(1,))
call("nn.binary_cross_entropy", "p:ND p:ND", nn.binary_cross_entropy, data=(1,))
call("nn.binary_cross_entropy mask, weights", "p:ND p:ND b:ND p:ND",
     lambda x, t, m, w: nn.binary_cross_entropy(x, t, mask=m, weights=w), data=(1, 3))  # fmt: skip
call("nn.binary_focal", "f:ND p:ND", nn.binary_focal, data=(1,))
call(
    "nn.binary_focal alpha",
    "f:ND p:ND b:ND",
    lambda x, t, m: nn.binary_focal(x, t, gamma=0.5, alpha=0.3, mask=m),
    data=(1,),
)
call("nn.focal", "f:NK i:N<3", nn.focal)
call("nn.focal soft", "f:NK p:NK", lambda x, t: nn.focal(x, t, gamma=0.5, reduction="none"), data=(1,))
call("nn.categorical_cross_entropy", "p:NK i:N<3", nn.categorical_cross_entropy)
call("nn.categorical_cross_entropy soft", "p:NK p:NK", nn.categorical_cross_entropy, data=(1,))
call("nn.cross_entropy class weights", "f:NK i:N<3 p:K",
     lambda x, i, w: nn.cross_entropy(x, i, class_weights=w, label_smoothing=0.1), data=(2,))  # fmt: skip
call("nn.cross_entropy soft, class weights", "f:NK p:NK p:K p:N",
     lambda x, t, c, w: nn.cross_entropy(x, t, class_weights=c, weights=w), data=(1, 2, 3))  # fmt: skip
call("nn.cross_entropy ignore_index", "f:NK i:N<3 b:N", lambda x, i, m: nn.cross_entropy(x, i, mask=m, ignore_index=1))
for loss in (nn.multi_margin, nn.multiclass_hinge):
    call(f"nn.{loss.__name__}", "f:NK i:N<3", loss)
    call(f"nn.{loss.__name__} mask, weights", "f:NKM i:NM<3 b:NM p:NM",
         lambda x, i, m, w, loss=loss: loss(x, i, mask=m, weights=w, axis=1), data=(3,))  # fmt: skip
for loss in (nn.hinge, nn.squared_hinge, nn.soft_margin):
    run = lambda x, b, loss=loss: loss(x, np.where(checked_mask(b), 1, -1))
    call(f"nn.{loss.__name__}", "f:ND b:ND", run, tried=(0,))
call("nn.hinge targets", "f:ND f:ND b:ND", lambda x, t, m: nn.hinge(x, t, mask=m), data=(1,))
call("nn.margin_ranking", "f:ND f:ND b:ND",
     lambda a, c, b: nn.margin_ranking(a, c, np.where(checked_mask(b), 1, -1), margin=0.25), data=(1,),
     tried=(0, 1))  # fmt: skip
call("nn.multilabel_margin", "f:NK p:NK", nn.multilabel_margin, data=(1,))
call("nn.multilabel_margin mask", "f:NK p:NK b:N", lambda x, t, m: nn.multilabel_margin(x, t, mask=m), data=(1,))
call("nn.cosine_similarity", "f:ND f:ND", nn.cosine_similarity, data=(1,))
call("nn.cosine_similarity axis=0", "f:ND f:ND", lambda a, b: nn.cosine_similarity(a, b, axis=0), data=(1,))
for loss in (nn.cosine_embedding, nn.contrastive):
    call(f"nn.{loss.__name__}", "f:ND f:ND b:N", loss, data=(1,))
    call(f"nn.{loss.__name__} mask", "f:ND f:ND b:N b:N p:N",
         lambda a, b, t, m, w, loss=loss: loss(a, b, t, mask=m, weights=w), data=(1, 4))  # fmt: skip
call("nn.triplet_margin", "f:ND f:ND f:ND", nn.triplet_margin, data=(1, 2))
for loss in (nn.dice, nn.tversky):
    call(f"nn.{loss.__name__}", "p:NHW p:NHW", loss, data=(1,))
    call(f"nn.{loss.__name__} mask, smooth=0", "p:NHW p:NHW b:NHW p:N",
         lambda p, t, m, w, loss=loss: loss(p, t, mask=m, weights=w, smooth=0), data=(1, 3))  # fmt: skip
call("nn.ctc", "f:NSK i:NP<1", lambda x, i: nn.ctc(x, i, blank=2))
call("nn.ctc label_lengths, mask", "f:NXK i:NT<2 i:N<3 b:N",
     lambda x, i, n, m: nn.ctc(x, i, label_lengths=n, blank=2, mask=m))  # fmt: skip
call("nn.ctc lengths", "f:NXK i:N<6", lambda x, n: nn.ctc(x, np.zeros((len(n), 0), int), lengths=n), tried=())
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
layer("nn.ChannelsLast", "NHWC", lambda d: nn.ChannelsLast(nn.Conv2d(2, 3, 2, dtype=d)))
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

layer("nn.ConvTranspose1d", "NCH", lambda d: nn.ConvTranspose1d(2, 3, 2, stride=2, dtype=d))
layer("nn.ConvTranspose2d", "NCHW", lambda d: nn.ConvTranspose2d(2, 3, 2, dtype=d))
layer("nn.ConvTranspose3d", "NCPHW", lambda d: nn.ConvTranspose3d(2, 3, 2, dtype=d))
layer("nn.SeparableConv2d", "NCHW", lambda d: nn.SeparableConv2d(2, 3, 2, dtype=d))
layer("nn.GroupNorm", "NGHW", lambda d: nn.GroupNorm(2, 4, dtype=d))
layer("nn.InstanceNorm", "NCHW", lambda d: nn.InstanceNorm(2, dtype=d))
layer("nn.RMSNorm", "ND", lambda d: nn.RMSNorm(4, dtype=d))
layer("nn.Normalize", "ND", lambda d: nn.Normalize(4, dtype=d).adapt(np.arange(8.0).reshape(2, 4) ** 2))
layer("nn.WeightNorm", "ND", lambda d: nn.WeightNorm(nn.Linear(4, 3, dtype=d)))
layer("nn.SpectralNorm", "ND", lambda d: nn.SpectralNorm(nn.Linear(4, 3, dtype=d)))
for name, axes in {"Dropout1d": "NCH", "Dropout2d": "NCHW", "Dropout3d": "NCPHW", "DropPath": "ND",
                   "AlphaDropout": "ND", "GaussianDropout": "ND", "GaussianNoise": "ND"}.items():  # fmt: skip
    run = lambda x, name=name: getattr(nn, name)(0.5, rng=ntb.random.generator(0))(x, train=True)
    call(f"nn.{name}", f"f:{axes}", run, drawn=True)
for dims, axes in ((1, "NCH"), (2, "NCHW"), (3, "NCPHW")):
    for name in ("MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool"):
        if dims != 2 or name.startswith("Adaptive"):
            call(f"nn.{name}{dims}d", f"f:{axes}", getattr(nn, f"{name}{dims}d")(2))
call("nn.LPPool1d", "f:NCH", nn.LPPool1d(2, 2))
call("nn.LPPool2d", "f:NCHW", nn.LPPool2d(2, 2))
call("nn.GlobalAvgPool", "f:NCHW", nn.GlobalAvgPool())
call("nn.GlobalMaxPool", "f:NCHW", nn.GlobalMaxPool())
call("nn.LocalResponseNorm", "f:NCHW", nn.LocalResponseNorm(3))
call("nn.UnitNorm", "f:ND", nn.UnitNorm())
call("nn.Upsample", "f:NCHW", nn.Upsample(2, mode="linear"))
call("nn.PixelShuffle", "f:NGHW", nn.PixelShuffle(2), typed=False)
call("nn.PixelUnshuffle", "f:NCWD", nn.PixelUnshuffle(2), typed=False)
for mode in ("zeros", "reflect"):
    call(f"nn.Pad {mode}", "f:NCHW", nn.Pad(2, mode), typed=False)

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
call("data.split", "f:ND i:N<3", lambda x, i: [a for part in data.split(x, i, shuffle=0) for a in part], ranged=False,
     differentiable=False, tried=())  # fmt: skip
call("data.prefetch", "f:ND", lambda x: list(data.prefetch(data.batches(x, size=2))), ranged=False,
     differentiable=False, tried=())  # fmt: skip
call("data.batches replace", "f:ND i:N<3", lambda x, i: list(data.batches(x, i, size=2, shuffle=0, replace=True)),
     ranged=False, differentiable=False, tried=())  # fmt: skip
call("data.bucketed", "f:TD f:SD", lambda x, y: [p for p, _ in data.bucketed([x, y], size=1)], tried=())
call("data.shards", "f:ND f:MD", lambda x, y: list(data.shards([x, y], size=2, load=lambda a: (a,))),
     differentiable=False, tried=())  # fmt: skip
call("data.columns", "f:ND i:N<3", lambda x, i: data.columns({"x": x, "i": i}), ranged=False, differentiable=False,
     typed=False, tried=())  # fmt: skip
call("data.augmented", "f:NCHW", lambda x: list(data.augmented(data.batches(x, size=2), data.augment.flip)),
     differentiable=False)  # fmt: skip
for name, options in {"affine": {"degrees": 9}, "brightness": {}, "contrast": {}, "crop": {}, "cutout": {"size": 2},
                      "flip": {}, "noise": {"std": 0.5}}.items():  # fmt: skip
    run = lambda x, name=name, options=options: getattr(augment, name)(x, np.random.default_rng(0), **options)
    call(f"data.augment.{name}", "f:NCHW", run, differentiable=False, drawn=True)
call("data.augment.mixup", "f:NCHW p:NK", lambda x, y: augment.mixup(x, y, np.random.default_rng(0)),
     differentiable=False, drawn=True, typed=False)  # fmt: skip
call("training.report.numbers", "f:", lambda x: list(numbers({"a": x}).values()), differentiable=False, typed=False)


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

# --- metrics: functions, and objects that are told of two batches


def metric(name: str, text: str, run: Callable[..., Any], **options: Any) -> None:
    call(f"metrics.{name}", text, run, differentiable=False, typed=False, **options)


def streamed(make: Callable[[], Any]) -> Callable[..., Any]:
    def run(x: Any, t: Any) -> Any:
        m = make()
        m.update(x, t)
        m.update(x, t)
        return m.result()

    return run


for f, kind in ((metrics.mse, metrics.MSE), (metrics.rmse, metrics.RMSE), (metrics.mae, metrics.MAE)):
    metric(f.__name__, "f:ND f:ND", f)
    metric(f"{f.__name__} mask", "f:ND f:ND b:ND", lambda x, t, m, f=f: f(x, t, mask=m))
    metric(kind.__name__, "f:ND f:ND", streamed(kind))
metric("r2", "f:ND f:ND", metrics.r2)
metric("r2 mask", "f:N f:N b:N", lambda x, t, m: metrics.r2(x, t, mask=m))
metric("R2", "f:ND f:ND", streamed(metrics.R2))
metric("Mean", "f:ND f:ND", streamed(lambda: metrics.Mean(nn.mse)))
for f in (metrics.accuracy, metrics.confusion_matrix, metrics.mean_iou):
    metric(f.__name__, "f:NK i:N<3", f)
    metric(f"{f.__name__} mask", "f:NDK i:ND<3 b:ND", lambda x, t, m, f=f: f(x, t, mask=m))
metric("accuracy threshold", "f:N i:N<2", lambda x, t: metrics.accuracy(x, t, threshold=0.5))
for f in (metrics.precision, metrics.recall, metrics.f1):
    metric(f.__name__, "i:N<2 i:N<2", f, ranged=False)
    metric(f"{f.__name__} macro", "f:NK i:N<3", lambda x, t, f=f: f(x, t, average="macro"))
metric("top_k_accuracy", "f:NK i:N<3", lambda x, t: metrics.top_k_accuracy(x, t, k=2))
metric("perplexity", "f:NK i:N<3", metrics.perplexity)
metric("roc_auc", "f:N i:N<2", metrics.roc_auc)
metric("roc_auc mask", "f:ND i:ND<2 b:ND", lambda x, t, m: metrics.roc_auc(x, t, mask=m))
for kind in (metrics.Accuracy, metrics.TopKAccuracy, metrics.Perplexity, metrics.ConfusionMatrix, metrics.MeanIoU):
    metric(kind.__name__, "f:NK i:N<3", streamed(kind))
for kind in (metrics.Precision, metrics.Recall, metrics.F1):
    metric(kind.__name__, "f:NK i:N<3", streamed(lambda kind=kind: kind(average="weighted")))
metric("AUC", "f:N i:N<2", streamed(metrics.AUC))

NOT_CALLED = {
    "data.from_function": "its batches are what the function makes; tests/data/test_epochs.py",
    "metrics.Metric": "the base of metrics",
    "training.write_csv": "it writes a file",
    "training.about": "it reads a file",
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
