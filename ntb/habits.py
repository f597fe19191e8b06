"""Habits of other libraries, and ntb's way: what an error says to who writes `opt.zero_grad()` or `nn.Dense`.

One table serves all of ntb. docs/coming_from.md shows it; a test runs the habit and the example of every row. Packages
and classes ask it when an attribute is missing (`of_package`, `of_class`), functions when they are called in another
library's way (`answer_to`, `knows_habits`). It is read when it is first needed.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Habit(NamedTuple):
    """A row of the table.

    Attributes:
        code: what is written by habit: an attribute, such as nn.Dense, or a call.
        library: where it comes from.
        answer: what to know about ntb's way.
        example: ntb's way.
    """

    code: str
    library: str
    answer: str
    example: str


_TABLE = """
ntb.no_grad | PyTorch | nothing is recorded outside of a tape's block; inside of it
    with ntb.Tape() as tape, tape.stop_recording(): y = model(x)
ntb.inference_mode | PyTorch | nothing is recorded outside of a tape's block
    y = model(x)
ntb.enable_grad | PyTorch | what happens in a tape's block is recorded
    with ntb.Tape() as tape: y = model(x)
ntb.set_grad_enabled | PyTorch | what happens in a tape's block is recorded, nothing else
    with ntb.Tape() as tape: y = model(x)
ntb.autograd | PyTorch | gradients are asked of a tape, or of a function
    ntb.grad(f)(v)
ntb.backward | PyTorch | gradients are asked of a tape
    with ntb.Tape() as tape: loss = np.sum(w * w); g = tape.gradient(loss, w)
ntb.from_numpy | PyTorch | NumPy's functions, layers and losses take arrays as they are; a tensor with a copy is
    ntb.tensor(v)
ntb.as_tensor | PyTorch | a tensor with a copy of the data is
    ntb.tensor(v)
ntb.convert_to_tensor | TensorFlow | a tensor with a copy of the data is
    ntb.tensor(v)
ntb.constant | TensorFlow | arrays are constants as they are; a tensor is
    ntb.tensor(v)
ntb.Parameter | PyTorch | a parameter is a Variable
    ntb.Variable(np.zeros(3))
ntb.get_variable | TensorFlow | a parameter is a Variable
    ntb.Variable(np.zeros(3), name="w")
ntb.manual_seed | PyTorch | the generator that ntb draws from by itself is seeded by
    ntb.random.seed(0)
ntb.set_seed | Keras | the generator that ntb draws from by itself is seeded by
    ntb.random.seed(0)
ntb.randn | PyTorch | random numbers are drawn by a generator
    ntb.random.generator(0).normal(size=(2, 3))
ntb.rand | PyTorch | random numbers are drawn by a generator
    ntb.random.generator(0).uniform(size=(2, 3))
ntb.randint | PyTorch | random numbers are drawn by a generator
    ntb.random.generator(0).integers(0, 10, size=(2, 3))
ntb.cat | PyTorch | NumPy's function does it
    np.concatenate([t, t], axis=1)
ntb.reduce_sum | TensorFlow | NumPy's function does it
    np.sum(t, axis=1)
ntb.reduce_mean | TensorFlow | NumPy's function does it
    np.mean(t, axis=1)
ntb.reduce_max | TensorFlow | NumPy's function does it
    np.max(t, axis=1)
ntb.cast | TensorFlow | another dtype is given by
    t.astype(np.float32)
ntb.device | PyTorch | ntb computes where NumPy does; arrays of CuPy stay on their GPU
    ntb.tensor(v)
ntb.cuda | PyTorch | ntb computes where NumPy does; arrays of CuPy stay on their GPU
    ntb.tensor(v)
ntb.jit | JAX | a function is traced once and replayed by
    ntb.function(f)(v)
ntb.compile | PyTorch | a function is traced once and replayed by
    ntb.function(f)(v)
ntb.vmap | JAX | operations broadcast over leading axes, so write the function for a batch; a loop with one record is
    ntb.scan(lambda carry, row: (carry, np.sum(row)), 0.0, x)
ntb.pmap | JAX | ntb computes on one device; operations broadcast over leading axes
    np.sum(x, axis=1)
ntb.lax | JAX | loops are Python's, or one operation
    ntb.scan(lambda carry, a: (carry + a, carry), 0.0, v)
ntb.jnp | JAX | NumPy's own functions work on tensors
    np.exp(t)
ntb.make_jaxpr | JAX | the program of a traced function prints as NumPy
    print(ntb.function(f).trace(v))
ntb.jacrev | JAX | the mode is an argument
    ntb.jacobian(lambda a: a * a, mode="rev")(v)
ntb.jacfwd | JAX | the mode is an argument
    ntb.jacobian(lambda a: a * a, mode="fwd")(v)
ntb.custom_vjp | JAX | a function returns its result and its gradient function
    ntb.custom_gradient(lambda a: (a * a, lambda g: 2 * a * g))(v)
ntb.custom_jvp | JAX | a function returns its result and its gradient function, which forward mode uses too
    ntb.custom_gradient(lambda a: (a * a, lambda g: 2 * a * g))(v)
ntb.remat | JAX | a part that is computed again in the backward walk is
    ntb.checkpoint(f)(v)
ntb.tree_map | JAX | gradients come in the structure of the sources: lists, tuples and dicts work as they are
    ntb.grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 3.0})
ntb.tree_util | JAX | gradients come in the structure of the sources: lists, tuples and dicts work as they are
    ntb.grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 3.0})
ntb.GradientTape | TensorFlow | it is
    with ntb.Tape() as tape: loss = np.sum(w * w)
ntb.Session | TensorFlow | operations run at once; graphs are described with ntb.compat
    ntb.function(f)(v)
ntb.placeholder | TensorFlow | operations run at once: the arguments of a traced function are its inputs
    ntb.function(lambda a: a * 2)(v)
ntb.keras | TensorFlow | layers are in ntb.nn, optimizers in ntb.optim, the loop of training in ntb.training
    nn.Sequential(nn.Linear(2, 3), nn.relu)
ntb.DataLoader | PyTorch | batches are an iterator over arrays
    for a, b in ntb.data.batches(x, labels, size=2, shuffle=0): model(a)

nn.Dense | Keras | the size of the input comes first, or None to take it from the first call
    nn.Linear(None, 3)
nn.LazyLinear | PyTorch | the size of the input may be left out
    nn.Linear(None, 3)
nn.LazyConv2d | PyTorch | the number of channels may be left out
    nn.Conv2d(None, 16, 5)
nn.Conv | JAX | sizes of input and output are given, arrays are (N, C, H, W)
    nn.Conv2d(3, 16, 5, padding="same")
nn.ConvTranspose | JAX | sizes of input and output are given, arrays are (N, C, H, W)
    nn.ConvTranspose2d(16, 3, 4, stride=2, padding=1)
nn.Embed | JAX | it is
    nn.Embedding(70, 32)
nn.DenseGeneral | JAX | NumPy's function does it
    np.einsum("nd,dhk->nhk", t, np.ones((2, 4, 8)))
nn.EinsumDense | Keras | NumPy's function does it
    np.einsum("nd,dhk->nhk", t, np.ones((2, 4, 8)))
nn.max_pool | JAX | the number of axes is in the name
    nn.max_pool2d(np.ones((1, 3, 8, 8)), 2)
nn.avg_pool | JAX | the number of axes is in the name
    nn.avg_pool2d(np.ones((1, 3, 8, 8)), 2)
nn.Layer | Keras | a layer of your own is a class with __init__ and __call__
    class Twice(nn.Module): __call__ = lambda self, x, train=False: 2 * x
nn.RMSNormalization | Keras | the size of the last axis is given
    nn.RMSNorm(2)(x)
nn.swish | JAX | it is
    nn.silu(t)
nn.tanh | JAX | it is NumPy's
    np.tanh(t)
nn.Lambda | Keras | any function can stand between layers
    nn.Sequential(lambda a: a * 2, nn.Linear(2, 3))
nn.Identity | PyTorch | any function can stand between layers
    nn.Sequential(nn.Linear(2, 3), lambda a: a)
nn.Swish | Keras | it is
    nn.SiLU()
nn.Reshape | Keras | any function can stand between layers
    nn.Sequential(lambda a: np.reshape(a, (len(a), 2, 1)))
nn.Unflatten | PyTorch | any function can stand between layers
    nn.Sequential(lambda a: np.reshape(a, (len(a), 2, 1)))
nn.Permute | Keras | any function can stand between layers
    nn.Sequential(lambda a: np.swapaxes(a, 0, 1))
nn.Add | Keras | sums are written as such; a layer and a way around it are
    nn.Residual(nn.Linear(2, 2))
nn.Multiply | Keras | products are written as such
    t * t
nn.Subtract | Keras | differences are written as such
    t - 1
nn.Maximum | Keras | NumPy's function does it
    np.maximum(t, 2)
nn.Average | Keras | NumPy's function does it
    np.mean(np.stack([t, t]), axis=0)
nn.Dot | Keras | NumPy's function does it
    np.einsum("nd,nd->n", t, t)
nn.CenterCrop | Keras | parts of arrays are slices
    np.ones((1, 3, 8, 8))[:, :, 2:-2, 2:-2]
nn.Cropping2D | Keras | parts of arrays are slices
    np.ones((1, 3, 8, 8))[:, :, 1:-1, 1:-1]
nn.Resizing | Keras | it is
    nn.Upsample(size=(16, 16), mode="linear")
nn.Rescaling | Keras | any function can stand between layers
    nn.Sequential(lambda images: images / 255)
nn.RandomFlip | Keras | batches are changed before a step of training
    ntb.data.augmented(ntb.data.batches(np.ones((2, 3, 4, 4)), size=2), ntb.data.augment.flip, seed=0)
nn.Concatenate | Keras | NumPy's function does it
    np.concatenate([t, t], axis=1)
nn.Bilinear | PyTorch | NumPy's function does it
    np.einsum("ni,ijk,nj->nk", t, np.ones((2, 2, 3)), t)
nn.Input | Keras | layers are given the size of their input, and need no other
    nn.Sequential(nn.Linear(2, 3))
nn.functional | PyTorch | the functions are in ntb.nn itself
    nn.relu(t)
nn.CrossEntropyLoss | PyTorch | losses are functions
    nn.cross_entropy(model(x), labels)
nn.MSELoss | PyTorch | losses are functions
    nn.mse(t, t)
nn.L1Loss | PyTorch | losses are functions
    nn.mae(t, t)
