"""Distributions: draws have the density that log_prob tells; gradients flow through them. (Formulas: references.)"""

import itertools
import math

import numpy as np
import pytest

import ntb
from ntb import distributions as d

CONTINUOUS = {
    "Normal": lambda: d.Normal(1.0, 0.5),
    "LogNormal": lambda: d.LogNormal(0.2, 0.4),
    "Uniform": lambda: d.Uniform(-1.0, 2.0),
    "Laplace": lambda: d.Laplace(0.5, 0.7),
    "Exponential": lambda: d.Exponential(1.5),
}
DISCRETE = {
    "Bernoulli": lambda: d.Bernoulli(0.7),
    "Bernoulli of probabilities": lambda: d.Bernoulli(probabilities=0.3),
    "Categorical": lambda: d.Categorical([0.1, 1.0, -1.0]),
    "Categorical of probabilities": lambda: d.Categorical(probabilities=[0.2, 0.0, 0.8]),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_have_the_density(name):
    p = CONTINUOUS[name]()
    x = p.sample(50_000, rng=ntb.random.generator(0))
    edges = np.quantile(x, np.linspace(0.02, 0.98, 13))
    fine = [np.linspace(low, high, 200) for low, high in itertools.pairwise(edges)]
    expected = [np.trapezoid(np.exp(p.log_prob(grid)), grid) for grid in fine]
    np.testing.assert_allclose(expected, 0.08, atol=0.005)
    assert np.mean(-p.log_prob(x)) == pytest.approx(float(p.entropy()), abs=0.02)


@pytest.mark.parametrize("name", DISCRETE)
def test_draws_have_the_probabilities(name):
    p = DISCRETE[name]()
    x = p.sample(50_000, rng=ntb.random.generator(0))
    values = np.arange(getattr(p, "classes", 2))
    shares = np.array([np.mean(x == value) for value in values])
    np.testing.assert_allclose(shares, np.exp(p.log_prob(values)), atol=0.01)
    assert np.sum(np.exp(p.log_prob(values))) == pytest.approx(1)
    assert float(p.entropy()) == pytest.approx(-sum(s * math.log(s) for s in shares if s), abs=0.02)


def test_vectors_are_drawn_with_their_covariance():
    covariance = np.array([[2.0, 0.6], [0.6, 0.5]])
    x = d.MultivariateNormal([1.0, -1.0], covariance).sample(50_000, rng=ntb.random.generator(0))
    np.testing.assert_allclose(np.mean(x, axis=0), [1, -1], atol=0.03)
    np.testing.assert_allclose(np.cov(x.T), covariance, atol=0.05)
    factor = np.linalg.cholesky(covariance)
    both = d.MultivariateNormal([1.0, -1.0], covariance), d.MultivariateNormal([1.0, -1.0], cholesky=factor)
    np.testing.assert_allclose(both[0].log_prob(x[:5]), both[1].log_prob(x[:5]))


@pytest.mark.parametrize("name", ["Normal", "LogNormal", "Uniform", "Laplace"])
def test_gradients_flow_through_draws(name):
    def mean_of_draws(a, b):
        return np.mean(getattr(d, name)(a, b).sample(5, rng=ntb.random.generator(3)))

    ntb.check_gradients(mean_of_draws, np.array(0.3), np.array(1.2))
    ntb.check_gradients(lambda r: np.mean(d.Exponential(r).sample(5, rng=ntb.random.generator(3))), np.array(0.7))


def test_a_variational_autoencoder_has_the_gradient_of_its_bound():
    noise = ntb.random.generator(0)

    def bound(mean, log_std):
        latent = d.Normal(mean, np.exp(log_std))
        z = latent.sample(rng=ntb.random.generator(1))
        return np.sum(d.Bernoulli(2 * z).log_prob(1.0)) - np.sum(d.kl_divergence(latent, d.Normal(0.0, 1.0)))

    ntb.check_gradients(bound, noise.normal(size=3), noise.normal(size=3))


def test_draws_in_a_traced_function_are_new_in_each_run():
    rng, mean = ntb.random.generator(0), ntb.Variable(np.zeros(3))
    draw = ntb.function(lambda: d.Normal(mean, 1.0).sample(2, rng=rng))
    rng.seed(5)
    replayed = [np.asarray(draw()).tolist() for _ in range(4)]
    rng.seed(5)
    assert replayed == [np.asarray(d.Normal(mean, 1.0).sample(2, rng=rng)).tolist() for _ in range(4)]
    assert replayed[2] != replayed[3]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_everything_has_the_type_of_the_arrays(dtype):
    a = np.ones(3, dtype)
    made = [
        d.Normal(a, 1.0), d.LogNormal(0, a), d.Uniform(0.0, a), d.Laplace(a, 1), d.Exponential(a), d.Bernoulli(a),
        d.Bernoulli(probabilities=a / 2), d.Categorical(a), d.MultivariateNormal(a, np.eye(3, dtype=dtype)),
    ]  # fmt: skip
    for p in made:
        x = p.sample((2, 4), rng=ntb.random.generator(0))
        assert x.shape == (2, 4, *p.shape) and p.log_prob(x).dtype == p.entropy().dtype == p.dtype == dtype
        assert x.dtype == dtype or isinstance(p, d.Categorical)
        assert p.sample(0).shape == (0, *p.shape) and repr(p).startswith(type(p).__name__)
    assert d.kl_divergence(d.Normal(a, 1.0), d.Normal(0.0, 1.0)).dtype == dtype


def test_impossible_outcomes():
    assert d.Uniform(0.0, 1.0).log_prob(2.0) == d.LogNormal(0.0, 1.0).log_prob(-1.0) == -np.inf
    assert d.Exponential(1.0).log_prob(-0.5) == -np.inf
    assert d.kl_divergence(d.Uniform(0.0, 2.0), d.Uniform(0.0, 1.0)) == np.inf
    assert d.Categorical([-np.inf, 0.0]).entropy() == 0
    sure = d.Bernoulli(probabilities=[0.0, 1.0])
    assert sure.entropy().tolist() == [0, 0] and sure.log_prob([0, 1]).tolist() == [0, 0]
