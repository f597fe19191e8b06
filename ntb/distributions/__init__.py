"""Distributions: draws through which gradients flow, log-probabilities, entropies and divergences.

    latent = Normal(mean, np.exp(log_std))
    z = latent.sample()
    loss = -np.mean(Bernoulli(decode(z)).log_prob(x)) + np.mean(kl_divergence(latent, Normal(0.0, 1.0)))

Parameters are arrays, tensors, variables or numbers, and are broadcast against each other. A draw of a continuous
distribution is a function of its parameters and of noise that does not depend on them, so that gradients flow through
it (Kingma and Welling, "Auto-encoding variational Bayes", 2014). A draw of a discrete one carries none.
"""

from ..habits import of_package
from .base import Distribution
from .continuous import Exponential, Laplace, LogNormal, Normal, Uniform
from .discrete import Bernoulli, Categorical
from .divergence import kl_divergence
from .multivariate import MultivariateNormal

__all__ = [
    "Bernoulli", "Categorical", "Distribution", "Exponential", "Laplace", "LogNormal", "MultivariateNormal", "Normal",
    "Uniform", "kl_divergence",
]  # fmt: skip
__getattr__, __dir__ = of_package(__name__, __all__)