nn.mean_absolute_error | Keras | it is
    nn.mae(t, t)
nn.mean_absolute_percentage_error | Keras | it is
    100 * np.mean(np.abs((t - 1) / t))
nn.mean_squared_logarithmic_error | Keras | it is
    nn.mse(np.log1p(t), np.log1p(t))
nn.KLDivergence | Keras | losses are functions; of log-probabilities, then probabilities
    nn.kl_div(nn.log_softmax(t), nn.softmax(t))
nn.CategoricalHinge | Keras | losses are functions
    nn.multiclass_hinge(model(x), labels)
nn.CategoricalFocalCrossentropy | Keras | losses are functions, of scores and labels
    nn.focal(model(x), labels)
nn.Poisson | Keras | losses are functions, of the logarithm of the rate
    nn.poisson_nll(t, np.ones((2, 2)))
nn.Loss | Keras | a loss is any function that gives a number
    np.mean(np.abs(t))
nn.MeanSquaredError | Keras | losses are functions
    nn.mse(t, t)
nn.l2_loss | JAX | it is half of
    nn.mse(t, t, reduction="none")
nn.SmoothL1Loss | PyTorch | losses are functions
    nn.smooth_l1(t, t)
nn.HuberLoss | PyTorch | losses are functions
    nn.huber(t, t)
nn.NLLLoss | PyTorch | losses are functions
    nn.nll(nn.log_softmax(model(x)), labels)
nn.BCEWithLogitsLoss | PyTorch | losses are functions
    nn.binary_cross_entropy_with_logits(t, np.ones((2, 2)))
nn.BCELoss | PyTorch | losses are functions; that of scores, before the sigmoid, is more accurate
    nn.binary_cross_entropy(nn.sigmoid(t), np.ones((2, 2)))
nn.KLDivLoss | PyTorch | losses are functions; the mean is over examples, as by "batchmean"
    nn.kl_div(nn.log_softmax(t), nn.softmax(t))
nn.GaussianNLLLoss | PyTorch | losses are functions
    nn.gaussian_nll(t, t, nn.softplus(t))
nn.PoissonNLLLoss | PyTorch | losses are functions
    nn.poisson_nll(t, np.ones((2, 2)))
nn.CTCLoss | PyTorch | losses are functions; sequences are (N, T, K), and the mean is over sequences
    nn.ctc(np.zeros((2, 5, 4)), np.array([[1, 2], [3, 1]]))
nn.ctc_loss | JAX | sequences are told by lengths, not by paddings
    nn.ctc(np.zeros((2, 5, 4)), np.array([[1, 2], [3, 1]]), lengths=np.array([5, 4]))
nn.TripletMarginLoss | PyTorch | losses are functions
    nn.triplet_margin(t, t, t)
nn.CosineEmbeddingLoss | PyTorch | losses are functions; pairs that are alike are told by bools
    nn.cosine_embedding(t, t, np.array([True, False]))
nn.MultiLabelSoftMarginLoss | PyTorch | it is the mean of
    nn.binary_cross_entropy_with_logits(t, np.ones((2, 2)))
nn.MultiLabelMarginLoss | PyTorch | losses are functions; labels are 1, other classes 0
    nn.multilabel_margin(t, np.array([[1, 0], [0, 1]]))
nn.MultiMarginLoss | PyTorch | losses are functions
    nn.multi_margin(model(x), labels)
nn.MarginRankingLoss | PyTorch | losses are functions
    nn.margin_ranking(v, v, np.array([1, -1, 1]))
nn.SoftMarginLoss | PyTorch | losses are functions
    nn.soft_margin(v, np.array([1, -1, 1]))
nn.HingeEmbeddingLoss | PyTorch | of distances it is, for pairs that are alike and others
    np.mean(np.where(labels == 1, v[0], np.maximum(0, 1 - v[0])))
nn.PairwiseDistance | PyTorch | NumPy's function does it
    np.linalg.norm(t - 1, axis=-1)
nn.CosineSimilarity | PyTorch | it is a function
    nn.cosine_similarity(t, t)
nn.FocalLoss | Keras | losses are functions
    nn.focal(model(x), labels)
nn.BinaryFocalCrossentropy | Keras | a function of scores before the sigmoid, then labels
    nn.binary_focal(t, np.ones((2, 2)))
nn.SparseCategoricalCrossentropy | Keras | a function of scores before the softmax, then labels
    nn.cross_entropy(model(x), labels)
nn.CategoricalCrossentropy | Keras | a function of scores before the softmax, then labels
    nn.cross_entropy(model(x), nn.one_hot(labels, 3))
nn.BinaryCrossentropy | Keras | a function of scores before the sigmoid, then labels
    nn.binary_cross_entropy_with_logits(t, np.ones((2, 2)))
nn.softmax_cross_entropy | JAX | labels and one-hot rows go into the same function
    nn.cross_entropy(model(x), nn.one_hot(labels, 3))
nn.softmax_cross_entropy_with_integer_labels | JAX | labels and one-hot rows go into the same function
    nn.cross_entropy(model(x), labels)
nn.sigmoid_binary_cross_entropy | JAX | it is
    nn.binary_cross_entropy_with_logits(t, np.ones((2, 2)))
nn.sparse_categorical_crossentropy | Keras | labels and one-hot rows go into the same function, after the scores
    nn.cross_entropy(model(x), labels)
nn.categorical_crossentropy | Keras | labels and one-hot rows go into the same function, after the scores
    nn.cross_entropy(model(x), nn.one_hot(labels, 3))
nn.BatchNorm1d | PyTorch | one layer serves all, and is told of training
    nn.BatchNorm(2)(x, train=True)
nn.BatchNorm2d | PyTorch | one layer serves all, and is told of training
    nn.BatchNorm(3)(np.ones((4, 3, 5, 5), np.float32), train=True)
nn.BatchNormalization | Keras | the number of channels is given, or None to take it from the first call
    nn.BatchNorm(None)(x, train=True)
nn.SyncBatchNorm | PyTorch | ntb computes on one device
    nn.BatchNorm(2)(x, train=True)
nn.LayerNormalization | Keras | the size of the last axis is given
    nn.LayerNorm(2)(x)
nn.Conv2D | Keras | sizes of input and output are given, arrays are (N, C, H, W)
    nn.Conv2d(3, 16, 5, padding="same")
nn.MaxPooling2D | Keras | it is
    nn.MaxPool2d(2)
nn.AveragePooling2D | Keras | it is
    nn.AvgPool2d(2)
nn.GlobalAveragePooling1D | Keras | channels are the second axis; it is
    nn.GlobalAvgPool()
nn.GlobalAveragePooling2D | Keras | it is
    nn.GlobalAvgPool()
nn.GlobalMaxPooling2D | Keras | it is
    nn.GlobalMaxPool()
nn.FractionalMaxPool2d | PyTorch | parts of unequal size are taken by the place, not drawn
    nn.AdaptiveMaxPool2d((5, 7))
nn.MaxUnpool2d | PyTorch | it is the adjoint of the pooling
    ntb.vjp(lambda a: nn.max_pool2d(a, 2, ties="first"), np.ones((1, 1, 4, 4)))[1](np.ones((1, 1, 2, 2)))
nn.Conv2DTranspose | Keras | it is
    nn.ConvTranspose2d(16, 3, 4, stride=2, padding=1)
nn.SeparableConv2D | Keras | it is
    nn.SeparableConv2d(3, 16, 5, padding="same")
nn.DepthwiseConv2D | Keras | it is a convolution with a group for each channel
    nn.Conv2d(3, 3, 5, groups=3)
nn.LocallyConnected2D | Keras | filters of each place are a product with the patches
    np.einsum("npl,fpl->nfl", nn.unfold(np.ones((1, 3, 8, 8)), 3), np.ones((5, 27, 36)))
nn.Unfold | PyTorch | it is a function
    nn.unfold(np.ones((1, 3, 8, 8)), 3)
nn.Fold | PyTorch | it is a function
    nn.fold(np.ones((1, 27, 36)), (8, 8), 3)
nn.UpSampling2D | Keras | it is
    nn.Upsample(2)
nn.upsample | PyTorch | it is
    nn.interpolate(np.ones((1, 3, 8, 8)), scale=2)
nn.UpsamplingBilinear2d | PyTorch | it is
    nn.Upsample(2, mode="linear", align_corners=True)
nn.pad | PyTorch | NumPy's function does it; as a layer it is nn.Pad
    np.pad(np.ones((1, 3, 8, 8)), ((0, 0), (0, 0), (1, 1), (1, 1)))
nn.ChannelShuffle | PyTorch | NumPy's functions do it, here for two groups
    np.reshape(np.swapaxes(np.ones((1, 2, 2, 8)), 1, 2), (1, 4, 8))
nn.ZeroPadding2D | Keras | one layer serves all borders
    nn.Pad(1)
nn.ZeroPad2d | PyTorch | one layer serves all borders
    nn.Pad(1)
nn.ReflectionPad2d | PyTorch | one layer serves all borders
    nn.Pad(1, "reflect")
nn.ReplicationPad2d | PyTorch | one layer serves all borders
    nn.Pad(1, "replicate")
nn.CircularPad2d | PyTorch | one layer serves all borders
    nn.Pad(1, "circular")
nn.GroupNormalization | Keras | groups and channels are given
    nn.GroupNorm(2, 4)
nn.InstanceNorm2d | PyTorch | one layer serves sequences, images and volumes
    nn.InstanceNorm(3)
nn.normalize | JAX | vectors of length 1 are made by
    nn.unit_norm(t)
nn.UnitNormalization | Keras | it is
    nn.UnitNorm()
nn.Normalization | Keras | the number of features is given
    nn.Normalize(2).adapt(x)
nn.weight_norm | PyTorch | a layer stands around the layer
    nn.WeightNorm(nn.Linear(2, 3))
nn.spectral_norm | PyTorch | a layer stands around the layer
    nn.SpectralNorm(nn.Linear(2, 3))
nn.SpectralNormalization | Keras | it is
    nn.SpectralNorm(nn.Linear(2, 3))
nn.SpatialDropout2D | Keras | it is
    nn.Dropout2d(0.2)
nn.SpatialDropout1D | Keras | it is
    nn.Dropout1d(0.2)
nn.FeatureAlphaDropout | PyTorch | whole channels are dropped by
    nn.Dropout2d(0.2)
nn.StochasticDepth | PyTorch | it is
    nn.DropPath(0.1)
