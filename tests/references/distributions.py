"""Distributions, as PyTorch has them."""

import numpy as np

from ntb import distributions as ours

from .base import reference


def positive(*shape):
    return lambda rng: rng.uniform(0.3, 2.0, shape)


def between(rng):
    return rng.uniform(0.05, 0.95, (3, 4))


def rank(rng):
    return rng.standard_normal((2, 3, 3))


def covariance(a):
    """A function of any matrix, as libraries differ in which half of a symmetric one has the gradient."""
    return a @ a.swapaxes(1, 2) + np.eye(3)


def their_covariance(torch, a):
    return a @ a.mT + torch.eye(3)


def their(torch, name):
    return getattr(torch.distributions, name)


CASES = {
    "Normal": ([(3, 4), positive(4)], (3, 4), {}),
    "LogNormal": ([(3, 4), positive(4)], positive(3, 4), {}),
    "Laplace": ([(3, 4), positive(4)], (3, 4), {}),
    "Exponential": ([positive(4)], positive(3, 4), {}),
    "Bernoulli": ([(3, 4)], lambda rng: rng.integers(0, 2, (3, 4)).astype(float), {"logits": "scores"}),
}
for name, (given, x, names) in CASES.items():
    count = len(given)

    def make(f, given, names, theirs):
        return f(**{theirs: given[0]}) if names else f(*given)

    reference(
        f"{name}.log_prob", "torch", [*given, x],
        lambda *a, n=name, o=names: make(getattr(ours, n), a[:-1], o, "scores").log_prob(a[-1]),
        lambda torch, *a, n=name, o=names: make(their(torch, n), a[:-1], o, "logits").log_prob(a[-1]),
    )  # fmt: skip
    reference(
        f"{name}.entropy", "torch", given,
        lambda *a, n=name, o=names: np.broadcast_to(make(getattr(ours, n), a, o, "scores").entropy(), a[0].shape),
        lambda torch, *a, n=name, o=names: make(their(torch, n), a, o, "logits").entropy().expand(a[0].shape),
    )  # fmt: skip
    reference(
        f"kl of {name}", "torch", [*given, *given],
        lambda *a, n=name, o=names, k=count: ours.kl_divergence(
            make(getattr(ours, n), a[:k], o, "scores"), make(getattr(ours, n), a[k:], o, "scores")
        ),
        lambda torch, *a, n=name, o=names, k=count: torch.distributions.kl_divergence(
            make(their(torch, n), a[:k], o, "logits"), make(their(torch, n), a[k:], o, "logits")
        ),
    )  # fmt: skip

reference(
    "Bernoulli of probabilities", "torch", [between, lambda rng: rng.integers(0, 2, (3, 4)).astype(float)],
    lambda p, x: ours.Bernoulli(probabilities=p).log_prob(x),
    lambda torch, p, x: torch.distributions.Bernoulli(probs=p).log_prob(x),
)  # fmt: skip
LABELS = np.array([0, 3, 1])
reference(
    "Categorical.log_prob", "torch", [(3, 4)],
    lambda s: ours.Categorical(s).log_prob(LABELS),
    lambda torch, s: torch.distributions.Categorical(logits=s).log_prob(torch.tensor(LABELS)),
)  # fmt: skip
reference(
    "Categorical of probabilities", "torch", [positive(3, 4)],
    lambda p: ours.Categorical(probabilities=p).log_prob(LABELS),
    lambda torch, p: torch.distributions.Categorical(probs=p).log_prob(torch.tensor(LABELS)),
)  # fmt: skip
reference(
    "Categorical.entropy", "torch", [(3, 4)],
    lambda s: ours.Categorical(s).entropy(), lambda torch, s: torch.distributions.Categorical(logits=s).entropy(),
)  # fmt: skip
reference(
    "kl of Categorical", "torch", [(3, 4), (3, 4)],
    lambda a, b: ours.kl_divergence(ours.Categorical(a), ours.Categorical(b)),
    lambda torch, a, b: torch.distributions.kl_divergence(*[torch.distributions.Categorical(logits=s) for s in (a, b)]),
)  # fmt: skip
reference(
    "Uniform.log_prob", "torch", [(4,), lambda rng: rng.uniform(3, 5, 4), lambda rng: rng.uniform(-1, 3, (3, 4))],
    lambda low, high, x: ours.Uniform(low, high).log_prob(np.clip(x, low, high - 1e-9)),
    lambda torch, low, high, x: torch.distributions.Uniform(low, high).log_prob(
        torch.minimum(torch.maximum(x, low), high - 1e-9)
    ),
)  # fmt: skip
reference(
    "kl of Uniform", "torch", [positive(4), positive(4)],
    lambda a, b: ours.kl_divergence(ours.Uniform(0.0 * a, a), ours.Uniform(-b, a + b)),
    lambda torch, a, b: torch.distributions.kl_divergence(
        torch.distributions.Uniform(0 * a, a), torch.distributions.Uniform(-b, a + b)
    ),
)  # fmt: skip
reference(
    "MultivariateNormal.log_prob", "torch", [(2, 3), rank, (5, 2, 3)],
    lambda m, c, x: ours.MultivariateNormal(m, covariance(c)).log_prob(x),
    lambda torch, m, c, x: torch.distributions.MultivariateNormal(m, their_covariance(torch, c)).log_prob(x),
)  # fmt: skip
reference(
    "MultivariateNormal.entropy", "torch", [(2, 3), rank],
    lambda m, c: ours.MultivariateNormal(m, covariance(c)).entropy(),
    lambda torch, m, c: torch.distributions.MultivariateNormal(m, their_covariance(torch, c)).entropy(),
)  # fmt: skip
reference(
    "kl of MultivariateNormal", "torch", [(2, 3), rank, (2, 3), rank],
    lambda m, c, n, d: ours.kl_divergence(
        ours.MultivariateNormal(m, covariance(c)), ours.MultivariateNormal(n, covariance(d))
    ),
    lambda torch, m, c, n, d: torch.distributions.kl_divergence(
        torch.distributions.MultivariateNormal(m, their_covariance(torch, c)),
        torch.distributions.MultivariateNormal(n, their_covariance(torch, d)),
    ),
)  # fmt: skip
