"""The building blocks of `ntb.nn` and `ntb.optim` beside PyTorch's: a line for each.

    block("gelu", "f:128,1024", lambda: nn.gelu, lambda torch: torch.nn.GELU("tanh"))

The line has a name, the arrays that the block is called with, what makes it here, and what makes it there. Arrays are
written "f:64,128 p:64,10 i:64<10 b:64": numbers, numbers from 0 to 1 such as targets, labels below ten, a mask. What
is measured is the gradient, by the arrays "f" and the block's parameters, of a weighted sum of the block's (first)
result, or of the result itself if it is one number. An optimizer's line is one update of parameters by given gradients.

`compare_blocks.py` measures them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ntb import nn, optim


class Block(NamedTuple):
    """A line of the table: `ours()` and `theirs(torch)` make a function of the arrays, or an optimizer."""

    arrays: str
    ours: Callable[[], Any]
    theirs: Callable[[Any], Any]


BLOCKS: dict[str, Block] = {}
OPTIMIZERS: dict[str, Block] = {}


def block(name: str, arrays: str, ours: Callable[[], Any], theirs: Callable[[Any], Any]) -> None:
    BLOCKS[name] = Block(arrays, ours, theirs)


def optimizer(name: str, ours: Callable[[], Any], theirs: Callable[[Any], Any]) -> None:
    OPTIMIZERS[name] = Block(PERCEPTRON, ours, theirs)


def arrays_of(text: str, longest: int | None = None) -> list[np.ndarray]:
    """The arrays that a line asks for, in float32; with `longest` no axis is longer, as tests want it."""
    rng, found = np.random.default_rng(0), []
    for word in text.split():
        kind, _, rest = word.partition(":")
        axes, _, most = rest.partition("<")
        shape = [int(n) if longest is None else min(int(n), longest) for n in axes.split(",")]
        if kind == "i":
            count = int(most) if longest is None else min(int(most), longest)
            found.append(rng.integers(0, count, shape))
        else:
            x = rng.uniform(size=shape) if kind == "p" else rng.normal(size=shape)
            found.append(x > 0 if kind == "b" else x.astype(np.float32))
    return found


def self_attention(layer: Any) -> Any:
    """PyTorch's attention of words to each other, without the weights as a second result."""
    layer.forward = partial(_forward, layer.forward)
    return layer


def _forward(forward: Callable[..., Any], x: Any) -> Any:
    return forward(x, x, x, need_weights=False)[0]


def _ctc(torch: Any, x: Any, labels: Any) -> Any:
    n, steps, _ = x.shape
    scores, lengths = x.log_softmax(-1).transpose(0, 1), torch.full((n,), steps)
    return torch.nn.functional.ctc_loss(scores, labels, lengths, torch.full((n,), labels.shape[1]), blank=19)


ROWS, IMAGES, WORDS, PERCEPTRON = (
    "128,1024",
    "32,32,32,32",
    "16,64,128",
    "f:784,512 f:512 f:512,512 f:512 f:512,10 f:10",
)

# --- activations

