"""Augmentation: functions that change images at random, so that a model sees others in each epoch.

Each takes images (N, C, H, W), integers or floating-point numbers, and a NumPy generator, draws for every image apart,
and returns an array of the same element type. A function of your own puts them together:

    def augment(x, y, rng):
        x = data.augment.crop(data.augment.flip(x, rng), rng, padding=4)
        return data.augment.brightness(x, rng, 0.2), y

    batches = data.augmented(data.batches(x, y, size=100, shuffle=0), augment, seed=0)
"""

from ...habits import of_package
from .hiding import cutout
from .light import brightness, contrast, noise
from .mixing import mixup
from .moving import affine, crop, flip

__all__ = ["affine", "brightness", "contrast", "crop", "cutout", "flip", "mixup", "noise"]
__getattr__, __dir__ = of_package(__name__, __all__)
