"""Images and signals: derivatives, replay, printed programs, and what references of other libraries do not show."""

import copy

import numpy as np
import pytest

import ntb
from ntb import nn, optim, tuned
from tests.replay.parity import run_source
from tests.samples.base import distinct

RNG = np.random.default_rng(0)
ROW, IMAGE, VOLUME = [distinct(RNG, (2, 4, *space)) for space in ((5,), (4, 3), (2, 3, 2))]
C = distinct(RNG, (4,)) / 4

FUNCTIONS = {
    "conv1d causal": (lambda x, w: nn.conv1d(x, w, padding="causal", dilation=2), ROW, distinct(RNG, (3, 4, 2))),
    "conv_transpose1d": (lambda x, w: nn.conv_transpose1d(x, w, stride=2), ROW, distinct(RNG, (4, 2, 3))),
    "conv_transpose3d": (lambda x, w: nn.conv_transpose3d(x, w, padding=1), VOLUME, distinct(RNG, (4, 1, 2, 3, 2))),
    "unfold": (lambda x: nn.unfold(x, 2, padding=1, stride=2), IMAGE),
    "fold": (lambda x: nn.fold(x, (3, 2), 2), distinct(RNG, (2, 8, 2))),
    "max_pool1d": (lambda x: nn.max_pool1d(x, 2, stride=1), ROW),
    "max_pool3d": (lambda x: nn.max_pool3d(x, 2), VOLUME),
    "avg_pool1d": (lambda x: nn.avg_pool1d(x, 2, padding=1, count_padding=False), ROW),
    "avg_pool3d": (lambda x: nn.avg_pool3d(x, 2), VOLUME),
    "lp_pool1d": (lambda x: nn.lp_pool1d(x, 3, 2), ROW),
    "lp_pool2d": (lambda x: nn.lp_pool2d(x, 2, 2), IMAGE),
    "adaptive_avg_pool2d": (lambda x: nn.adaptive_avg_pool2d(x, (3, 2)), IMAGE),
    "adaptive_max_pool2d": (lambda x: nn.adaptive_max_pool2d(x, (3, 2)), IMAGE),
    "adaptive_max_pool3d": (lambda x: nn.adaptive_max_pool3d(x, 2), VOLUME),
    "interpolate nearest": (lambda x: nn.interpolate(x, (6, 6)), IMAGE),
    "interpolate linear": (lambda x: nn.interpolate(x, (6, 2), mode="linear"), IMAGE),
    "pixel_shuffle": (lambda x: nn.pixel_shuffle(x, 2), IMAGE),
    "pixel_unshuffle": (lambda x: nn.pixel_unshuffle(x, 2), IMAGE[..., :2]),
    "group_norm": (lambda x, g: nn.group_norm(x, 2, g, C, eps=0.1), IMAGE, C),
    "instance_norm": (lambda x, g: nn.instance_norm(x, g, eps=0.1), IMAGE, C),
    "rms_norm": (lambda x, g: nn.rms_norm(x, g, axis=1), IMAGE[..., 0, 0], C),
    "unit_norm": (lambda x: nn.unit_norm(x, 1), IMAGE[..., 0]),
    "local_response_norm": (lambda x: nn.local_response_norm(x, 3, alpha=0.5), ROW),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_and_all_ways_to_run(name):
    f, *arrays = FUNCTIONS[name]
    ntb.check_gradients(f, *arrays, directions=2)
    gradient = ntb.function(ntb.grad(lambda *a: np.sum(np.square(f(*a))), argnums=tuple(range(len(arrays)))))
    first, again = gradient(*arrays), gradient(*arrays)
    printed = run_source(gradient.trace(*arrays), arrays)[0]
    with tuned.off():
        plain = gradient(*arrays)
    for a, b, c, d in zip(first, again, printed, plain):
        assert np.array_equal(a, b) and np.array_equal(a, c)
        np.testing.assert_allclose(a, d, rtol=1e-10, atol=1e-10)


# --- convolution, pooling


def test_causal_results_see_nothing_that_comes_later():
    layer = nn.Conv1d(4, 3, 3, padding="causal", dilation=2, dtype=float)
    x = ROW.copy()
    before = layer(x).numpy()
    x[..., 3:] += 1
    assert before.shape == (2, 3, 5)
    assert np.array_equal(layer(x).numpy()[..., :3], before[..., :3])
    assert not np.array_equal(layer(x).numpy()[..., 3:], before[..., 3:])


def test_transposed_layers_are_their_functions():
    for dims, x in enumerate((ROW, IMAGE, VOLUME), 1):
        layer = getattr(nn, f"ConvTranspose{dims}d")(4, 6, 2, stride=2, output_padding=1, groups=2, dtype=float)
        assert layer.weight.shape == (4, 3, *[2] * dims)
        function = getattr(nn, f"conv_transpose{dims}d")
        expected = function(x, layer.weight, layer.bias, stride=2, output_padding=1, groups=2)
        assert np.array_equal(layer(x).numpy(), expected.numpy())
        assert layer(x).shape == (2, 6, *[2 * n + 1 for n in x.shape[2:]])


def test_fold_is_the_adjoint_of_unfold():
    options = {"stride": (2, 1), "padding": ((1, 0), (0, 2)), "dilation": (1, 2)}
    patches = nn.unfold(IMAGE, 2, **options)
    other = RNG.normal(size=patches.shape)
    assert np.sum(patches * other) == pytest.approx(np.sum(IMAGE * nn.fold(other, (4, 3), 2, **options)))


def test_a_convolution_is_a_product_with_patches():
    weight = RNG.normal(size=(3, 4, 2, 2))
    product = weight.reshape(3, -1) @ nn.unfold(IMAGE, 2)
    np.testing.assert_allclose(product.reshape(2, 3, 3, 2), nn.conv2d(IMAGE, weight))


def test_pooling_of_all_parts_is_that_of_the_image():
    for x, dims in ((ROW, 1), (IMAGE, 2), (VOLUME, 3)):
        for kind in ("avg", "max"):
            adaptive = getattr(nn, f"adaptive_{kind}_pool{dims}d")
            whole = getattr(nn, f"global_{kind}_pool")(x)
            np.testing.assert_allclose(adaptive(x, 1).reshape(whole.shape), whole)
            np.testing.assert_allclose(adaptive(x, x.shape[2:]), x, rtol=1e-15)
    for p, expected in ((1, np.sum), (np.inf, np.max)):
        np.testing.assert_allclose(nn.lp_pool1d(ROW, p, 5)[..., 0], expected(np.abs(ROW), axis=-1))


def test_equal_maxima_share_the_gradient():
    for kind in ("adaptive_max_pool2d", "max_pool2d"):
        pool = getattr(nn, kind)
        found = ntb.grad(lambda x, pool=pool: np.sum(pool(x, 2)))(np.zeros((1, 1, 4, 4)))
        assert np.all(found == 0.25)


def test_what_is_not_finite_stays_in_its_place():
    x = IMAGE.copy()
    x[0, 0, 0, 0] = np.inf
    assert np.sum(np.isinf(nn.interpolate(x, scale=2))) == 4
    assert np.sum(np.isinf(nn.adaptive_max_pool2d(x, 2))) == 1


# --- normalisation of weights and data


WRAPPED = {
    "dense": lambda: (nn.Linear(4, 3), IMAGE[..., 0, 0]),
    "filters": lambda: (nn.Conv2d(4, 3, 2), IMAGE),
    "transposed": lambda: (nn.ConvTranspose1d(4, 3, 2), ROW),
    "groups": lambda: (nn.Conv1d(4, 6, 2, groups=2), ROW),
}


@pytest.mark.parametrize("kind", [nn.WeightNorm, nn.SpectralNorm])
@pytest.mark.parametrize("make", WRAPPED.values(), ids=WRAPPED)
def test_a_wrapped_layer_is_saved_copied_and_trained(kind, make, tmp_path):
    ntb.random.seed(3)
    layer, x = make()
    plain = layer(x).numpy()
    model = kind(layer)
    own = "magnitude" if kind is nn.WeightNorm else "u"
    assert sorted(model.named_variables()) == sorted([own, "layer.weight", "layer.bias"])
    if kind is nn.WeightNorm:
        np.testing.assert_allclose(model(x).numpy(), plain, rtol=1e-5, atol=1e-5)
    ntb.io.save(tmp_path / "model.npz", model)
    other = kind(make()[0])
    ntb.io.load(tmp_path / "model.npz", other)
    for again in (other, copy.deepcopy(model)):
        assert np.array_equal(again(x).numpy(), model(x).numpy())
    optimizer = optim.SGD(0.01)

    @ntb.function
    def step(x):
        return optimizer.minimize(lambda: np.mean(np.square(model(x, train=True))), model.trainable_variables())

    before = {name: v.value for name, v in model.named_variables().items()}
    losses = [float(step(x)) for _ in range(5)]
    assert losses == sorted(losses, reverse=True)
    assert all(not np.array_equal(before[name], v.value) for name, v in model.named_variables().items())


def test_spectral_norm_finds_the_greatest_singular_value():
    ntb.random.seed(0)
    dense = nn.Linear(6, 5, bias=False, dtype=float)
    model = nn.SpectralNorm(dense)
    for _ in range(200):
        model(np.eye(6), train=True)
    np.testing.assert_allclose(model(np.eye(6)).numpy(), dense.weight.value / np.linalg.norm(dense.weight.value, 2))
    u = model.u.value
    model(np.eye(6))
    assert np.array_equal(model.u.value, u)


def test_normalize_is_what_scikit_learn_calls_standard_scaling():
    data = RNG.normal(3, 5, (50, 4)) * [1, 10, 0.1, 0]
    layer = nn.Normalize(4, dtype=float).adapt(data)
    scaled = layer(data).numpy()
    np.testing.assert_allclose(np.mean(scaled, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.std(scaled, axis=0), [1, 1, 1, 0], atol=1e-12)
    images = nn.Normalize(4, axis=1, dtype=float).adapt(IMAGE)(IMAGE).numpy()
    np.testing.assert_allclose(np.mean(images, axis=(0, 2, 3)), 0, atol=1e-12)
    assert layer.trainable_variables() == []


# --- noise


@pytest.mark.parametrize(("kind", "shape", "own"), [
    (nn.Dropout1d, (20, 30, 4), (20, 30, 1)), (nn.Dropout2d, (20, 30, 2, 3), (20, 30, 1, 1)),
    (nn.Dropout3d, (20, 30, 2, 1, 2), (20, 30, 1, 1, 1)), (nn.DropPath, (600, 2, 3), (600, 1, 1)),
])  # fmt: skip
def test_what_shares_its_fate_is_dropped_together(kind, shape, own):
    layer, x = kind(0.25, rng=ntb.random.generator(0)), np.ones(shape)
    step = ntb.function(lambda x: layer(x, train=True))
    found = [np.asarray(step(x)) for _ in range(3)]
    assert not np.array_equal(found[1], found[2])
    for y in found:
        first = y[tuple(slice(0, n) for n in own)]
        assert np.array_equal(y, np.broadcast_to(first, shape)) and set(np.unique(y)) == {0, 1 / 0.75}
        assert abs(np.mean(y) - 1) < 0.1
    assert layer(x) is x


def test_noise_keeps_the_moments_that_it_should():
    rng, x = ntb.random.generator(0), RNG.normal(size=100_000)
    y = nn.alpha_dropout(x, 0.3, rng=rng)
    assert abs(np.mean(y)) < 0.02 and abs(np.var(y) - 1) < 0.02
    assert np.mean(nn.alpha_dropout(np.zeros(100_000), 0.3, rng=rng) < 0) == pytest.approx(0.3, abs=0.01)
    y = nn.gaussian_dropout(np.full(100_000, 2.0), 0.2, rng=rng)
    assert np.mean(y) == pytest.approx(2, abs=0.02) and np.std(y) == pytest.approx(1, abs=0.02)
    y = nn.gaussian_noise(x, 0.5, rng=rng) - x
    assert abs(np.mean(y)) < 0.02 and np.std(y) == pytest.approx(0.5, abs=0.01)
    for layer in (nn.AlphaDropout(0.5), nn.GaussianDropout(0.5), nn.GaussianNoise(0.5)):
        assert layer(x) is x and layer(x, train=True).shape == x.shape
