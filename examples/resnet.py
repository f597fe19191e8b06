"""A residual network tells ten shapes apart

Deep networks are hard to train: the signal of the loss has to run back through every layer. A residual network has a
shortcut around every two layers, on which it runs back unchanged. This small one learns to tell ten shapes of any
colour, size and angle apart; afterwards we ask it where it looks.

He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016. Branches are left out at random as in
Huang, Sun, Liu, Sedra and Weinberger, "Deep networks with stochastic depth", 2016.
"""

# %%
import numpy as np
from matplotlib import pyplot as plt

import ntb
from ntb import nn
from ntb.datasets import shapes32
from ntb.demos.example import Example
from ntb.training import Trainer

example = Example(
    __doc__,
    epochs=(12, "of training"),
    images=(2000, "to learn from"),
    patch=(8, "pixels that are covered at a time, in each direction"),
    seed=(0, "of weights, batches and branches"),
)
ntb.random.seed(example.seed)

# %% [markdown]
# ## The pictures
#
# They are drawn by formula, 32 by 32 pixels in three colours, ten classes: a stand-in for CIFAR-10 that needs no files.
# Colour tells nothing; only the form does.

# %%
data = shapes32.load(n_train=example.images, n_val=max(example.images // 4, 10)).scaled()
x, x_val = 2 * data.x_train - 1, 2 * data.x_val - 1
print(x.shape, x_val.shape, *data.classes, sep=", ")

# %% [markdown]
# ## The network
#
# A block computes $y = \mathrm{relu}(x + f(x))$, with two convolutions and normalizations in the branch $f$. The
# derivative of $x + f(x)$ is $1 + f'(x)$: whatever the branch does, the 1 carries the gradient to the layers before.
# Where the image gets smaller and the channels more, a convolution of width 1 on the shortcut does the same to $x$.
#
# `DropPath` leaves a branch out in training, for some of the images; the shortcut keeps such a network whole.


# %%
class Block(nn.Module):
    """Two convolutions, and a shortcut around them."""

    def __init__(self, inputs, outputs, stride=1, drop=0.1):
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm(outputs), nn.relu,
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm(outputs), nn.DropPath(drop),
        )  # fmt: skip
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Sequential() if same else nn.Conv2d(inputs, outputs, 1, stride=stride)

    def __call__(self, x, train=False):
        return nn.relu(self.shortcut(x) + self.branch(x, train=train))


def resnet(classes, widths=(16, 32, 64)):
    return nn.Sequential(
        nn.Conv2d(3, widths[0], 5, stride=2, padding=2, bias=False), nn.BatchNorm(widths[0]), nn.relu,
        *[Block(a, b, stride=1 if a == b else 2) for a, b in zip((widths[0], *widths), widths)],
        nn.GlobalAvgPool(), nn.Linear(widths[-1], classes),
    )  # fmt: skip


model = resnet(len(data.classes))
print(sum(v.size for v in model.trainable_variables()), "parameters")

# %% [markdown]
# ## Training
#
# The loss is the cross-entropy. The learning rate falls to zero along a cosine.

# %%
batch_size = 50
steps = example.epochs * -(-len(x) // batch_size)
optimizer = ntb.optim.Adam(ntb.optim.schedules.cosine(4e-3, steps))
trainer = Trainer(model, nn.cross_entropy, optimizer, metrics={"accuracy": nn.accuracy})
history = trainer.fit(x, data.y_train, epochs=example.epochs, batch_size=batch_size, validation=(x_val, data.y_val))
losses = history["loss"]

# %%
figure, panels = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for axes, name in zip(panels, ["loss", "accuracy"]):
    axes.plot(history["epoch"], history[name], "o-", label="training")
    axes.plot(history["epoch"], history[f"val_{name}"], "o-", label="validation")
    axes.set(xlabel="epoch", title=name, ylim=(0, None))
panels[0].legend()
figure.suptitle("Training of the residual network")
example.show(figure, "curves")

# %% [markdown]
# ## Where it looks
#
# Cover a patch of a picture with its mean colour. If the log-probability of the answer falls, the network needed what
# was there. Moved over the picture, the patch draws a map of what counts (Zeiler and Fergus, "Visualizing and
# understanding convolutional networks", 2014).


# %%
@ntb.function
def log_probabilities(images):
    return nn.log_softmax(model(images))


def occlusion(images, patch):
    """How much the log-probability of the answer falls when a patch is covered: (N, places, places)."""
    step = patch // 2
    colours, before = np.mean(images, axis=(2, 3), keepdims=True), log_probabilities(images)
    answers, places = np.argmax(before, axis=1), range(step - patch, images.shape[-1], step)
    falls = []
    for top in places:
        for left in places:
            covered = images.copy()
            covered[:, :, max(top, 0) : top + patch, max(left, 0) : left + patch] = colours
            falls.append((before - log_probabilities(covered))[np.arange(len(images)), answers])
    return np.reshape(np.transpose(falls), (len(images), len(places), len(places)))


# %% [markdown]
# The shapes count, and their surroundings do not.

# %%
answers = np.argmax(trainer.predict(x_val), axis=1)
print(f"{np.mean(answers == data.y_val):.1%} of {len(answers)} pictures that it never saw are recognised")
chosen = np.array([np.flatnonzero(data.y_val == label)[0] for label in range(10)])
maps = np.maximum(occlusion(x_val[chosen], example.patch), 0)

figure, panels = plt.subplots(2, 10, figsize=(13, 3.2), layout="constrained")
for i, values, (top, bottom) in zip(chosen, maps, panels.T):
    right = answers[i] == data.y_val[i]
    top.imshow(np.moveaxis(data.x_val[i], 0, -1), interpolation="nearest")
    top.set_title(data.classes[answers[i]].replace(" ", "\n"), fontsize=9, color="black" if right else "red")
    bottom.imshow(values, cmap="inferno", interpolation="bilinear")
for axes in panels.flat:
    axes.set(xticks=[], yticks=[])
panels[0, 0].set_ylabel("picture")
panels[1, 0].set_ylabel("what counts")
figure.suptitle("Pictures never seen, the answer above each (red: wrong), and which places count for it")
example.show(figure, "places")