block("relu", f"f:{ROWS}", lambda: nn.relu, lambda torch: torch.relu)
block("leaky_relu", f"f:{ROWS}", lambda: nn.leaky_relu, lambda torch: torch.nn.LeakyReLU())
block("elu", f"f:{ROWS}", lambda: nn.elu, lambda torch: torch.nn.ELU())
block("selu", f"f:{ROWS}", lambda: nn.selu, lambda torch: torch.nn.SELU())
block("gelu", f"f:{ROWS}", lambda: nn.gelu, lambda torch: torch.nn.GELU("tanh"))
block("silu", f"f:{ROWS}", lambda: nn.silu, lambda torch: torch.nn.SiLU())
block("sigmoid", f"f:{ROWS}", lambda: nn.sigmoid, lambda torch: torch.sigmoid)
block("softplus", f"f:{ROWS}", lambda: nn.softplus, lambda torch: torch.nn.Softplus())
block("log_sigmoid", f"f:{ROWS}", lambda: nn.log_sigmoid, lambda torch: torch.nn.LogSigmoid())
block("softmax", f"f:{ROWS}", lambda: nn.softmax, lambda torch: torch.nn.Softmax(-1))
block("log_softmax", f"f:{ROWS}", lambda: nn.log_softmax, lambda torch: torch.nn.LogSoftmax(-1))
block("logsumexp", f"f:{ROWS}", lambda: lambda x: nn.logsumexp(x, axis=-1), lambda torch: lambda x: x.logsumexp(-1))
block("maxout", f"f:{ROWS}", lambda: nn.maxout, lambda torch: lambda x: x.amax(-1))
block("celu", f"f:{ROWS}", lambda: nn.celu, lambda torch: torch.nn.CELU())
block("glu", f"f:{ROWS}", lambda: nn.glu, lambda torch: torch.nn.GLU())
block("hardshrink", f"f:{ROWS}", lambda: nn.hardshrink, lambda torch: torch.nn.Hardshrink())
block("hardsigmoid", f"f:{ROWS}", lambda: nn.hardsigmoid, lambda torch: torch.nn.Hardsigmoid())
block("hardswish", f"f:{ROWS}", lambda: nn.hardswish, lambda torch: torch.nn.Hardswish())
block("hardtanh", f"f:{ROWS}", lambda: nn.hardtanh, lambda torch: torch.nn.Hardtanh())
block("mish", f"f:{ROWS}", lambda: nn.mish, lambda torch: torch.nn.Mish())
block("relu6", f"f:{ROWS}", lambda: nn.relu6, lambda torch: torch.nn.ReLU6())
block("softmin", f"f:{ROWS}", lambda: nn.softmin, lambda torch: torch.nn.Softmin(-1))
block("softshrink", f"f:{ROWS}", lambda: nn.softshrink, lambda torch: torch.nn.Softshrink())
block("softsign", f"f:{ROWS}", lambda: nn.softsign, lambda torch: torch.nn.Softsign())
block("tanhshrink", f"f:{ROWS}", lambda: nn.tanhshrink, lambda torch: torch.nn.Tanhshrink())
block("PReLU", f"f:{IMAGES}", lambda: nn.PReLU(32), lambda torch: torch.nn.PReLU(32))
block("rrelu", f"f:{ROWS}", lambda: lambda x: nn.rrelu(x, train=True), lambda torch: torch.nn.RReLU())
block("threshold", f"f:{ROWS}", lambda: nn.Threshold(0.1, 0.0), lambda torch: torch.nn.Threshold(0.1, 0.0))
block("gelu of erf", f"f:{ROWS}", lambda: nn.GELU("none"), lambda torch: torch.nn.GELU())
block("gumbel_softmax", f"f:{ROWS}", lambda: nn.gumbel_softmax, lambda torch: torch.nn.functional.gumbel_softmax)

# --- layers

block("Linear", f"f:{ROWS}", lambda: nn.Linear(1024, 512), lambda torch: torch.nn.Linear(1024, 512))
block("Embedding", "i:64,64<1000", lambda: nn.Embedding(1000, 128), lambda torch: torch.nn.Embedding(1000, 128))
block("Conv1d", "f:32,32,256", lambda: nn.Conv1d(32, 64, 3), lambda torch: torch.nn.Conv1d(32, 64, 3))
block("Conv2d", f"f:{IMAGES}", lambda: nn.Conv2d(32, 64, 3), lambda torch: torch.nn.Conv2d(32, 64, 3))
block("Conv3d", "f:4,8,16,16,16", lambda: nn.Conv3d(8, 16, 3), lambda torch: torch.nn.Conv3d(8, 16, 3))
block("conv_transpose2d", "f:16,32,16,16 f:32,32,3,3", lambda: lambda x, w: nn.conv_transpose2d(x, w, stride=2),
      lambda torch: lambda x, w: torch.nn.functional.conv_transpose2d(x, w, stride=2))  # fmt: skip