nn.dropout2d | PyTorch | the axes are named along which elements share their fate
    nn.dropout(np.ones((1, 3, 4, 4)), 0.2, shared=(2, 3))
nn.SimpleRNN | Keras | it is
    nn.RNN(2, 3)
nn.Bidirectional | Keras | it is an argument of recurrent layers
    nn.LSTM(2, 3, bidirectional=True)
nn.Masking | Keras | a call of a recurrent layer is given the mask, or the lengths of the sequences
    nn.LSTM(2, 3)(np.ones((1, 4, 2)), mask=np.array([[True, True, False, False]]))
nn.LSTMCell | PyTorch | one step is a function, of arrays and weights
    nn.lstm_cell(x, (np.zeros((4, 3)), np.zeros((4, 3))), np.ones((2, 12)), np.ones((3, 12)), np.zeros(12))
nn.GRUCell | PyTorch | one step is a function, of arrays and weights
    nn.gru_cell(x, np.zeros((4, 3)), np.ones((2, 9)), np.ones((3, 9)), np.zeros(9), np.zeros(9))
nn.SimpleRNNCell | Keras | one step is a function, of arrays and weights
    nn.rnn_cell(x, np.zeros((4, 3)), np.ones((2, 3)), np.ones((3, 3)), np.zeros(3))
nn.OptimizedLSTMCell | JAX | a cell over all steps is a layer
    nn.LSTM(2, 3)
nn.StackedRNNCells | Keras | it is an argument
    nn.LSTM(2, 3, layers=2)
nn.pad_sequence | PyTorch | it gives the lengths, too
    padded, lengths = nn.pad_sequences([[1, 2, 3], [4]])
nn.pack_padded_sequence | PyTorch | nothing is packed: a call of a recurrent layer is given the lengths
    nn.LSTM(2, 3)(np.ones((2, 4, 2)), lengths=[4, 1])
nn.RepeatVector | Keras | NumPy's function does it
    np.repeat(x[:, None], 5, axis=1)
nn.Parameter | PyTorch | a parameter is a Variable
    ntb.Variable(np.zeros(3))
nn.ModuleList | PyTorch | a list of layers is a part of a model as it is
    nn.Sequential(*[nn.Linear(2, 2) for _ in range(3)])
nn.ModuleDict | PyTorch | a dict of layers is a part of a model as it is
    nn.Sequential(nn.Linear(2, 3))
nn.ParameterList | PyTorch | a list of Variables is a part of a model as it is
    model.scales = [ntb.Variable(1.0), ntb.Variable(2.0)]
nn.ParameterDict | PyTorch | a dict of Variables is a part of a model as it is
    model.scales = {"first": ntb.Variable(1.0)}
nn.tabulate | JAX | a model tells of its parts
    print(model.summary(x))
nn.CategoryEncoding | Keras | it is a function
    nn.one_hot(labels, 3)
nn.StringLookup | Keras | NumPy numbers words
    words, ids = np.unique(["one", "two", "one"], return_inverse=True)
nn.MultiheadAttention | PyTorch | it is spelled, and called with x, or with x and a context
    nn.MultiHeadAttention(4, 2)(np.ones((1, 5, 4)), context=np.ones((1, 3, 4)))
nn.MultiHeadDotProductAttention | JAX | sizes are given; called with x, or with x and a context
    nn.MultiHeadAttention(4, 2)(np.ones((1, 5, 4)), context=np.ones((1, 3, 4)))
nn.SelfAttention | JAX | sizes are given
    nn.MultiHeadAttention(4, 2)(np.ones((1, 5, 4)))
nn.Attention | Keras | it is a function, of queries, keys, values
    nn.scaled_dot_product_attention(t, t, t)
nn.GroupQueryAttention | Keras | it is an argument
    nn.MultiHeadAttention(8, 4, kv_heads=2)
nn.make_causal_mask | JAX | it is an argument, or a triangle
    np.tri(5, dtype=bool)
nn.dot_product_attention | JAX | it is
    nn.scaled_dot_product_attention(t, t, t)
nn.TransformerEncoder | PyTorch | it is its layers, one after the other
    nn.Sequential(*[nn.TransformerEncoderLayer(8, 2) for _ in range(6)])
nn.Transformer | PyTorch | it is built of
    nn.TransformerEncoderLayer(8, 2), nn.TransformerDecoderLayer(8, 2)
nn.init | PyTorch | first values are made by functions of a shape
    nn.Linear(2, 3, init=nn.initializers.he_normal)
nn.utils | PyTorch | gradients are clipped before a step
    grads, norm = optim.clip_by_global_norm(grads, 1.0)
nn.DataParallel | PyTorch | ntb computes on one device
    model(x)
nn.compact | JAX | the parts of a model are made in `__init__`, and `__call__` uses them
    nn.Sequential(nn.Linear(2, 3))
nn.initializers.kaiming_normal_ | PyTorch | it is He's; initializers make arrays, and are given to a layer
    nn.Linear(2, 3, init=nn.initializers.he_normal)
nn.initializers.kaiming_uniform_ | PyTorch | it is He's; initializers make arrays, and are given to a layer
    nn.Linear(2, 3, init=nn.initializers.he_uniform)
nn.initializers.kaiming_normal | JAX | it is
    nn.initializers.he_normal((2, 3))
nn.initializers.GlorotUniform | Keras | initializers are functions, and Glorot's is named by his first name
    nn.Linear(2, 3, init=nn.initializers.xavier_uniform)
nn.initializers.GlorotNormal | Keras | initializers are functions, and Glorot's is named by his first name
    nn.Linear(2, 3, init=nn.initializers.xavier_normal)
nn.initializers.glorot_uniform | JAX | it is
    nn.initializers.xavier_uniform((2, 3))
nn.initializers.trunc_normal_ | PyTorch | initializers make arrays, and are given to a layer
    nn.Linear(2, 3, init=nn.initializers.truncated_normal)
nn.initializers.zeros | JAX | it is
    nn.initializers.constant((2, 3), 0.0)
nn.initializers.ones | JAX | it is
    nn.initializers.constant((2, 3), 1.0)
nn.initializers.eye_ | PyTorch | it is
    nn.initializers.identity((3, 3))
nn.initializers.random_normal | Keras | it is
    nn.initializers.normal((2, 3), std=0.05)
nn.initializers.random_uniform | Keras | it is
    nn.initializers.uniform((2, 3), low=-0.05, high=0.05)

optim.RMSprop | PyTorch | it is spelled
    optim.RMSProp(lr=0.01)
optim.rmsprop | JAX | optimizers are classes
    optim.RMSProp(lr=0.01)
optim.adam | JAX | optimizers are classes
    optim.Adam(lr=0.01)
optim.adamw | JAX | optimizers are classes
    optim.AdamW(lr=0.01)
optim.sgd | JAX | optimizers are classes
    optim.SGD(lr=0.01, momentum=0.9)
optim.lr_scheduler | PyTorch | a schedule is given to the optimizer, and follows its steps
    optim.Adam(lr=optim.schedules.cosine(0.01, steps=1000))
optim.warmup_cosine_decay_schedule | JAX | schedules are put together of functions
    optim.Adam(lr=optim.schedules.warmup(100, optim.schedules.cosine(0.01, steps=900)))
optim.cosine_decay_schedule | JAX | it is
    optim.schedules.cosine(0.01, steps=1000)
optim.exponential_decay | JAX | it is
    optim.schedules.exponential(0.01, factor=0.96, every=1000)
optim.cosine_onecycle_schedule | JAX | it is
    optim.schedules.one_cycle(0.01, steps=1000)
optim.sgdr_schedule | JAX | it is
    optim.schedules.cosine_restarts(0.01, steps=100)
optim.warmup_constant_schedule | JAX | schedules are put together of functions
    optim.schedules.warmup(100, 0.01)
optim.linear_schedule | JAX | it is
    optim.schedules.linear(0.01, steps=1000, final=0.0)
optim.polynomial_schedule | JAX | it is
    optim.schedules.polynomial(0.01, steps=1000, power=2.0)
optim.piecewise_constant_schedule | JAX | it is
    optim.schedules.piecewise([0.1, 0.01], boundaries=[1000])
optim.constant_schedule | JAX | a number does
    optim.Adam(lr=0.01)
optim.join_schedules | JAX | it is
    optim.schedules.join([optim.schedules.linear(0.001, 100, final=0.01), 0.01], boundaries=[100])
optim.chain | JAX | functions of the gradients stand before an optimizer
    optim.Chain(lambda grads: optim.clip_by_global_norm(grads, 1.0), optim.Adam(0.01))
optim.multi_transform | JAX | groups of parameters have an optimizer each
    optim.Groups(optim.AdamW(), {"bias": optim.SGD(0.1)})
optim.partition | JAX | groups of parameters have an optimizer each
    optim.Groups(optim.AdamW(), {"bias": optim.SGD(0.1)})
optim.freeze | JAX | what is frozen is left as it is
    model.layers[0].trainable = False
optim.masked | JAX | groups of parameters have settings of their own
    optim.Groups(optim.AdamW(), {"vectors": {"weight_decay": 0.0}})
optim.MultiSteps | JAX | gradients of several batches make one step
    optim.Accumulate(optim.Adam(), every=4)
optim.apply_if_finite | JAX | it is a class around an optimizer
    optim.ApplyIfFinite(optim.Adam())
optim.skip_not_finite | JAX | it is a class around an optimizer
    optim.ApplyIfFinite(optim.Adam())
optim.zero_nans | JAX | steps with such gradients are left out by
    optim.ApplyIfFinite(optim.Adam())
optim.LossScaleOptimizer | Keras | parameters in half precision are computed in single; what is not finite is left out
    optim.ApplyIfFinite(optim.Adam())
optim.clip | JAX | gradients are clipped before a step
    grads = optim.clip_by_value(grads, 1.0)
optim.add_decayed_weights | JAX | it is an argument
    optim.AdamW(lr=0.01, weight_decay=0.01)
optim.inject_hyperparams | JAX | the rate of an optimizer is a Variable, or a schedule
    opt.lr = 0.001
optim.scale_by_adam | JAX | an optimizer of your own is a formula
    class Signs(optim.Optimizer): update = lambda self, w, g, lr, t: (w - lr * np.sign(g),)
optim.ema | JAX | averages of a model are objects, which are told of each step
    ema = optim.EMA(model, decay=0.99); ema.update()
optim.contrib | JAX | all optimizers stand side by side
    optim.ScheduleFree(optim.SGD(0.1))
