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

# --- losses

block("cross_entropy", "f:1024,100 i:1024<100", lambda: nn.cross_entropy, lambda torch: torch.nn.CrossEntropyLoss())
block("nll", "f:1024,100 i:1024<100", lambda: nn.nll, lambda torch: torch.nn.NLLLoss())
block("binary_cross_entropy_with_logits", f"f:{ROWS} p:{ROWS}", lambda: nn.binary_cross_entropy_with_logits,
      lambda torch: torch.nn.BCEWithLogitsLoss())  # fmt: skip
block("mse", f"f:{ROWS} p:{ROWS}", lambda: nn.mse, lambda torch: torch.nn.MSELoss())
block("mae", f"f:{ROWS} p:{ROWS}", lambda: nn.mae, lambda torch: torch.nn.L1Loss())
block("huber", f"f:{ROWS} p:{ROWS}", lambda: nn.huber, lambda torch: torch.nn.HuberLoss())

# --- optimizers, on a perceptron 784-512-512-10

optimizer("SGD", lambda: optim.SGD(1e-3), lambda torch: lambda p: torch.optim.SGD(p, 1e-3))
optimizer("SGD with momentum", lambda: optim.SGD(1e-3, momentum=0.9),
          lambda torch: lambda p: torch.optim.SGD(p, 1e-3, momentum=0.9))  # fmt: skip
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