block("MaxPool2d", f"f:{IMAGES}", lambda: nn.MaxPool2d(2), lambda torch: torch.nn.MaxPool2d(2))
block("AvgPool2d", f"f:{IMAGES}", lambda: nn.AvgPool2d(2), lambda torch: torch.nn.AvgPool2d(2))
block("global_avg_pool", f"f:{IMAGES}", lambda: nn.global_avg_pool, lambda torch: lambda x: x.mean((2, 3)))
block("global_max_pool", f"f:{IMAGES}", lambda: nn.global_max_pool, lambda torch: lambda x: x.amax((2, 3)))
block("BatchNorm", f"f:{IMAGES}", lambda: nn.BatchNorm(32), lambda torch: torch.nn.BatchNorm2d(32))
block("LayerNorm", f"f:{ROWS}", lambda: nn.LayerNorm(1024), lambda torch: torch.nn.LayerNorm(1024))
block("Dropout", f"f:{ROWS}", lambda: nn.Dropout(0.5), lambda torch: torch.nn.Dropout(0.5))
block("Flatten", f"f:{IMAGES}", lambda: nn.Flatten(), lambda torch: torch.nn.Flatten())
block("depthwise Conv2d", f"f:{IMAGES}", lambda: nn.Conv2d(32, 32, 3, groups=32, padding=1),
      lambda torch: torch.nn.Conv2d(32, 32, 3, groups=32, padding=1))  # fmt: skip
block("Conv2d in 4 groups", f"f:{IMAGES}", lambda: nn.Conv2d(32, 32, 3, groups=4, padding=1),
      lambda torch: torch.nn.Conv2d(32, 32, 3, groups=4, padding=1))  # fmt: skip
block("SeparableConv2d", f"f:{IMAGES}", lambda: nn.SeparableConv2d(32, 64, 3, padding=1),
      lambda torch: torch.nn.Sequential(torch.nn.Conv2d(32, 32, 3, groups=32, padding=1, bias=False),
                                        torch.nn.Conv2d(32, 64, 1)))  # fmt: skip
block("ConvTranspose1d", "f:32,32,256", lambda: nn.ConvTranspose1d(32, 32, 4, stride=2),
      lambda torch: torch.nn.ConvTranspose1d(32, 32, 4, stride=2))  # fmt: skip
block("ConvTranspose3d", "f:4,8,16,16,16", lambda: nn.ConvTranspose3d(8, 8, 2, stride=2),
      lambda torch: torch.nn.ConvTranspose3d(8, 8, 2, stride=2))  # fmt: skip
block("depthwise ConvTranspose2d", "f:32,32,16,16", lambda: nn.ConvTranspose2d(32, 32, 4, stride=2, groups=32),
      lambda torch: torch.nn.ConvTranspose2d(32, 32, 4, stride=2, groups=32))  # fmt: skip
block("unfold", f"f:{IMAGES}", lambda: lambda x: nn.unfold(x, 3), lambda torch: torch.nn.Unfold(3))
block("fold", "f:32,288,900", lambda: lambda x: nn.fold(x, (32, 32), 3), lambda torch: torch.nn.Fold((32, 32), 3))
block("MaxPool1d", "f:32,32,1024", lambda: nn.MaxPool1d(2), lambda torch: torch.nn.MaxPool1d(2))
block("MaxPool3d", "f:4,16,32,32,32", lambda: nn.MaxPool3d(2), lambda torch: torch.nn.MaxPool3d(2))
block("MaxPool2d that overlaps", f"f:{IMAGES}", lambda: nn.MaxPool2d(3, stride=2, padding=1),
      lambda torch: torch.nn.MaxPool2d(3, 2, 1))  # fmt: skip