optim.AveragedModel | PyTorch | averages of a model are objects, which are told of each step
    swa = optim.SWA(model); swa.update()
optim.global_norm | JAX | clipping gives it, too
    grads, norm = optim.clip_by_global_norm(grads, 1.0)
optim.clip_grad_value_ | PyTorch | gradients are clipped before a step
    grads = optim.clip_by_value(grads, 1.0)
optim.swa_utils | PyTorch | averages of a model are objects, which are told of each step
    ema = optim.EMA(model, decay=0.99); ema.update()
optim.ExponentialMovingAverage | TensorFlow | it is
    ema = optim.EMA(model, decay=0.99); ema.update()
optim.SparseAdam | PyTorch | gradients are dense arrays; rare rows are for
    optim.Adagrad(lr=0.1)
optim.apply_updates | JAX | one step of an optimizer changes the Variables
    opt.apply(grads, params)
optim.clip_grad_norm_ | PyTorch | gradients are clipped before a step
    grads, norm = optim.clip_by_global_norm(grads, 1.0)

optim.schedules.StepLR | PyTorch | schedules are functions
    optim.schedules.step_decay(0.01, every=100, factor=0.1)
optim.schedules.ExponentialLR | PyTorch | schedules are functions
    optim.schedules.exponential(0.01, factor=0.99)
optim.schedules.LambdaLR | PyTorch | any function of the number of steps is a schedule
    optim.Adam(lr=lambda step: 0.01 / (1 + step))
optim.schedules.MultiplicativeLR | PyTorch | any function of the number of steps is a schedule
    optim.Adam(lr=lambda step: 0.01 * 0.95**step)
optim.schedules.LRScheduler | PyTorch | any function of the number of steps is a schedule
    optim.Adam(lr=lambda step: 0.01 / (1 + step))
optim.schedules.LinearLR | PyTorch | schedules are functions
    optim.schedules.linear(0.01, steps=1000)
optim.schedules.PiecewiseConstantDecay | Keras | schedules are functions
    optim.schedules.piecewise([0.1, 0.01], boundaries=[1000])
optim.schedules.CosineAnnealingLR | PyTorch | schedules are functions
    optim.schedules.cosine(0.01, steps=1000)
optim.schedules.MultiStepLR | PyTorch | schedules are functions
    optim.schedules.multi_step(0.01, at=[100, 200], factor=0.1)
optim.schedules.CosineAnnealingWarmRestarts | PyTorch | schedules are functions
    optim.schedules.cosine_restarts(0.01, steps=100)
optim.schedules.OneCycleLR | PyTorch | schedules are functions
    optim.schedules.one_cycle(0.01, steps=1000)
optim.schedules.ReduceLROnPlateau | PyTorch | it is a schedule that is told a measure after each epoch
    rate = optim.schedules.ReduceOnPlateau(0.01, patience=5); rate.observe(0.7)
optim.schedules.SequentialLR | PyTorch | schedules follow each other by
    optim.schedules.join([optim.schedules.linear(0.001, 100, final=0.01), 0.01], boundaries=[100])
optim.schedules.ExponentialDecay | Keras | schedules are functions
    optim.schedules.exponential(0.01, factor=0.96, every=1000)
optim.schedules.CosineDecay | Keras | schedules are functions
    optim.schedules.cosine(0.01, steps=1000)
optim.schedules.cosine_decay_schedule | JAX | schedules are functions
    optim.schedules.cosine(0.01, steps=1000)
optim.schedules.warmup_cosine_decay_schedule | JAX | schedules are put together
    optim.schedules.warmup(100, optim.schedules.cosine(0.01, steps=900))
optim.schedules.LearningRateSchedule | Keras | any function of the number of steps is a schedule
    optim.Adam(lr=lambda step: 0.01 / (1 + step))

ntb.metrics.SparseCategoricalAccuracy | Keras | scores of classes and labels are
    metric = ntb.metrics.Accuracy(); metric.update(model(x), labels); metric.result()
ntb.metrics.CategoricalAccuracy | Keras | scores of classes and labels are
    metric = ntb.metrics.Accuracy(); metric.update(model(x), labels); metric.result()
ntb.metrics.BinaryAccuracy | Keras | scores are yes above the threshold
    ntb.metrics.Accuracy(threshold=0.5).update(v, np.array([1, 0, 1]))
ntb.metrics.SparseTopKCategoricalAccuracy | Keras | it is
    ntb.metrics.TopKAccuracy(k=5)
ntb.metrics.MeanSquaredError | Keras | it is
    ntb.metrics.MSE()
ntb.metrics.RootMeanSquaredError | Keras | it is
    ntb.metrics.RMSE()
ntb.metrics.MeanAbsoluteError | Keras | it is
    ntb.metrics.MAE()
ntb.metrics.mean_squared_error | scikit-learn | it is, with predictions first
    ntb.metrics.mse(v, v)
ntb.metrics.mean_absolute_error | scikit-learn | it is, with predictions first
    ntb.metrics.mae(v, v)
ntb.metrics.accuracy_score | scikit-learn | it is, with predictions first
    ntb.metrics.accuracy(labels, labels)
ntb.metrics.f1_score | scikit-learn | it is, with predictions first
    ntb.metrics.f1(labels, labels, average="macro")
ntb.metrics.r2_score | scikit-learn | it is, with predictions first
    ntb.metrics.r2(v, v + np.arange(3))
ntb.metrics.F1Score | Keras | it is
    ntb.metrics.F1(average="macro")
ntb.metrics.R2Score | Keras | it is
    ntb.metrics.R2()
ntb.metrics.log_loss | scikit-learn | it is a loss, of scores before the softmax
    nn.cross_entropy(model(x), labels)
ntb.metrics.Sum | Keras | sums are a metric of your own
    class Sum(ntb.metrics.Metric): first = lambda self: {"sum": np.array(0.0)}
ntb.metrics.MeanMetricWrapper | Keras | the mean of any function of examples is
    ntb.metrics.Mean(lambda predictions, targets: abs(predictions - targets))
ntb.metrics.CosineSimilarity | Keras | the mean of any function of examples is
    ntb.metrics.Mean(nn.cosine_similarity)
ntb.metrics.TruePositives | Keras | they stand in the table of counts
    ntb.metrics.confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]))[1, 1]
ntb.metrics.FalsePositives | Keras | they stand in the table of counts
    ntb.metrics.confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]))[0, 1]
ntb.metrics.FalseNegatives | Keras | they stand in the table of counts
    ntb.metrics.confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]))[1, 0]
ntb.metrics.balanced_accuracy_score | scikit-learn | it is
    ntb.metrics.recall(labels, labels, average="macro")
ntb.metrics.jaccard_score | scikit-learn | it is
    ntb.metrics.mean_iou(labels, labels)
ntb.metrics.root_mean_squared_error | scikit-learn | it is, with predictions first
    ntb.metrics.rmse(v, v)
ntb.metrics.zero_one_loss | scikit-learn | it is
    1 - ntb.metrics.accuracy(labels, labels)

ntb.distributions.Independent | PyTorch | log-probabilities of parts are added up
    np.sum(ntb.distributions.Normal(v, v).log_prob(v), axis=-1)
ntb.distributions.RelaxedOneHotCategorical | PyTorch | draws with gradients are
    nn.gumbel_softmax(t)
ntb.distributions.OneHotCategorical | PyTorch | draws as rows are
    nn.one_hot(ntb.distributions.Categorical(t).sample(), 2)
ntb.distributions.HalfNormal | PyTorch | it is the size of
    abs(ntb.distributions.Normal(0.0, 1.0).sample())
ntb.distributions.TransformedDistribution | PyTorch | draws are arrays, which functions change
    np.tanh(ntb.distributions.Normal(0.0, 1.0).sample())
metric.update_state | Keras | it is told of a batch by update, predictions first
    metric.update(labels, labels)
metric.reset_state | Keras | it is
    metric.reset()
metric.compute | PyTorch | it is
    metric.update(labels, labels); metric.result()

distribution.rsample | PyTorch | draws have gradients wherever there are any
    distribution.sample()
distribution.prob | TensorFlow | it is
    np.exp(distribution.log_prob(1.0))
distribution.cdf | PyTorch | SciPy's functions have it
    ntb.scipy.special.ndtr((1.0 - distribution.mean) / distribution.std)
distribution.stddev | PyTorch | it is
    distribution.std

ntb.data.DataLoader | PyTorch | batches are an iterator over arrays
    for a, b in ntb.data.batches(x, labels, size=2, shuffle=0): model(a)
ntb.data.TensorDataset | PyTorch | batches are made of arrays, as many as you like
    for a, b in ntb.data.batches(x, labels, size=2): model(a)
ntb.data.Dataset | TensorFlow | batches are an iterator over arrays; memory-mapped ones need not fit in memory
    for a, b in ntb.data.batches(x, labels, size=2, shuffle=0): model(a)
ntb.data.random_split | PyTorch | arrays are split by their rows
    train, rest = ntb.data.split(x, labels, aside=0.5, shuffle=0)

ntb.random.PRNGKey | JAX | a generator has its state in itself
    ntb.random.generator(0).normal(size=(2, 3))
ntb.random.key | JAX | a generator has its state in itself
    ntb.random.generator(0).normal(size=(2, 3))
ntb.random.split | JAX | a generator draws other numbers each time; another seed gives another
    ntb.random.generator(1).normal(size=(2, 3))
ntb.random.normal | JAX | a generator draws
    ntb.random.generator(0).normal(size=(2, 3))
ntb.random.uniform | JAX | a generator draws
    ntb.random.generator(0).uniform(size=(2, 3))
ntb.random.randint | JAX | a generator draws
    ntb.random.generator(0).integers(0, 10, size=(2, 3))
ntb.random.permutation | JAX | a generator draws
    ntb.random.generator(0).permutation(5)
ntb.random.default_rng | NumPy | it is
    ntb.random.generator(0)
ntb.random.manual_seed | PyTorch | it is
    ntb.random.seed(0)

ntb.training.Solver | earlier ntb | epochs are made by a Trainer, of which a step of your own is the step=
    ntb.training.Trainer(model, step=step).fit(x, labels, epochs=1)
ntb.training.EarlyStopping | PyTorch | callbacks have a package of their own
    ntb.training.callbacks.EarlyStopping("val_loss")
ntb.training.ModelCheckpoint | PyTorch | callbacks have a package of their own
    ntb.training.callbacks.Checkpoint("run.npz")
