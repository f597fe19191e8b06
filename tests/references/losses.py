"""Losses, as PyTorch, Optax and Keras compute them."""

import numpy as np

import ntb
from ntb import nn

from .base import reference

SHAPES = [(3, 4), (3, 4)]
LABELS = np.array([0, 3, 1, 1, 2])
BINARY = np.array([[0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
SIGNS = np.array([1, -1, -1])
CLASS_WEIGHTS = np.array([0.5, 2.0, 1.0, 0.25])


def uniform(*shape):
    return lambda rng: rng.uniform(0.05, 0.95, shape)


def distribution(*shape):
    return lambda rng: (p := rng.uniform(0.05, 1, shape)) / p.sum(-1, keepdims=True)


def torchs(name, ours, theirs=None, inputs=SHAPES, suffix="", **options):
    """A case of PyTorch's function of that name, with options that both sides know, unless `theirs` is given."""
    function = theirs or (lambda F, *arrays: getattr(F, name)(*arrays, **options))
    run = (lambda *arrays: ours(*arrays, **options)) if theirs is None else ours
    reference(f"{name}{suffix}", "torch", inputs, run, lambda torch, *a: function(torch.nn.functional, *a))


# --- numbers

reference("mse", "torch", SHAPES, nn.mse, lambda torch, x, y: torch.nn.functional.mse_loss(x, y))
reference("mae", "torch", SHAPES, nn.mae, lambda torch, x, y: torch.nn.functional.l1_loss(x, y))
torchs("huber_loss", nn.huber, delta=0.7)
torchs("smooth_l1_loss", nn.smooth_l1, beta=0.7)
torchs("mse_loss", nn.mse, reduction="none", suffix=" none")
torchs("l1_loss", nn.mae, reduction="sum", suffix=" sum")
torchs("gaussian_nll_loss", nn.gaussian_nll, inputs=[(3, 4), (3, 4), uniform(3, 4)])
torchs("gaussian_nll_loss", nn.gaussian_nll, inputs=[(3, 4), (3, 4), uniform(3, 4)], eps=0.3, suffix=" eps")
torchs("poisson_nll_loss", nn.poisson_nll, inputs=[(3, 4), lambda rng: rng.poisson(2.0, (3, 4)).astype(float)])
reference("log_cosh", "optax", SHAPES, lambda x, y: nn.log_cosh(x, y, reduction="none"),
          lambda optax, x, y: optax.losses.log_cosh(x, y))  # fmt: skip

# --- classes

SCORES = [(5, 4), LABELS]
SOFT = [(5, 4), distribution(5, 4)]
torchs("cross_entropy", nn.cross_entropy, inputs=SCORES)
torchs("cross_entropy", nn.cross_entropy, inputs=SCORES, suffix=" smoothing", label_smoothing=0.1)
torchs("cross_entropy", nn.cross_entropy, inputs=SCORES, suffix=" ignored", ignore_index=1)
torchs("cross_entropy", nn.cross_entropy, inputs=SOFT, suffix=" soft")
for reduction in ("mean", "sum", "none"):
    for inputs, kind in ((SCORES, "labels"), (SOFT, "soft")):
        options = {"label_smoothing": 0.2, "reduction": reduction}
        torchs(
            "cross_entropy",
            lambda x, t, o=options: nn.cross_entropy(x, t, class_weights=CLASS_WEIGHTS, **o),
            lambda F, x, t, o=options: F.cross_entropy(x, t, weight=x.new_tensor(CLASS_WEIGHTS), **o),
            inputs, f" of {kind}, class weights, {reduction}",
        )  # fmt: skip
torchs(
    "nll_loss",
    lambda x, t: nn.nll(x, t, class_weights=CLASS_WEIGHTS, ignore_index=1),
    lambda F, x, t: F.nll_loss(x, t, weight=x.new_tensor(CLASS_WEIGHTS), ignore_index=1),
    SCORES, " class weights, ignored",
)  # fmt: skip
reference("categorical_cross_entropy", "torch", [distribution(5, 4), LABELS], nn.categorical_cross_entropy,
          lambda torch, p, t: torch.nn.functional.nll_loss(torch.log(p), t))  # fmt: skip
torchs("binary_cross_entropy", nn.binary_cross_entropy, inputs=[uniform(3, 4), uniform(3, 4)])
torchs("binary_cross_entropy_with_logits", nn.binary_cross_entropy_with_logits, inputs=[(3, 4), uniform(3, 4)])
for alpha in (None, 0.25):
    reference(
        f"binary_focal {alpha}", "optax", [(3, 4), BINARY],
        lambda x, t, alpha=alpha: nn.binary_focal(x, t, alpha=alpha, reduction="none"),
        lambda optax, x, t, alpha=alpha: optax.losses.sigmoid_focal_loss(x, t, alpha=alpha),
    )  # fmt: skip
reference(
    "focal", "keras", [(5, 4), np.eye(4)[LABELS]],
    lambda x, t: nn.focal(x, t, gamma=1.5, reduction="none"),
    lambda keras, x, t: keras.ops.convert_to_numpy(
        keras.losses.categorical_focal_crossentropy(t, keras.ops.softmax(x), alpha=1.0, gamma=1.5)
    ), gradients=False, tolerance=1e-6,
)  # fmt: skip
torchs(
    "kl_div",
    lambda x, t: nn.kl_div(nn.log_softmax(x), t),
    lambda F, x, t: F.kl_div(F.log_softmax(x, -1), t, reduction="batchmean"),
    SOFT,
)

# --- margins

reference("hinge", "optax", [(3,), SIGNS], lambda x, t: nn.hinge(x, t, reduction="none"),
          lambda optax, x, t: optax.losses.hinge_loss(x, t))  # fmt: skip
reference("squared_hinge", "keras", [(3, 4), 2 * BINARY - 1],
          lambda x, t: np.mean(nn.squared_hinge(x, t, reduction="none"), -1),
          lambda keras, x, t: keras.ops.convert_to_numpy(keras.losses.squared_hinge(t, x)),
          gradients=False)  # fmt: skip
torchs("soft_margin_loss", nn.soft_margin, inputs=[(3, 4), 2 * BINARY - 1])
torchs("multi_margin_loss", nn.multi_margin, inputs=SCORES, margin=0.8)
reference("multiclass_hinge", "optax", SCORES, lambda x, t: nn.multiclass_hinge(x, t, reduction="none"),
          lambda optax, x, t: optax.losses.multiclass_hinge_loss(x, t))  # fmt: skip
torchs(
    "multilabel_margin_loss",
    lambda x: nn.multilabel_margin(x, BINARY),
    lambda F, x: F.multilabel_margin_loss(x, x.new_tensor([[1, 2, -1, 0], [0, -1, 0, 0], [-1, 0, 0, 0]]).long()),
    [(3, 4)],
)
torchs("multilabel_soft_margin_loss", nn.binary_cross_entropy_with_logits, inputs=[(3, 4), BINARY.astype(float)],
       theirs=lambda F, x, t: F.multilabel_soft_margin_loss(x, t))  # fmt: skip
torchs("margin_ranking_loss", nn.margin_ranking, inputs=[(3,), (3,), SIGNS], margin=0.3)

# --- vectors

torchs("cosine_similarity", nn.cosine_similarity)
torchs(
    "cosine_embedding_loss",
    lambda a, b: nn.cosine_embedding(a, b, SIGNS == 1, margin=-0.5),
    lambda F, a, b: F.cosine_embedding_loss(a, b, a.new_tensor(SIGNS), margin=-0.5),
)
torchs(
    "triplet_margin_loss",
    lambda a, p, n: nn.triplet_margin(a, p, n, margin=2.0),
    lambda F, a, p, n: F.triplet_margin_loss(a, p, n, margin=2.0, eps=0.0),
    [(3, 4), (3, 4), (3, 4)],
)

reference(
    "contrastive", "torch", [(3, 4), (3, 4)],
    lambda a, b: nn.contrastive(a, b, SIGNS == 1, margin=4.0),
    lambda torch, a, b: (
        d := torch.nn.functional.pairwise_distance(a, b, eps=0),
        torch.where(a.new_tensor(SIGNS) == 1, d, (4.0 - d).clamp(min=0)).square().mean() / 2,
    )[1],
)  # fmt: skip

# --- penalties

reference("l1", "torch", [(3, 4)], nn.l1, lambda torch, w: w.abs().sum())
reference("l2", "torch", [(3, 4)], nn.l2, lambda torch, w: w.square().sum() / 2)
reference("elastic", "torch", [(3, 4)], lambda w: nn.elastic(w, ratio=0.3),
          lambda torch, w: 0.3 * w.abs().sum() + 0.7 * w.square().sum() / 2)  # fmt: skip
for shape in ((4, 3), (3, 4)):
    reference(f"orthogonal_penalty of {shape}", "torch", [shape], nn.orthogonal_penalty,
              lambda torch, w: ((w.T @ w if len(w) > 3 else w @ w.T) - torch.eye(3)).square().sum() / 2)  # fmt: skip

# --- regions

reference("dice", "keras", [uniform(2, 3, 4), lambda rng: rng.integers(0, 2, (2, 3, 4)).astype(float)],
          lambda p, t: nn.dice(p, t, smooth=0.0, reduction="none"),
          lambda keras, p, t: keras.ops.convert_to_numpy(keras.losses.dice(t, p, axis=(1, 2))),
          gradients=False, tolerance=1e-6)  # fmt: skip
reference("tversky", "keras", [uniform(2, 3, 4), lambda rng: rng.integers(0, 2, (2, 3, 4)).astype(float)],
          lambda p, t: nn.tversky(p, t, alpha=0.3, beta=0.7, smooth=0.0, reduction="none"),
          lambda keras, p, t: keras.ops.convert_to_numpy(
              keras.losses.tversky(t, p, alpha=0.7, beta=0.3, axis=(1, 2))),  # whose alpha weights misses
          gradients=False, tolerance=1e-6)  # fmt: skip

# --- sequences: the labels of the first repeat one, and the last has none

SPELLED = np.array([[1, 1, 2], [3, 0, 0], [2, 1, 0], [0, 0, 0]])
LENGTHS, SPELLED_LENGTHS = np.array([6, 4, 5, 3]), np.array([3, 1, 2, 0])


def our_ctc(x):
    return nn.ctc(x, SPELLED, lengths=LENGTHS, label_lengths=SPELLED_LENGTHS, reduction="none")


def torchs_ctc(torch, x):
    lengths = torch.tensor(LENGTHS), torch.tensor(SPELLED_LENGTHS)
    scores = torch.log_softmax(x, -1).transpose(0, 1)
    return torch.nn.functional.ctc_loss(scores, torch.tensor(SPELLED), *lengths, reduction="none")


reference("ctc", "torch", [(4, 6, 4)], our_ctc, torchs_ctc)
reference("ctc in a traced function", "torch", [(4, 6, 4)], lambda x: ntb.function(our_ctc)(x), torchs_ctc)