block("AvgPool1d", "f:32,32,1024", lambda: nn.AvgPool1d(2), lambda torch: torch.nn.AvgPool1d(2))
block("AvgPool3d", "f:4,16,32,32,32", lambda: nn.AvgPool3d(2), lambda torch: torch.nn.AvgPool3d(2))
block("LPPool2d", f"f:{IMAGES}", lambda: nn.LPPool2d(2, 2), lambda torch: torch.nn.LPPool2d(2, 2))
block("AdaptiveAvgPool2d", f"f:{IMAGES}", lambda: nn.AdaptiveAvgPool2d(7), lambda torch: torch.nn.AdaptiveAvgPool2d(7))
block("AdaptiveMaxPool2d", f"f:{IMAGES}", lambda: nn.AdaptiveMaxPool2d(7), lambda torch: torch.nn.AdaptiveMaxPool2d(7))
block("GroupNorm", f"f:{IMAGES}", lambda: nn.GroupNorm(8, 32), lambda torch: torch.nn.GroupNorm(8, 32))
block("InstanceNorm", f"f:{IMAGES}", lambda: nn.InstanceNorm(32),
      lambda torch: torch.nn.InstanceNorm2d(32, affine=True))  # fmt: skip
block("RMSNorm", f"f:{ROWS}", lambda: nn.RMSNorm(1024), lambda torch: torch.nn.RMSNorm(1024))
block("LocalResponseNorm", f"f:{IMAGES}", lambda: nn.LocalResponseNorm(5), lambda torch: torch.nn.LocalResponseNorm(5))
block("unit_norm", f"f:{ROWS}", lambda: nn.unit_norm,
      lambda torch: lambda x: torch.nn.functional.normalize(x, dim=-1))  # fmt: skip
block("Dropout2d", f"f:{IMAGES}", lambda: nn.Dropout2d(0.5), lambda torch: torch.nn.Dropout2d(0.5))
block("AlphaDropout", f"f:{ROWS}", lambda: nn.AlphaDropout(0.5), lambda torch: torch.nn.AlphaDropout(0.5))
block("upsampling by nearest", f"f:{IMAGES}", lambda: nn.Upsample(2), lambda torch: torch.nn.Upsample(scale_factor=2))
block("upsampling by lines", f"f:{IMAGES}", lambda: nn.Upsample(2, mode="linear"),
      lambda torch: torch.nn.Upsample(scale_factor=2, mode="bilinear"))  # fmt: skip
block("interpolate to 48", f"f:{IMAGES}", lambda: nn.Upsample(size=48),
      lambda torch: torch.nn.Upsample(size=48))  # fmt: skip
block("PixelShuffle", f"f:{IMAGES}", lambda: nn.PixelShuffle(2), lambda torch: torch.nn.PixelShuffle(2))
block("Pad by reflection", f"f:{IMAGES}", lambda: nn.Pad(2, "reflect"), lambda torch: torch.nn.ReflectionPad2d(2))
block("WeightNorm", f"f:{ROWS}", lambda: nn.WeightNorm(nn.Linear(1024, 512)),
      lambda torch: torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(1024, 512)))  # fmt: skip
block("SpectralNorm", f"f:{ROWS}", lambda: nn.SpectralNorm(nn.Linear(1024, 512)),
      lambda torch: torch.nn.utils.parametrizations.spectral_norm(torch.nn.Linear(1024, 512)))  # fmt: skip
block("take_along_axis", f"f:{ROWS} i:{ROWS}<1024", lambda: lambda x, i: np.take_along_axis(x, i, -1),
      lambda torch: lambda x, i: x.gather(-1, i))  # fmt: skip

# --- sequences and attention

block("RNN", f"f:{WORDS}", lambda: nn.RNN(128, 128), lambda torch: torch.nn.RNN(128, 128, batch_first=True))
block("LSTM", f"f:{WORDS}", lambda: nn.LSTM(128, 128), lambda torch: torch.nn.LSTM(128, 128, batch_first=True))
block("GRU", f"f:{WORDS}", lambda: nn.GRU(128, 128), lambda torch: torch.nn.GRU(128, 128, batch_first=True))
block("LSTM, both directions, twice", f"f:{WORDS}", lambda: nn.LSTM(128, 64, layers=2, bidirectional=True),
      lambda torch: torch.nn.LSTM(128, 64, num_layers=2, bidirectional=True, batch_first=True))  # fmt: skip