ntb.training.callbacks.ModelCheckpoint | Keras | Checkpoint saves each epoch, and this the best one
    ntb.training.callbacks.Best("val_loss", path="best.npz")
ntb.training.callbacks.BackupAndRestore | Keras | it is, with trainer.resume("run.npz") before fit
    ntb.training.callbacks.Checkpoint("run.npz")
ntb.training.callbacks.ReduceLROnPlateau | Keras | it is a schedule, of an optimizer, which a callback tells of a number
    optim.SGD(optim.schedules.ReduceOnPlateau(0.1)); ntb.training.callbacks.ScheduleBy("val_loss")
ntb.training.callbacks.LearningRateScheduler | Keras | a schedule is given to the optimizer
    optim.Adam(optim.schedules.cosine(0.01, 1000))
ntb.training.callbacks.LearningRateMonitor | PyTorch | it is
    ntb.training.callbacks.Rate()
ntb.training.callbacks.CSVLogger | Keras | it is
    ntb.training.callbacks.CSV("run.csv")
ntb.training.callbacks.TensorBoardLogger | PyTorch | it is
    ntb.training.callbacks.TensorBoard
ntb.training.callbacks.TerminateOnNaN | Keras | it is
    ntb.training.callbacks.StopOnNonFinite()
ntb.training.callbacks.LambdaCallback | Keras | a function of the trainer and the report of an epoch is a callback
    ntb.training.Trainer(model, nn.cross_entropy, opt, callbacks=[lambda trainer, report: print(report)])
ntb.training.callbacks.ProgbarLogger | Keras | a Trainer shows how far it is by itself
    ntb.training.Trainer(model, nn.cross_entropy, opt, progress=True)
ntb.training.callbacks.History | Keras | a Trainer keeps it by itself
    trainer.history

t.backward | PyTorch | gradients are asked of a tape
    with ntb.Tape() as tape: loss = np.sum(w * w); g = tape.gradient(loss, w)
t.grad | PyTorch | gradients are returned, not kept
    with ntb.Tape() as tape: loss = np.sum(w * w); g = tape.gradient(loss, w)
t.requires_grad | PyTorch | Variables are watched by themselves, tensors by
    with ntb.Tape() as tape: tape.watch(t); loss = np.sum(t * t)
t.requires_grad_ | PyTorch | Variables are watched by themselves, tensors by
    with ntb.Tape() as tape: tape.watch(t); loss = np.sum(t * t)
t.retain_grad | PyTorch | a tape gives the gradient of any tensor that was computed in its block
    with ntb.Tape() as tape: y = w * w; g = tape.gradient(np.sum(y * y), y)
t.grad_fn | PyTorch | what was recorded is in the tape
    with ntb.Tape() as tape: loss = np.sum(w * w); print(tape)
t.detach | PyTorch | the same value without a gradient is
    ntb.stop_gradient(t)
t.data | PyTorch | the value as a read-only array is
    t.numpy()
t.cpu | PyTorch | ntb computes where NumPy does; the value as a NumPy array is
    t.numpy()
t.cuda | PyTorch | ntb computes where NumPy does; arrays of CuPy stay on their GPU
    ntb.tensor(v)
t.to | PyTorch | another dtype is given by
    t.astype(np.float32)
t.float | PyTorch | another dtype is given by
    t.astype(np.float32)
t.double | PyTorch | another dtype is given by
    t.astype(np.float64)
t.half | PyTorch | another dtype is given by
    t.astype(np.float16)
t.long | PyTorch | another dtype is given by
    t.astype(np.int64)
t.type | PyTorch | another dtype is given by
    t.astype(np.float32)
t.view | PyTorch | another shape is given by
    t.reshape(4)
t.permute | PyTorch | axes change places by
    t.transpose(1, 0)
t.t | PyTorch | the axes in reverse are
    t.T
t.unsqueeze | PyTorch | an axis is added by an index, or by
    np.expand_dims(t, 0)
t.expand | PyTorch | operations broadcast by themselves; written out it is
    np.broadcast_to(t, (3, 2, 2))
t.contiguous | PyTorch | the layout in memory needs no care
    t.T
t.numel | PyTorch | the number of elements is
    t.size
t.dim | PyTorch | the number of axes is
    t.ndim
t.get_shape | TensorFlow | the shape is
    t.shape
t.mm | PyTorch | the product of matrices is
    t @ t
t.matmul | PyTorch | the product of matrices is
    t @ t
t.bmm | PyTorch | the product of matrices works for stacks of them
    t[None] @ t[None]
t.norm | PyTorch | NumPy's function does it
    np.linalg.norm(t)
t.softmax | PyTorch | it is a function
    nn.softmax(t, axis=1)
t.relu | PyTorch | it is a function
    nn.relu(t)
t.sigmoid | PyTorch | it is a function
    nn.sigmoid(t)
t.masked_fill | PyTorch | a choice by elements is
    np.where(t > 2, 0.0, t)
t.gather | PyTorch | elements along an axis are taken by
    np.take_along_axis(t, np.array([[0], [1]]), axis=1)
t.scatter_add | PyTorch | a tensor with changed elements is
    t.at[0, 1].add(5.0)
t.add_ | PyTorch | tensors do not change; Variables are assigned
    w.assign_add(1.0)
t.mul_ | PyTorch | tensors do not change; Variables are assigned
    w.assign(w * 2.0)
t.zero_ | PyTorch | tensors do not change; Variables are assigned
    w.assign(np.zeros(2))
t.copy_ | PyTorch | tensors do not change; Variables are assigned
    w.assign(np.zeros(2))
t.fill | NumPy | tensors do not change; a new one is
    np.full_like(t, 7.0)
t.clone | PyTorch | tensors do not change, so that none needs to be copied; a copy with a gradient is
    t.copy()
t.chunk | PyTorch | NumPy's function does it
    np.split(t, 2)
t.register_hook | PyTorch | a gradient is changed on its way by a function
    ntb.custom_gradient(lambda a: (a, lambda g: g * 0.5))(t)
t.eval | TensorFlow | operations run at once; the value as an array is
    t.numpy()
t.block_until_ready | JAX | operations run at once; the value as an array is
    t.numpy()
t.read_value | TensorFlow | the present value of a Variable, without its gradient, is
    w.value

model.parameters | PyTorch | the Variables that an optimizer changes are
    model.trainable_variables()
model.named_parameters | PyTorch | Variables by the way that leads to them are
    model.named_variables()
model.trainable_weights | Keras | the Variables that an optimizer changes are
    model.trainable_variables()
model.trainable_parameters | PyTorch | the Variables that an optimizer changes are
    model.trainable_variables()
model.weights | Keras | all Variables are
    model.variables()
model.get_weights | Keras | copies of all values, by name, are
    values = {name: v.numpy() for name, v in model.named_variables().items()}
model.set_weights | Keras | Variables are assigned one by one
    for v in model.variables(): v.assign(np.zeros(v.shape))
model.count_params | Keras | the number of parameters is
    sum(v.size for v in model.trainable_variables())
model.train | PyTorch | a model has no mode: training is an argument of the call
    model(x, train=True)
model.eval | PyTorch | a model has no mode: training is an argument of the call, and False by itself
    model(x)
model.training | PyTorch | a model has no mode: training is an argument of the call
    model(x, train=True)
model.forward | PyTorch | a model is called, and its method is named `__call__`
    model(x)
model.call | Keras | a model is called, and its method is named `__call__`
    model(x)
model.apply | JAX | a model holds its Variables and is called
    model(x)
model.init | JAX | a model has its Variables when it is made
    nn.Linear(2, 3).variables()
model.zero_grad | PyTorch | gradients are returned, not kept, so that there is nothing to reset
    with ntb.Tape() as tape: loss = nn.cross_entropy(model(x), labels); g = tape.gradient(loss, params)
model.requires_grad_ | PyTorch | a Variable is frozen by its own setting
    for v in model.variables(): v.trainable = True
model.state_dict | PyTorch | files hold a tree of Variables by name; copies of the values are
    ntb.state.snapshot(model)
model.load_state_dict | PyTorch | values by name are put back by
    ntb.state.restore(model, ntb.state.snapshot(model))
model.save | Keras | files are written by a function of all that shall be kept
    ntb.save("model.npz", {"model": model})
model.save_weights | Keras | files are written by a function of all that shall be kept
    ntb.save("model.npz", {"model": model})
model.load_weights | Keras | a file is read into a model of the same form
    ntb.save("model.npz", model); ntb.load("model.npz", model)
model.to | PyTorch | ntb computes where NumPy does; the dtype is chosen when a layer is made
    nn.Linear(2, 3, dtype=np.float64)
model.cuda | PyTorch | ntb computes where NumPy does
    model(x)
model.cpu | PyTorch | ntb computes where NumPy does
    model(x)
model.double | PyTorch | the dtype is chosen when a layer is made
    nn.Linear(2, 3, dtype=np.float64)
model.half | PyTorch | the dtype is chosen when a layer is made
    nn.Linear(2, 3, dtype=np.float16)
model.compile | Keras | a model is trained by a Trainer, which is given loss, optimizer and metrics
    trainer = ntb.training.Trainer(model, nn.cross_entropy, opt, metrics={"accuracy": nn.accuracy})
model.fit | Keras | a model is trained by a Trainer
    ntb.training.Trainer(model, nn.cross_entropy, opt).fit(x, labels, epochs=1)
model.predict | Keras | a model is called; its scores become classes by
    np.argmax(model(x), axis=1)
model.evaluate | Keras | a Trainer measures loss and metrics in batches; nn.accuracy and the like are functions, too
    ntb.training.Trainer(model, nn.cross_entropy, opt).evaluate(x, labels)
model.add | Keras | the layers are given at once
    nn.Sequential(nn.Linear(2, 3), nn.relu)
model.append | PyTorch | the layers are given at once; those of Sequential are a list
    model.layers.append(nn.relu)
model.build | Keras | a layer has its Variables when it is made
    nn.Linear(2, 3)
model.register_buffer | PyTorch | what is no parameter is a Variable that is not trained
    ntb.Variable(np.zeros(3), trainable=False)
model.register_parameter | PyTorch | an attribute that is a Variable is a parameter
    model.scale = ntb.Variable(1.0)
model.add_module | PyTorch | an attribute that is a layer is a part
    model.head = nn.Linear(3, 2)
model.modules | PyTorch | parts are attributes; a model prints as their tree
    print(model)
