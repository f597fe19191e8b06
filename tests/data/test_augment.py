"""Augmentation: each function against plain formulas, for every element type, and drawn for each image apart."""

import numpy as np
import pytest

import ntb
from ntb import data, nn
from ntb.data import augment

FUNCTIONS = {
    "flip": augment.flip,
    "flip top and bottom": lambda x, rng: augment.flip(x, rng, axis=-2),
    "crop": augment.crop,
    "affine": lambda x, rng: augment.affine(x, rng, degrees=20, shift=1, zoom=0.2, shear=0.1),
    "cutout": lambda x, rng: augment.cutout(x, rng, 3),
    "brightness": augment.brightness,
    "contrast": augment.contrast,
    "noise": lambda x, rng: augment.noise(x, rng, 0.5),
    "mixup": lambda x, rng: augment.mixup(x, np.eye(len(x)), rng, alpha=1)[0],
}


def images(n=5, dtype=np.float64):
    return np.random.default_rng(0).integers(0, 100, (n, 2, 7, 6)).astype(dtype)


def drawing(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_shape_and_type_stay_and_the_images_too(name):
    for dtype in ("u1", "i2", "i8", "f2", "f4", "f8", ">f4", ">i2"):
        x = images(dtype=dtype)
        before = x.copy()
        y = FUNCTIONS[name](x, drawing())
        assert y.shape == x.shape and y.dtype.newbyteorder("=") == x.dtype.newbyteorder("=")
        assert np.array_equal(x, before) and not np.shares_memory(x, y)
        assert not np.array_equal(x, y)
        assert np.array_equal(y, FUNCTIONS[name](x, drawing()))
        assert not np.array_equal(y, FUNCTIONS[name](x, drawing(2)))
    for shape in ((0, 2, 7, 6), (3, 0, 7, 6), (3, 2, 1, 1)):
        assert FUNCTIONS[name](np.ones(shape), drawing()).shape == shape


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "mixup"])
def test_each_image_is_changed_by_itself(name):
    """Equal images are changed in different ways; no image depends on its neighbours."""
    same = np.repeat(images(1), 8, axis=0)
    found = FUNCTIONS[name](same, drawing())
    assert len({image.tobytes() for image in found}) > 1
    other = same.copy()
    other[1:] += 7
    np.testing.assert_array_equal(FUNCTIONS[name](other, drawing())[0], found[0])


def test_bytes_stay_in_their_range():
    x = np.array([0, 1, 128, 254, 255], np.uint8).reshape(5, 1, 1, 1) * np.ones((1, 1, 2, 2), np.uint8)
    factor = drawing(0).uniform(0.1, 1.9, (5, 1, 1, 1))
    assert np.array_equal(augment.brightness(x, drawing(0), 0.9), np.clip(np.rint(x * factor), 0, 255))
    lighter = augment.noise(x, drawing(0), 200)
    assert lighter.min() == 0 and lighter.max() == 255
    assert set(np.unique(augment.contrast(np.repeat(x, 2, axis=2), drawing(0), 5))) <= set(range(256))


def test_flip():
    x = images(200)
    y = augment.flip(x, drawing(), p=0.25)
    turned = np.array([np.array_equal(a, b[..., ::-1]) for a, b in zip(y, x)])
    assert np.array_equal(y[~turned], x[~turned]) and 30 < turned.sum() < 70
    assert np.array_equal(augment.flip(x, drawing(), p=1, axis=2), x[:, :, ::-1])
    assert np.array_equal(augment.flip(x, drawing(), p=0), x)


def test_crop():
    x = images(60)
    padded = np.pad(x, [(0, 0), (0, 0), (2, 2), (2, 2)])
    seen = set()
    for a, b in zip(padded, augment.crop(x, drawing(), padding=2)):
        seen |= {(i, j) for i in range(5) for j in range(5) if np.array_equal(a[:, i : i + 7, j : j + 6], b)}
    assert len(seen) > 18
    assert augment.crop(x, drawing(), padding=0, size=(3, 4)).shape == (60, 2, 3, 4)
    assert augment.crop(x, drawing(), padding=0, size=5).shape == (60, 2, 5, 5)
    assert np.array_equal(augment.crop(x, drawing(), padding=0), x)
    assert augment.crop(np.ones((2, 1, 4, 4)), drawing(), padding=3, mode="edge").min() == 1


def at(image, row, column):
    """The value of an image (H, W) at a place between its pixels, zero outside: the four nearest, by their areas."""
    total = 0.0
    for i in (int(np.floor(row)), int(np.floor(row)) + 1):
        for j in (int(np.floor(column)), int(np.floor(column)) + 1):
            if 0 <= i < image.shape[0] and 0 <= j < image.shape[1]:
                total += image[i, j] * (1 - abs(row - i)) * (1 - abs(column - j))
    return total