block(
    "EmbeddingBag", "i:64,64<1000", lambda: nn.EmbeddingBag(1000, 128), lambda torch: torch.nn.EmbeddingBag(1000, 128)
)
block("Embedding, padding_idx", "i:64,64<1000", lambda: nn.Embedding(1000, 128, padding_idx=0),
      lambda torch: torch.nn.Embedding(1000, 128, padding_idx=0))  # fmt: skip
block("scaled_dot_product_attention", "f:8,8,128,32 f:8,8,128,32 f:8,8,128,32",
      lambda: lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, causal=True),
      lambda torch: lambda *qkv: torch.nn.functional.scaled_dot_product_attention(*qkv, is_causal=True))  # fmt: skip
block("MultiHeadAttention", f"f:{WORDS}", lambda: nn.MultiHeadAttention(128, 4),
      lambda torch: self_attention(torch.nn.MultiheadAttention(128, 4, batch_first=True)))  # fmt: skip
block("TransformerEncoderLayer", f"f:{WORDS}", lambda: nn.TransformerEncoderLayer(128, 4, 512),
      lambda torch: torch.nn.TransformerEncoderLayer(128, 4, 512, 0.0, torch.nn.GELU("tanh"), batch_first=True,
                                                     norm_first=True))  # fmt: skip

# --- losses

block("cross_entropy", "f:1024,100 i:1024<100", lambda: nn.cross_entropy, lambda torch: torch.nn.CrossEntropyLoss())
block("nll", "f:1024,100 i:1024<100", lambda: nn.nll, lambda torch: torch.nn.NLLLoss())
block("binary_cross_entropy_with_logits", f"f:{ROWS} p:{ROWS}", lambda: nn.binary_cross_entropy_with_logits,
      lambda torch: torch.nn.BCEWithLogitsLoss())  # fmt: skip
block("mse", f"f:{ROWS} p:{ROWS}", lambda: nn.mse, lambda torch: torch.nn.MSELoss())
block("mae", f"f:{ROWS} p:{ROWS}", lambda: nn.mae, lambda torch: torch.nn.L1Loss())
block("huber", f"f:{ROWS} p:{ROWS}", lambda: nn.huber, lambda torch: torch.nn.HuberLoss())
block("smooth_l1", f"f:{ROWS} p:{ROWS}", lambda: nn.smooth_l1, lambda torch: torch.nn.SmoothL1Loss())
block("cross_entropy, smoothed", "f:1024,100 i:1024<100",
      lambda: lambda x, labels: nn.cross_entropy(x, labels, label_smoothing=0.1),
      lambda torch: torch.nn.CrossEntropyLoss(label_smoothing=0.1))  # fmt: skip
block("binary_cross_entropy", f"p:{ROWS} f:{ROWS}", lambda: lambda t, x: nn.binary_cross_entropy(nn.sigmoid(x), t),
      lambda torch: lambda t, x: torch.nn.functional.binary_cross_entropy(torch.sigmoid(x), t))  # fmt: skip
block("kl_div", f"f:{ROWS} p:{ROWS}", lambda: nn.kl_div, lambda torch: torch.nn.KLDivLoss(reduction="batchmean"))
block("gaussian_nll", f"f:{ROWS} p:{ROWS} p:{ROWS}", lambda: nn.gaussian_nll, lambda torch: torch.nn.GaussianNLLLoss())
block("poisson_nll", f"f:{ROWS} p:{ROWS}", lambda: nn.poisson_nll, lambda torch: torch.nn.PoissonNLLLoss())
block("soft_margin", f"f:{ROWS} b:{ROWS}", lambda: lambda x, t: nn.soft_margin(x, np.where(t, 1.0, -1.0)),
      lambda torch: lambda x, t: torch.nn.functional.soft_margin_loss(x, torch.where(t, 1.0, -1.0)))  # fmt: skip