model.children | PyTorch | parts are attributes; those of Sequential are
    model.layers

opt.zero_grad | PyTorch | gradients are returned, not kept, so that there is nothing to reset
    opt.apply(grads, params)
opt.apply_gradients | Keras | gradients and Variables are two lists
    opt.apply(grads, params)
opt.compute_gradients | TensorFlow | gradients are asked of a tape
    with ntb.Tape() as tape: loss = nn.cross_entropy(model(x), labels); g = tape.gradient(loss, params)
opt.init | JAX | slots are made by the first step, or by
    opt.build(params)
opt.param_groups | PyTorch | parameters that are treated otherwise are groups
    optim.Groups(opt, {"vectors": {"weight_decay": 0.0}})
opt.add_param_group | PyTorch | parameters are given to each step
    opt.apply(grads, params)
opt.state_dict | PyTorch | copies of all values, by name, are
    ntb.state.snapshot({"model": model, "optimizer": opt})
opt.load_state_dict | PyTorch | values by name are put back by
    ntb.state.restore(opt, ntb.state.snapshot(opt))
opt.learning_rate | Keras | it is
    opt.lr = 0.001
opt.get_last_lr | PyTorch | the rate of the next step is
    opt.lr_now
opt.current_lr | Keras | the rate of the next step is
    opt.lr_now
opt.iterations | Keras | the number of steps is
    opt.step

tape.backward | PyTorch | a tape returns gradients
    with ntb.Tape() as tape: loss = np.sum(w * w); g = tape.gradient(loss, w)
tape.grad | PyTorch | a tape returns gradients
    with ntb.Tape() as tape: loss = np.sum(w * w); g = tape.gradient(loss, w)
tape.batch_jacobian | TensorFlow | all derivatives are
    with ntb.Tape() as tape: y = w * w; j = tape.jacobian(y, w)
tape.reset | TensorFlow | each step makes a tape of its own
    with ntb.Tape() as tape: loss = np.sum(w * w); g = tape.gradient(loss, w)
tape.watched_variables | TensorFlow | a model lists its Variables
    model.trainable_variables()

trainer.compile | Keras | loss, optimizer and metrics are given to a Trainer when it is made
    ntb.training.Trainer(model, nn.cross_entropy, opt, metrics={"accuracy": nn.accuracy})
trainer.train | earlier ntb | it is
    trainer.fit(x, labels, epochs=1)
trainer.validate | PyTorch | it is
    trainer.evaluate(x, labels)
trainer.test | PyTorch | it is
    trainer.evaluate(x, labels)
trainer.train_on_batch | Keras | batches may be a list
    trainer.fit([(x, labels)], epochs=1)
trainer.restore_best | earlier ntb | the best state is kept by a callback, and put back by its restore_best(trainer)
    best = ntb.training.callbacks.Best("val_loss")
trainer.save_checkpoint | PyTorch | it is
    trainer.save("run.npz")
trainer.save_weights | Keras | the model alone is saved by
    ntb.save("model.npz", model)
trainer.load_weights | Keras | the model alone is loaded by
    ntb.save("model.npz", model); ntb.load("model.npz", model)
trainer.current_epoch | PyTorch | it is
    trainer.epoch
trainer.global_step | PyTorch | all steps are counted as
    trainer.steps
trainer.stop_training | Keras | a callback ends training by
    trainer.stop("it is good enough")
trainer.should_stop | PyTorch | a callback ends training by trainer.stop; why it did, if so, is
    trainer.stopped
trainer.log | PyTorch | a callback adds numbers to a report by
    trainer.report(norm=1.0)

callback.on_epoch_end | Keras | it is
    callback.after_epoch(trainer, {"loss": 0.5})
callback.on_train_begin | Keras | it is
    callback.begin(trainer)
callback.on_train_end | Keras | it is
    callback.end(trainer)
callback.on_train_batch_begin | Keras | it is
    callback.before_step(trainer, (x, labels))
callback.on_train_batch_end | Keras | it is
    callback.after_step(trainer, {"loss": 0.5})
callback.model | Keras | a callback's methods are given the trainer
    trainer.model

traced.lower | JAX | the program is
    print(ntb.function(f).trace(v))
traced.get_concrete_function | TensorFlow | the program is
    print(ntb.function(f).trace(v))
traced.python_function | TensorFlow | it is
    ntb.function(f).function

ntb.grad(f, v) | PyTorch | a transformation makes a function, which is then called
    ntb.grad(f)(v)
ntb.value_and_grad(f, v) | JAX | a transformation makes a function, which is then called
    ntb.value_and_grad(f)(v)
ntb.jacobian(f, v) | PyTorch | a transformation makes a function, which is then called
    ntb.jacobian(f)(v)
ntb.hessian(f, v) | PyTorch | a transformation makes a function, which is then called
    ntb.hessian(f)(v)
ntb.grad(loss, params) | PyTorch | this differentiates functions; the gradient of a tensor is asked of its tape
    with ntb.Tape() as tape: loss = nn.cross_entropy(model(x), labels); g = tape.gradient(loss, params)
ntb.grad(f, has_aux=True) | JAX | what a function returns beside its result comes with the value
    (value, aux), g = ntb.value_and_grad(lambda a: (f(a), a), has_aux=True)(v)
ntb.grad(f, argnum=0) | JAX | positions are given as argnums
    ntb.grad(f, argnums=0)(v)
ntb.function(f, static_argnums=0) | JAX | ints, texts and objects are constants by themselves, arrays are not
    ntb.function(f)(v)
ntb.function(f, input_signature=None) | TensorFlow | shapes and dtypes need no declaration
    ntb.function(f)(v)
ntb.Tensor([1.0, 2.0]) | PyTorch | a tensor is made of data by
    ntb.tensor([1.0, 2.0])
ntb.tensor([1.0, 2.0], requires_grad=True) | PyTorch | what a tape shall follow is watched, or is a Variable
    with ntb.Tape() as tape: a = tape.watch([1.0, 2.0]); loss = np.sum(a * a)
ntb.tensor([1.0, 2.0], device="cpu") | PyTorch | ntb computes where NumPy does
    ntb.tensor([1.0, 2.0])
ntb.Variable(1.0, requires_grad=True) | PyTorch | Variables are watched by themselves; one that is not trained is
    ntb.Variable(1.0, trainable=False)
ntb.Variable(initial_value=1.0) | TensorFlow | the first value is the first argument
    ntb.Variable(1.0)
model(x, training=True) | Keras | it is
    model(x, train=True)
nn.Linear(in_features=2, out_features=3) | PyTorch | sizes are the first arguments
    nn.Linear(2, 3)
nn.Conv2d(in_channels=3, out_channels=8, kernel_size=5) | PyTorch | sizes are the first arguments
    nn.Conv2d(3, 8, 5)

node.T | NumPy | NumPy's functions work on nodes
    np.transpose(node)
node.reshape | NumPy | it is
    graph.Reshape(node, shape=(-1, 1))
node.ndim | NumPy | a shape is a tuple, with -1 for sizes that are not known yet
    len(node.shape)
node.size | NumPy | a shape is a tuple, with -1 for sizes that are not known yet
    node.shape
node.value | TensorFlow | a run gives values; only a Variable keeps one
    g.run([node], {node: v})
node.numpy | TensorFlow | a run gives values
    g.run([node], {node: v})
node.eval | TensorFlow | a run gives values
    g.run([node], {node: v})
node.run | TensorFlow | a run is the graph's
    g.run([node], {node: v})
node.item | PyTorch | a run gives values
    g.run([node], {node: v})
node.data | PyTorch | a run gives values
    g.run([node], {node: v})
node.assign | TensorFlow | a Variable is assigned by w.value = array, or by a node that is fetched
    graph.Assign(graph.Variable(value=v, graph=g), node)
node.grad | PyTorch | a gradient is a node, and Optim(loss) the node that makes a step
    graph.Grad(np.sum(node), node)
node.backward | PyTorch | a gradient is a node, and Optim(loss) the node that makes a step
    graph.Grad(np.sum(node), node)
node.gradient | TensorFlow | a gradient is a node, and Optim(loss) the node that makes a step
    graph.Grad(np.sum(node), node)

nn.Linear(2, 3, activation="relu") | Keras | activations are functions after the layer
    nn.Sequential(nn.Linear(2, 3), nn.relu)
nn.Linear(3) | Keras | the size of the input comes first, or None to take it from the first call
    nn.Linear(None, 3)
nn.Linear(units=3) | Keras | the size of the input comes first, or None to take it from the first call
    nn.Linear(None, 3)
nn.Linear(2, 3, use_bias=False) | Keras | it is
    nn.Linear(2, 3, bias=False)
nn.Linear(2, 3, kernel_initializer="he_normal") | Keras | initializers are functions of a shape
    nn.Linear(2, 3, init=nn.initializers.he_normal)
nn.Linear(2, 3, kernel_regularizer="l2") | Keras | penalties are added to the loss, or weights decay
    optim.AdamW(lr=0.01, weight_decay=0.01)
nn.BatchNorm(2, affine=False) | PyTorch | without Variables it is a function
    nn.batch_norm(x, train=True)
nn.BatchNorm() | Keras | the number of channels is given, or None to take it from the first call
    nn.BatchNorm(None)
nn.LayerNorm(2, elementwise_affine=False) | PyTorch | without Variables it is a function
    nn.layer_norm(x)
nn.LayerNorm(2, epsilon=0.001) | Keras | it is
    nn.LayerNorm(2, eps=0.001)
nn.Embedding(input_dim=70, output_dim=32) | Keras | sizes are the first arguments
    nn.Embedding(70, 32)
nn.MultiHeadAttention(embed_dim=8, num_heads=2) | PyTorch | sizes are the first arguments
    nn.MultiHeadAttention(8, 2)
nn.MultiHeadAttention(2, key_dim=4) | Keras | the size of all heads together comes first
    nn.MultiHeadAttention(8, 2)
nn.MultiHeadAttention(4, 2)(np.ones((1, 5, 4)), attn_mask=None) | PyTorch | a mask says True for what is seen
    nn.MultiHeadAttention(4, 2)(np.ones((1, 5, 4)), mask=np.tri(5, dtype=bool))
nn.MultiHeadAttention(4, 2)(np.ones((1, 5, 4)), key_padding_mask=None) | PyTorch | a mask says True for what is seen
    nn.MultiHeadAttention(4, 2)(np.ones((1, 5, 4)), key_mask=np.array([[True, True, True, False, False]]))
