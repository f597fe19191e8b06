"""A U-Net finds the shapes in a noisy picture, pixel by pixel

Segmentation is to say of each pixel what it belongs to. What it is can only be told from its surroundings, at a coarse
look; where exactly it ends can only be told from the fine one. A U-Net does both: it makes the picture smaller and
smaller, then greater again, and on the way up each level sees what there was on the way down.

Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation", 2015.
"""

# %%
from itertools import pairwise

import numpy as np
from matplotlib import pyplot as plt

import ntb
from ntb import nn
from ntb.demos.example import Example

example = Example(
    __doc__,
    steps=(700, "of training"),
    batch=(16, "pictures in each"),
    seed=(0, "of weights and pictures"),
)
ntb.random.seed(example.seed)
CLASSES = ("background", "disc", "square")

# %% [markdown]
# ## The pictures
#
# A bright disc and a bright square on a dark background, in so much noise that single pixels tell little. Which is
# which, a pixel inside of them cannot know by itself: its class is a matter of edges and corners that are some pixels
# away. New pictures are drawn for every step, so that there is nothing to learn by heart.


# %%
def pictures(count, rng, size=32):
    """Pictures (N, 1, size, size) of a disc and a square in noise, and the class of each pixel, (N, size, size)."""
    y, x = np.mgrid[:size, :size]
    labels = np.zeros((count, size, size), np.int64)
    for picture in labels:
        for shape in (1, 2):
            radius = rng.integers(4, 8)
            dy, dx = np.abs(y - rng.integers(radius, size - radius)), np.abs(x - rng.integers(radius, size - radius))
            picture[dy * dy + dx * dx <= radius**2 if shape == 1 else np.maximum(dy, dx) <= radius] = shape
    noise = rng.normal(size=labels.shape)
    return ((labels > 0) + 0.5 * noise)[:, None].astype(np.float32), labels


x_val, labels_val = pictures(20, np.random.default_rng(example.seed + 1))
print(x_val.shape, labels_val.shape, {name: f"{np.mean(labels_val == i):.0%}" for i, name in enumerate(CLASSES)})

# %% [markdown]
# ## The network
#
# At each level there are two convolutions. On the way down a maximum over 2 by 2 pixels follows, and on the way up a
# transposed convolution makes four pixels of one. There the level of the same size from the way down is laid beside, as
# further channels. These are the bars across the letter U.


# %%
def block(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(2, outputs), nn.silu,
        nn.Conv2d(outputs, outputs, 3, padding=1), nn.GroupNorm(2, outputs), nn.silu,
    )  # fmt: skip


class UNet(nn.Module):
    def __init__(self, channels, classes, widths=(8, 16, 32)):
        self.down = [block(a, b) for a, b in zip((channels, *widths), widths)]
        self.up = [nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairwise(widths)]
        self.join = [block(2 * width, width) for width in widths[:-1]]
        self.logits = nn.Conv2d(widths[0], classes, 1)

    def __call__(self, x, train=False):
        """Pictures (N, channels, H, W) -> logits (N, classes, H, W)."""
        levels = []
        for down in self.down[:-1]:
            levels.append(down(x, train=train))
            x = nn.max_pool2d(levels[-1], 2)
        x = self.down[-1](x, train=train)
        for up, join, level in zip(self.up[::-1], self.join[::-1], levels[::-1]):
            x = join(np.concatenate([up(x), level], axis=1), train=train)
        return self.logits(x)


model = UNet(1, len(CLASSES))
print(sum(v.size for v in model.trainable_variables()), "parameters")

# %% [markdown]
# ## Training
#
# The loss is the mean cross-entropy of all pixels. How good a segmentation is, its accuracy does not tell, since most
# pixels are background. Usual is the *intersection over union* of each class: of the pixels that have the class, or
# were given it, the share that both is true of.


# %%
def overlaps(answers, labels):
    """The intersection over union of each class."""
    either = [np.sum((answers == i) | (labels == i)) for i in range(len(CLASSES))]
    return [np.sum((answers == i) & (labels == i)) / n for i, n in enumerate(either)]


optimizer = ntb.optim.Adam(ntb.optim.schedules.cosine(5e-3, example.steps))


@ntb.function
def step(x, labels):
    return optimizer.minimize(lambda: nn.cross_entropy(model(x, train=True), labels, axis=1), model)


@ntb.function
def answer(x):
    return np.argmax(model(x), axis=1)


rng = np.random.default_rng(example.seed)
losses, measured = [], {}
for i in range(1, example.steps + 1):
    losses.append(float(step(*pictures(example.batch, rng))))
    if i % max(example.steps // 8, 1) == 0:
        measured[i] = overlaps(answer(x_val), labels_val)
        print(f"step {i}: loss {losses[-1]:.3f}, overlap", *[f"{n} {o:.2f}" for n, o in zip(CLASSES, measured[i])])

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
left.semilogy(losses, linewidth=0.8)
left.set(title="loss of each step", xlabel="step")
for i, name in enumerate(CLASSES):
    right.plot(list(measured), [overlap[i] for overlap in measured.values()], "o-", label=name)
right.set(title="intersection over union, on pictures never seen", xlabel="step", ylim=(0, 1.02))
right.legend()
figure.suptitle("Training of the U-Net")
example.show(figure, "curves")

# %% [markdown]
# ## What it sees
#
# Six pictures that it never saw. Hardest is where the square covers a part of the disc: both are equally bright, so
# that the border between them can only be guessed from their forms.

# %%
answers = answer(x_val)
figure, panels = plt.subplots(3, 6, figsize=(10, 5.2), layout="constrained")
for i, column in enumerate(panels.T):
    column[0].imshow(x_val[i, 0], cmap="gray")
    for axes, classes in zip(column[1:], (labels_val[i], answers[i])):
        axes.imshow(classes, cmap="viridis", vmin=0, vmax=2)
for axes in panels.flat:
    axes.set(xticks=[], yticks=[])
for axes, name in zip(panels[:, 0], ["picture", "truth", "answer"]):
    axes.set_ylabel(name)
figure.suptitle("Pictures never seen, the truth, and what the U-Net answers (green: disc, yellow: square)")
example.show(figure, "answers")