block("multi_margin", "f:1024,100 i:1024<100", lambda: nn.multi_margin, lambda torch: torch.nn.MultiMarginLoss())
block("triplet_margin", f"f:{ROWS} f:{ROWS} f:{ROWS}", lambda: nn.triplet_margin,
      lambda torch: torch.nn.TripletMarginLoss())  # fmt: skip
block("margin_ranking", f"f:{ROWS} f:{ROWS} b:{ROWS}",
      lambda: lambda a, b, first: nn.margin_ranking(a, b, np.where(first, 1.0, -1.0)),
      lambda torch: lambda a, b, first: torch.nn.functional.margin_ranking_loss(
          a, b, torch.where(first, 1.0, -1.0)))  # fmt: skip
block("cosine_similarity", f"f:{ROWS} f:{ROWS}", lambda: nn.cosine_similarity,
      lambda torch: torch.nn.CosineSimilarity(-1))  # fmt: skip
block("ctc", "f:16,100,20 i:16,15<19", lambda: lambda x, labels: nn.ctc(x, labels, blank=19),
      lambda torch: partial(_ctc, torch))  # fmt: skip

# --- optimizers, on a perceptron 784-512-512-10

optimizer("SGD", lambda: optim.SGD(1e-3), lambda torch: lambda p: torch.optim.SGD(p, 1e-3))
optimizer("SGD with momentum", lambda: optim.SGD(1e-3, momentum=0.9),
          lambda torch: lambda p: torch.optim.SGD(p, 1e-3, momentum=0.9))  # fmt: skip
optimizer("SGD with Nesterov's momentum", lambda: optim.SGD(1e-3, momentum=0.9, nesterov=True),
          lambda torch: lambda p: torch.optim.SGD(p, 1e-3, momentum=0.9, nesterov=True))  # fmt: skip
optimizer("RMSProp", lambda: optim.RMSProp(1e-3), lambda torch: lambda p: torch.optim.RMSprop(p, 1e-3))
optimizer("Adam", lambda: optim.Adam(1e-3), lambda torch: lambda p: torch.optim.Adam(p, 1e-3))
optimizer("AdamW", lambda: optim.AdamW(1e-3, weight_decay=0.01), lambda torch: lambda p: torch.optim.AdamW(p, 1e-3))
optimizer("AMSGrad", lambda: optim.AMSGrad(1e-3), lambda torch: lambda p: torch.optim.Adam(p, 1e-3, amsgrad=True))
optimizer("Adagrad", lambda: optim.Adagrad(1e-3), lambda torch: lambda p: torch.optim.Adagrad(p, 1e-3))
optimizer("Adadelta", lambda: optim.Adadelta(1.0), lambda torch: lambda p: torch.optim.Adadelta(p, 1.0))
optimizer("Adamax", lambda: optim.Adamax(1e-3), lambda torch: lambda p: torch.optim.Adamax(p, 1e-3))
optimizer("NAdam", lambda: optim.NAdam(1e-3), lambda torch: lambda p: torch.optim.NAdam(p, 1e-3))
optimizer("RAdam", lambda: optim.RAdam(1e-3), lambda torch: lambda p: torch.optim.RAdam(p, 1e-3))
optimizer("Rprop", lambda: optim.Rprop(1e-3), lambda torch: lambda p: torch.optim.Rprop(p, 1e-3))
optimizer("ASGD", lambda: optim.ASGD(1e-3), lambda torch: lambda p: torch.optim.ASGD(p, 1e-3))
optimizer("Adafactor", lambda: optim.Adafactor(1e-3), lambda torch: lambda p: torch.optim.Adafactor(p, 1e-3))