nn.TransformerEncoderLayer(d_model=8, nhead=2) | PyTorch | sizes are the first arguments
    nn.TransformerEncoderLayer(8, 2)
nn.TransformerEncoderLayer(8, 2, dim_feedforward=32) | PyTorch | it is
    nn.TransformerEncoderLayer(8, 2, hidden=32)
nn.scaled_dot_product_attention(t, t, t, is_causal=True) | PyTorch | it is
    nn.scaled_dot_product_attention(t, t, t, causal=True)
nn.scaled_dot_product_attention(t, t, t, attn_mask=None) | PyTorch | it is
    nn.scaled_dot_product_attention(t, t, t, mask=np.tri(2, dtype=bool))
nn.scaled_dot_product_attention(t, t, t, dropout_p=0.1) | PyTorch | it is
    nn.scaled_dot_product_attention(t, t, t, dropout=0.1)
nn.cross_entropy(model(x), labels, weight=v) | PyTorch | weights of classes are told from weights of examples
    nn.cross_entropy(model(x), labels, class_weights=v)
nn.cross_entropy(model(x), labels, from_logits=True) | Keras | it takes scores before the softmax
    nn.cross_entropy(model(x), labels)
nn.binary_cross_entropy_with_logits(t, t > 1, pos_weight=2.0) | PyTorch | weights are one for each example
    nn.binary_cross_entropy_with_logits(t, t > 1, weights=np.where(t > 1, 2.0, 1.0), reduction="sum") / t.size
nn.kl_div(nn.log_softmax(t), nn.log_softmax(t), log_target=True) | PyTorch | targets are probabilities
    nn.kl_div(nn.log_softmax(t), nn.softmax(t))
nn.dropout(t, 0.5, training=True) | PyTorch | the function always drops; the layer is told of training
    nn.Dropout(0.5)(t, train=True)
nn.interpolate(np.ones((1, 3, 8, 8)), scale_factor=2) | PyTorch | it is
    nn.interpolate(np.ones((1, 3, 8, 8)), scale=2)
nn.max_pool2d(np.ones((1, 3, 8, 8)), kernel_size=2) | PyTorch | the size of a window is the second argument
    nn.max_pool2d(np.ones((1, 3, 8, 8)), 2)
nn.group_norm(np.ones((1, 4, 8, 8)), num_groups=2) | PyTorch | the number of groups is the second argument
    nn.group_norm(np.ones((1, 4, 8, 8)), 2)
nn.conv2d(np.ones((1, 3, 8, 8)), np.ones((4, 3, 3, 3)), strides=2) | TensorFlow | it is
    nn.conv2d(np.ones((1, 3, 8, 8)), np.ones((4, 3, 3, 3)), stride=2)
nn.cosine_similarity(t, t, dim=1) | PyTorch | it is axis, as in NumPy
    nn.cosine_similarity(t, t, axis=1)
nn.Softmax(dim=1) | PyTorch | it is axis, as in NumPy
    nn.Softmax(axis=1)
nn.ReLU(inplace=True) | PyTorch | tensors do not change
    nn.ReLU()
nn.LeakyReLU(negative_slope=0.2) | PyTorch | it is
    nn.LeakyReLU(slope=0.2)
nn.Activation("relu") | Keras | each activation is a function and a layer
    nn.Sequential(nn.Linear(2, 3), nn.relu), nn.ReLU()
nn.Conv2d(8, 5) | Keras | the channels of the input come first, or None for those of the first call
    nn.Conv2d(None, 8, 5)
nn.MaxPool2d(kernel_size=2, stride=2) | PyTorch | the size of a window is the first argument
    nn.MaxPool2d(2, 2)
nn.MaxPool2d(pool_size=2) | Keras | the size of a window is the first argument
    nn.MaxPool2d(2)
nn.MaxPool2d(2, strides=2) | Keras | it is
    nn.MaxPool2d(2, stride=2)
nn.MaxPool2d(2, return_indices=True) | PyTorch | what goes back to where the maxima were is the adjoint
    ntb.vjp(lambda a: nn.max_pool2d(a, 2, ties="first"), np.ones((1, 1, 4, 4)))[1](np.ones((1, 1, 2, 2)))
nn.AdaptiveAvgPool2d(output_size=1) | PyTorch | the size is the first argument
    nn.AdaptiveAvgPool2d(1)
nn.Upsample(scale_factor=2, mode="bilinear") | PyTorch | it is scale, and linear for any number of axes
    nn.Upsample(scale=2, mode="linear")
nn.PixelShuffle(upscale_factor=2) | PyTorch | the factor is the first argument
    nn.PixelShuffle(2)
nn.GroupNorm(num_groups=2, num_channels=4) | PyTorch | groups and channels are the first arguments
    nn.GroupNorm(2, 4)
nn.Conv2d(3, 8, 5, strides=2) | Keras | it is
    nn.Conv2d(3, 8, 5, stride=2)
nn.Conv2d(3, 8, 5, padding_mode="reflect") | PyTorch | borders are zeros; other ones are made before
    nn.Sequential(nn.Pad(2, "reflect"), nn.Conv2d(3, 8, 5))
nn.Embedding(num_embeddings=70, embedding_dim=32) | PyTorch | sizes are the first arguments
    nn.Embedding(70, 32)
nn.LSTM(input_size=2, hidden_size=3) | PyTorch | sizes are the first arguments
    nn.LSTM(2, 3)
nn.LSTM(2, 3, batch_first=True) | PyTorch | sequences are (N, T, D) always
    nn.LSTM(2, 3)
nn.LSTM(2, 3, num_layers=2) | PyTorch | it is
    nn.LSTM(2, 3, layers=2)
nn.LSTM(3) | Keras | the size of the input comes first, or None to take it from the first call
    nn.LSTM(None, 3)
nn.Embedding(70, 32, mask_zero=True) | Keras | 0 is padding by padding_idx; masks are given to layers
    nn.Embedding(70, 32, padding_idx=0)
nn.one_hot(labels, num_classes=3) | PyTorch | the number of classes is the second argument
    nn.one_hot(labels, 3)
nn.LSTM(2, 3, return_sequences=True) | Keras | all outputs are given, and nn.Last takes the last one
    nn.Sequential(nn.LSTM(2, 3), nn.Last(), nn.Linear(3, 1))
nn.Dropout(rate=0.5) | Keras | it is
    nn.Dropout(0.5)
nn.BatchNorm(num_features=2) | PyTorch | the number of channels is the first argument
    nn.BatchNorm(2)
nn.LayerNorm(normalized_shape=2) | PyTorch | the shape is the first argument
    nn.LayerNorm(2)
optim.Adam(model.trainable_variables(), lr=0.01) | PyTorch | the Variables are given to each step
    optim.Adam(lr=0.01).apply(grads, params)
optim.Adam(learning_rate=0.01) | Keras | it is
    optim.Adam(lr=0.01)
optim.Adam(betas=(0.9, 0.99)) | PyTorch | they are two arguments
    optim.Adam(beta1=0.9, beta2=0.99)
optim.Adam(params=[], lr=0.01) | PyTorch | the Variables are given to each step
    optim.Adam(lr=0.01).apply(grads, params)
optim.Adam(amsgrad=True) | PyTorch | it is a class
    optim.AMSGrad(lr=0.01)
optim.Adam(clipnorm=1.0) | Keras | gradients are clipped before a step
    grads, norm = optim.clip_by_global_norm(grads, 1.0)
optim.Adam(global_clipnorm=1.0) | Keras | functions of the gradients stand before an optimizer
    optim.Chain(lambda grads: optim.clip_by_global_norm(grads, 1.0), optim.Adam(0.01))
optim.Adam(clipvalue=1.0) | Keras | functions of the gradients stand before an optimizer
    optim.Chain(lambda grads: optim.clip_by_value(grads, 1.0), optim.Adam(0.01))
optim.Adam(epsilon=1e-7) | Keras | it is
    optim.Adam(eps=1e-7)
optim.Adam(beta_1=0.9) | Keras | it is
    optim.Adam(beta1=0.9)
optim.Adam(b1=0.9) | JAX | it is
    optim.Adam(beta1=0.9)
optim.AdamW(mask=None) | JAX | groups of parameters have settings of their own
    optim.Groups(optim.AdamW(), {"vectors": {"weight_decay": 0.0}})
optim.RMSProp(alpha=0.99) | PyTorch | it is
    optim.RMSProp(decay=0.99)
optim.RMSProp(rho=0.9) | Keras | it is
    optim.RMSProp(decay=0.9)
optim.SGD(0.1, momentum=0.9, dampening=0.0) | PyTorch | gradients are added to the velocity as they are
    optim.SGD(0.1, momentum=0.9)
model(x, deterministic=False) | JAX | it is
    model(x, train=True)
model.summary() | Keras | it calls the model: it is given an input, or its shape
    model.summary((4, 2))
optim.schedules.cosine(0.01, T_max=1000) | PyTorch | it is
    optim.schedules.cosine(0.01, steps=1000)
optim.schedules.cosine(0.01, decay_steps=1000) | Keras | it is
    optim.schedules.cosine(0.01, steps=1000)
optim.schedules.step_decay(0.01, step_size=100, gamma=0.1) | PyTorch | it is
    optim.schedules.step_decay(0.01, every=100, factor=0.1)
optim.clip_by_global_norm(1.0) | JAX | it is a function of gradients
    grads, norm = optim.clip_by_global_norm(grads, 1.0)
ntb.metrics.Mean() | Keras | it is the mean of what a function gives for batches, such as a loss
    ntb.metrics.Mean(nn.mse).update(v, v)
ntb.metrics.Accuracy(num_classes=3) | PyTorch | the number of classes is that of the scores
    ntb.metrics.Accuracy().update(model(x), labels)
ntb.distributions.Normal(loc=0.0, scale=1.0) | PyTorch | they are called by what they are
    ntb.distributions.Normal(mean=0.0, std=1.0)
ntb.distributions.Categorical(logits=t) | PyTorch | they are the first argument
    ntb.distributions.Categorical(t)
ntb.distributions.Bernoulli(probs=0.5) | PyTorch | it is
    ntb.distributions.Bernoulli(probabilities=0.5)
opt.step() | PyTorch | a step is given the gradients and the Variables; opt.step counts them
    opt.apply(grads, params)
opt.apply(zip(grads, params)) | Keras | gradients and Variables are two lists
    opt.apply(grads, params)
