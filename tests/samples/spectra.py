"""Samples of eigenvalues and singular values without vectors, and of the checks where values are equal."""

import numpy as np

from ntb.ops import coincidence, decompositions, spectra
from ntb.transforms import jacobians

from .base import fixed, positive, real, regular, row, spectral, unreal

STACKS = [(2, 2), (2, 2, 2)]


def apart(rng, shape):
    return rng.uniform(-0.2, 0.2, shape) + np.arange(shape[-1])


VALUES = np.array([1.0, 2.0])
ONES, EYE = np.ones((2, 2)), np.eye(2)

row(
    coincidence.inverse_gaps,
    lambda a, b: coincidence.inverse_gaps(a, b + 0.5),
    [((2,), (2,)), ((2, 3), (2, 3))],
    apart,
)
row(
    coincidence.unambiguous,
    lambda m: coincidence.unambiguous(m, np.zeros(m.shape), np.zeros(m.shape), np.ones(m.shape)),
    STACKS,
    positive,
)
row(
    coincidence.over_inverse,
    lambda m, i: coincidence.over_inverse(m, i, np.ones(2), np.ones(m.shape)),
    [((2, 2), (2, 2)), ((2, 2, 2), (2, 2, 2))],
    positive,
)
row(coincidence.divided_twice, lambda m: coincidence.divided_twice(m, ONES, ONES, VALUES), STACKS, positive)
row(coincidence.alike, lambda g: coincidence.alike(g, VALUES), [(2,), (2, 2)], real)
row(coincidence.none_equal, lambda x: coincidence.none_equal(x, VALUES), [(2,), (2, 2)], real)

for field, label in ((lambda domain: domain, ""), (unreal, "complex")):
    row(spectra.spectrum, spectra.spectrum, [((2,), (2, 2)), ((2, 3), (2, 3, 3))], (real, field(spectral)), label)
    row(
        spectra.singular_spectrum,
        spectra.singular_spectrum,
        [((2,), (2, 2)), ((2,), (3, 2)), ((2,), (2, 3)), ((2, 2), (2, 3, 2))],
        (real, field(spectral)),
        label,
    )
row(spectra.spectrum, lambda g, a: spectra.spectrum(g, a, "U"), [((3,), (3, 3))], (real, spectral), "upper")
row(
    spectra.eigenvalues_moved,
    lambda dw, a: spectra.eigenvalues_moved(dw, a, EYE),
    [((2,), (2, 2))],
    (real, spectral),
)
row(
    spectra.spectrum_moved,
    lambda dh, dg, a: spectra.spectrum_moved(dh, dg, a, EYE),
    [((2, 2), (2,), (2, 2))],
    (real, real, spectral),
)
row(
    spectra.singular_values_moved,
    lambda ds, x: spectra.singular_values_moved(ds, x, EYE),
    [((2,), (2, 2))],
    (real, spectral),
)
row(
    spectra.singular_spectrum_moved,
    lambda dh, dg, x: spectra.singular_spectrum_moved(dh, dg, x, EYE),
    [((2, 2), (2,), (2, 2))],
    (real, real, spectral),
)
row(spectra.kept, lambda s: spectra.kept(s + 1.0), [(2,), (2, 2)], apart)
row(spectra.shared, lambda g: spectra.shared(g, VALUES), [(2,), (2, 2)], real)


def towards(x):
    """Of equal values other vectors than without the direction, and else the same."""
    w, v = decompositions.eigh_along(x, EYE)
    return w, v * v[..., :1, :]


def towards_both(x):
    u, s, vh = decompositions.svd_along(x, np.ones(np.shape(x)), False)
    return s, (u * s[..., None, :]) @ vh


row(decompositions.eigh_along, towards, STACKS, spectral)
row(decompositions.svd_along, towards_both, [(2, 2), (3, 2), (2, 3)], spectral)
row(decompositions.apart, lambda v: decompositions.apart(v, VALUES, VALUES), [(2, 2)], regular)
row(decompositions.of_full_rank, decompositions.of_full_rank, STACKS, regular)
row(jacobians._linear, lambda j: jacobians._linear(j * 0 + j, VALUES * 0, np.zeros(2), VALUES), [(2, 2)], fixed(EYE))