def test_affine_is_interpolation_at_turned_places():
    """Against a loop over pixels, which turns each place by the matrix that the docstring describes."""
    x = images(4)
    y = augment.affine(x, drawing(), degrees=30, shift=2, zoom=0.5, shear=0.3)
    draws = drawing().uniform(-1, 1, (5, 4))
    for n, (angle, factor, slant, down, right) in enumerate(draws.T):
        c, s = np.cos(np.deg2rad(30 * angle)), np.sin(np.deg2rad(30 * angle))
        matrix = np.array([[c, -s], [s, c]]) @ np.array([[1, 0], [0.3 * slant, 1]]) * 1.5**-factor
        for i in range(7):
            for j in range(6):
                row, column = matrix @ [i - 3 - 2 * down, j - 2.5 - 2 * right] + [3, 2.5]
                for channel in range(2):
                    assert np.isclose(y[n, channel, i, j], at(x[n, channel], row, column)), (n, i, j)


class AlwaysMost(np.random.Generator):
    def uniform(self, low, high, size):
        return np.full(size, high, float)


def test_affine_in_simple_cases():
    x = images(3)
    assert np.array_equal(augment.affine(x, drawing()), x)
    assert np.array_equal(augment.affine(images(3, np.uint8), drawing()), images(3, np.uint8))
    square = images(2)[:, :, :6]
    quarter = AlwaysMost(np.random.PCG64(0))
    assert np.allclose(augment.affine(square, quarter, degrees=90), np.rot90(square, -1, axes=(2, 3)))
    filled = augment.affine(np.zeros((1, 1, 4, 4)), quarter, shift=9, fill=5)
    assert np.all(filled == 5)


def test_cutout():
    found = augment.cutout(np.ones((300, 2, 8, 9)), drawing(), size=4, fill=7)
    hidden = (found == 7).sum(axis=(2, 3))
    assert np.array_equal(hidden[:, 0], hidden[:, 1]) and hidden.max() == 16 and hidden.min() == 4
    assert (found == 7).any(axis=(0, 1)).all()


def test_light():
    x = images(300)
    factors = augment.brightness(x, drawing(), 0.3) / np.where(x == 0, 1, x)
    factor = factors.max(axis=(1, 2, 3))
    assert np.allclose(augment.brightness(x, drawing(), 0.3), x * factor[:, None, None, None])
    assert 0.7 <= factor.min() < 0.72 and 1.28 < factor.max() <= 1.3
    y = augment.contrast(x, drawing(), 0.3)
    assert np.allclose(y.mean(axis=(1, 2, 3)), x.mean(axis=(1, 2, 3)))
    assert np.allclose(y.std(axis=(1, 2, 3)), x.std(axis=(1, 2, 3)) * factor)
    assert np.isclose((augment.noise(x, drawing(), 3.0) - x).std(), 3, rtol=0.02)


def test_mixup_mixes_labels_alike():
    x = np.arange(6.0).reshape(6, 1, 1, 1) * np.ones((1, 1, 2, 2))
    labels = nn.one_hot(np.arange(6), 6)
    mixed, shares = augment.mixup(x, labels, drawing(), alpha=1)
    assert mixed.dtype == x.dtype and shares.dtype == labels.dtype
    assert np.allclose(shares.sum(axis=1), 1) and np.allclose(mixed[:, 0, 0, 0], shares @ np.arange(6))
    assert ((shares > 0).sum(axis=1) == 2).any()
    assert np.isfinite(nn.cross_entropy(np.zeros((6, 6)), shares))


def test_mixup_is_a_function_for_augmented():
    batches = data.batches(images(4), nn.one_hot([0, 1, 0, 1], 2), size=2)
    assert [len(batch) for batch in data.augmented(batches, augment.mixup, seed=0)] == [2, 2]


MISTAKES = {
    "no images": lambda: augment.flip(np.ones((3, 4)), drawing()),
    "bools": lambda: augment.flip(np.ones((1, 1, 2, 2), bool), drawing()),
    "a seed": lambda: augment.flip(images(), 3),
    "another axis": lambda: augment.flip(images(), drawing(), axis=1),
    "a probability": lambda: augment.flip(images(), drawing(), p=2),
    "padding": lambda: augment.crop(images(), drawing(), padding=-1),
    "a large window": lambda: augment.crop(images(), drawing(), padding=0, size=20),
    "limits": lambda: augment.affine(images(), drawing(), degrees=-1),
    "a square": lambda: augment.cutout(images(), drawing(), size=0),
    "a strength": lambda: augment.brightness(images(), drawing(), -0.1),
    "no strength": lambda: augment.contrast(images(), drawing(), np.nan),
    "a deviation": lambda: augment.noise(images(), drawing(), -1),
    "labels": lambda: augment.mixup(images(), np.arange(5), drawing()),
    "other labels": lambda: augment.mixup(images(), np.ones((4, 2)), drawing()),
    "alpha": lambda: augment.mixup(images(), np.ones((5, 2)), drawing(), alpha=0),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_explained(mistake):
    with pytest.raises(ntb.InputError) as caught:
        mistake()
    assert len(str(caught.value)) > 40