opt.minimize(loss, params) | TensorFlow | the loss is a function, as it is computed inside
    opt.minimize(lambda: nn.cross_entropy(model(x), labels), params)
t.sum(dim=1) | PyTorch | it is axis, as in NumPy
    t.sum(axis=1)
t.mean(dim=0) | PyTorch | it is axis, as in NumPy
    t.mean(axis=0)
t.sum(axis=1, keepdim=True) | PyTorch | it is keepdims, as in NumPy
    t.sum(axis=1, keepdims=True)
nn.softmax(t, dim=1) | PyTorch | it is axis, as in NumPy
    nn.softmax(t, axis=1)
ntb.data.batches(x, labels, batch_size=2) | Keras | it is
    ntb.data.batches(x, labels, size=2)
trainer.fit(x, labels, validation_data=(x, labels)) | Keras | it is
    trainer.fit(x, labels, validation=(x, labels))
trainer.fit(x, labels, validation_split=0.5) | Keras | rows are put aside before
    (a, b), aside = ntb.data.split(x, labels, aside=0.5); trainer.fit(a, b, validation=aside)
trainer.fit(x, labels, verbose=0) | Keras | a Trainer is told when it is made
    ntb.training.Trainer(model, nn.cross_entropy, opt, progress=False)
trainer.fit(x, labels, callbacks=[]) | Keras | a Trainer is given its callbacks when it is made
    ntb.training.Trainer(model, nn.cross_entropy, opt, callbacks=[])
trainer.fit(x, labels, initial_epoch=2) | Keras | fit goes on from where training stands; so many epochs in all are
    trainer.fit(x, labels, until=3)
trainer.fit(x, labels, steps_per_epoch=2) | Keras | an epoch is once through the batches
    trainer.fit([(x, labels)] * 2, epochs=1)
trainer.fit(x, labels, max_epochs=2) | PyTorch | it is
    trainer.fit(x, labels, epochs=2)
trainer.fit(x, labels, sample_weight=None) | Keras | a step of your own, step=, gives the weights of a batch to its loss
    nn.cross_entropy(model(x), labels, weights=np.ones(4))
trainer.fit(x, labels, class_weight=None) | Keras | weights are an argument of the loss
    ntb.training.Trainer(model, lambda scores, y: nn.cross_entropy(scores, y, class_weights=v), opt)
ntb.training.Trainer(model, criterion=nn.cross_entropy) | PyTorch | it is
    ntb.training.Trainer(model, loss=nn.cross_entropy, optimizer=opt)
ntb.training.Trainer(max_epochs=2) | PyTorch | how many epochs is said to fit
    ntb.training.Trainer(model, nn.cross_entropy, opt).fit(x, labels, epochs=2)
ntb.training.callbacks.EarlyStopping(monitor="val_loss") | Keras | it is
    ntb.training.callbacks.EarlyStopping(watch="val_loss")
ntb.training.callbacks.EarlyStopping("val_loss", restore_best_weights=True) | Keras | it is
    ntb.training.callbacks.EarlyStopping("val_loss", restore=True)
ntb.training.callbacks.EarlyStopping("val_loss", min_delta=0.01) | Keras | it is
    ntb.training.callbacks.EarlyStopping("val_loss", least=0.01)
ntb.training.callbacks.Checkpoint("run.npz", save_best_only=True) | Keras | the best epoch is saved by
    ntb.training.callbacks.Best("val_loss", path="best.npz")
tape.gradient(loss, model) | TensorFlow | sources are Variables, in lists, tuples and dicts
    g = tape.gradient(loss, model.trainable_variables())
ntb.save(model, "model.npz") | PyTorch | write the path first
    ntb.save("model.npz", model)
ntb.load("model.npz") | PyTorch | a file is read into a model of the same form
    ntb.save("model.npz", model); ntb.load("model.npz", model)
"""


@functools.cache
def table() -> dict[str, Habit]:
    """All habits by their code, in the order of the table."""
    lines = [line for line in _TABLE.splitlines() if line]
    rows = [Habit._make([*row.split(" | "), example.strip()]) for row, example in zip(lines[::2], lines[1::2])]
    return {row.code: row for row in rows}


# --- attributes


def no_attribute(owner: str, place: str, name: str, names: Iterable[str]) -> AttributeError:
    """The error for a missing attribute, which says what ntb has in its place.

    Args:
        owner: what was asked, as the error names it: "ntb.nn", "a Linear".
        place: what the table calls it: "nn", "model"; names: the attributes that there are.
    """
    text = f"{owner} has no attribute {name!r}"
    if not name.startswith("_"):  # else Python or a library asks, which catches the error
        text += f"; {_advice(place, name, names)}"
    return AttributeError(text)


def _advice(place: str, name: str, names: Iterable[str]) -> str:
    names = list(names)
    same = [x for x in names if _letters(x) == _letters(name)]
    row = table().get(f"{place}.{name}") or (None if same else _row_of(place, name))
    if row is not None:
        return _told(row)
    graphs = place in ("node", "ntb.compat")  # the graph style, whose blocks are nodes
    for part in () if graphs else ("nn", "optim", "data", "random", "training"):
        if name in getattr(sys.modules.get(f"ntb.{part}"), "__all__", ()) and part != place:
            return f"it is ntb.{part}.{name}"
    if callable(getattr(np, name, None)) and (graphs or place in ("ntb", "nn", "t")):
        argument = f"({place})" if place in ("t", "node") else ""
        return f"NumPy's function works on {'nodes' if graphs else 'tensors'}: np.{name}{argument}"
    near = get_close_matches(name, same or names, 1, 0.0 if same else 0.6)
    return f"did you mean {near[0]!r}?" if near else "docs/coming_from.md has ntb's way for other libraries' names"


def _row_of(place: str, name: str) -> Habit | None:
    """The row of a name in any spelling; that of a layer for one or three axes is the one for two, where it fits."""
    code, axes = f"{place}.{name}", re.search("[13](?=[dD])", name)
    if axes is None or code in table():
        return _by_letters().get(_letters(code))
    for_two = _row_of(place, f"{name[: axes.start()]}2{name[axes.end() :]}")
    if for_two is None or "np." in for_two.example:  # an array, which has two axes
        return None
    example = for_two.example.replace("2d", f"{axes[0]}d")
    known = getattr(sys.modules.get("ntb.nn"), "__all__", ())
    return for_two._replace(example=example) if set(re.findall(r"nn\.(\w+)", example)) <= set(known) else None


@functools.cache
def _by_letters() -> dict[str, Habit]:
    return {_letters(code): row for code, row in reversed(table().items())}


def _letters(name: str) -> str:
    """A name in any spelling: HeNormal, he_normal and he_normal_ are one."""
    return name.lower().replace("_", "")


def _told(row: Habit) -> str:
    return f"{row.answer}: {row.example}"


def of_package(module: str, names: list[str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package or module with these public names."""
    place = module.removeprefix("ntb.") if module.startswith(("ntb.nn", "ntb.optim")) else module

    def missing(name: str) -> Any:
        raise no_attribute(module, place, name, names)

    return missing, lambda: sorted(names)


def of_class(place: str) -> Callable[[Any, str], Any]:
    """The `__getattr__` of a class. Type checkers do not take it for one, and go on telling of missing attributes."""

    def missing(self: Any, name: str) -> Any:
        kind = type(self)
        article = "an" if kind.__name__[:1] in "AEIOU" else "a"
        raise no_attribute(f"{article} {kind.__name__}", place, name, dir(kind))

    return missing


# --- calls


def answer_to(call: str) -> str:
    """What the table says to a call in another library's way."""
    return _told(table()[call])


def knows_habits(function: _Function) -> _Function:
    """A function whose errors for arguments that it does not know say what ntb has in the place of these."""

    @functools.wraps(function)
    def with_advice(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if type(error) is not TypeError:  # one of ntb's own
                raise
            text, called = str(error), function.__qualname__
            if function.__name__ == "__init__" and type(args[0]).__module__.startswith("ntb."):
                called = f"{type(args[0]).__name__}.__init__"  # a layer's, where it is written for several
                text = text.replace(function.__qualname__, called)
            others = [name for name in kwargs if name not in inspect.signature(function).parameters]
            texts = [text, *[f"{called}() got an unexpected keyword argument '{name}'" for name in others]]
            advice = next(filter(None, [advice_on(t, function.__module__) for t in texts]), "")
            advice = advice or _by_name(text, function)
            if not advice and text == str(error):
                raise
            raise TypeError(f"{text}; {advice}" if advice else text) from None

    return cast(_Function, with_advice)


def _by_name(text: str, function: Callable[..., Any]) -> str:
    """What may follow the positional arguments of a function that was given too many of them; "" if nothing."""
    parameters = inspect.signature(function).parameters.values()
    options = [f"{p.name}=" for p in parameters if p.kind is p.KEYWORD_ONLY]
    return f"further ones are given by name: {', '.join(options)}" if options and _TOO_MANY.search(text) else ""


_TOO_MANY = re.compile(r"\(\) takes .*positional arguments? but \d+ (was|were) given$")


_PACKAGES = ("nn", "optim", "metrics", "distributions")

_OF_ARGUMENTS = re.compile(
    r"(?P<function>[\w.]+)\(\) (?P<problem>got an unexpected keyword argument|got multiple values for argument|"
    r"missing 1 required positional argument:) '(?P<argument>\w+)'(?!.*; )"
)
"""What Python says of a call whose arguments do not fit the function, if nobody has given advice on it."""


def advice_on(text: str, module: str = "") -> str:
    """What the table says to an error of Python's for arguments that do not fit a function; "" if nothing.

    A row for another function does as well, if that is no layer or optimizer, or the function is in the same package:
    `alpha` of an activation is not that of an optimizer.
    """
    found = _OF_ARGUMENTS.search(text)
    if found is None:
        return ""
    missing, named = "missing" in found["problem"], re.compile(rf"\b{found['argument']}=")
    others: list[Habit] = []
    ours: list[Habit] = []
    for row in table().values():
        function, call, arguments = row.code.partition("(")
        if call and ("=" not in arguments if missing else named.search(arguments)):
            same = function.rpartition(".")[2] in found["function"].split(".")  # of Linear, it is "Linear.__init__"
            package = function.removeprefix("ntb.").partition(".")[0]
            if same:
                ours.append(row)
            elif package not in _PACKAGES or module.startswith(f"ntb.{package}"):
                others.append(row)
    fitting = ours or ([] if missing else others)
    return _told(fitting[0]) if fitting else ""
