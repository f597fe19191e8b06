"""A diffusion model makes digits of noise

To turn a digit into noise is easy: add a little noise, again and again. A diffusion model learns the way back, one
small step at a time. It begins with an image that is nothing but noise, and ends with a digit that nobody has written.

Ho, Jain and Abbeel, "Denoising diffusion probabilistic models", 2020.
"""

# %%
import numpy as np
from matplotlib import pyplot as plt

import ntb
from ntb import nn
from ntb.datasets import mnist
from ntb.demos.example import Example
from ntb.training import Trainer

example = Example(
    __doc__,
    epochs=(40, "of training"),
    images=(6000, "to learn from"),
    levels=(100, "of noise"),
    size=(384, "of the vectors in the network"),
    seed=(0, "of weights, batches and noise"),
)
ntb.random.seed(example.seed)
rng = ntb.random.generator(example.seed)

# %% [markdown]
# ## The digits
#
# 6,000 handwritten digits come with ntb. Pixels are taken from -1, black, to 1, white, so that they lie around 0 as the
# noise does. The labels serve, too: the model is told which digit it shall draw.

# %%
data = mnist.load().scaled()
x = 2 * data.x_train[: example.images].reshape(-1, 784) - 1
labels = data.y_train[: example.images]
print(x.shape, labels.shape)

# %% [markdown]
# ## The way to noise
#
# At level $t$ of $T$ an image $x$ is mixed with noise $\varepsilon$ from a normal distribution:
#
# $$x_t = \cos\varphi_t \; x + \sin\varphi_t \; \varepsilon \qquad \varphi_t = \frac{\pi}{2} \frac{t}{T}$$
#
# At level 0 it is the image, and at level $T$ the noise. (The paper writes $\bar\alpha_t$ for $\cos^2\varphi_t$. That
# it follows a cosine is of Nichol and Dhariwal, 2021.) No small steps are needed to get to a level, it can be computed
# at once.


# %%
def mixed(x, noise, t):
    """Images (N, pixels) and noise, each mixed at its level t (N,)."""
    angle = np.pi / 2 / example.levels * t[:, None].astype(np.float32)
    return np.cos(angle) * x + np.sin(angle) * noise


levels = np.linspace(0, example.levels, 9, dtype=int)
on_the_way = mixed(np.repeat(x[:1], 9, axis=0), rng.normal(size=(9, 784), dtype=np.float32), levels)

# %% [markdown]
# ## The network
#
# It sees $x_t$, the level and the label, and guesses the image $x$. The level comes as sines and cosines of many
# wavelengths, as positions do in transformers. The paper lets the network guess the noise $\varepsilon$. As $x_t$ is
# known, one follows from the other; but a small network of dense layers guesses images better than noise, which has a
# new value in each of 784 pixels.


# %%
class Denoiser(nn.Module):
    def __init__(self, pixels, size, blocks=2):
        self.pixels = nn.Linear(pixels, size)
        self.level = nn.MLP(64, size, size, activation=nn.silu)
        self.label = nn.Embedding(10, size)
        dense = lambda: nn.Linear(size, size)
        self.blocks = [nn.Residual(nn.LayerNorm(size), dense(), nn.silu, dense()) for _ in range(blocks)]
        self.image = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, pixels))

    def __call__(self, noisy, t, label, train=False):
        """Noisy images (N, pixels), levels and labels (N,) -> the images that they may have been."""
        waves = nn.sinusoidal_positions(t * (1000 / example.levels), 64)
        told = self.level(waves) + self.label(label)
        h = self.pixels(noisy)
        for block in self.blocks:
            h = block(h + told)
        return self.image(h)


model = Denoiser(784, example.size)
print(sum(v.size for v in model.trainable_variables()), "parameters")

# %% [markdown]
# ## Training
#
# A step draws for each image a level and noise, mixes them, and lowers the squared error of the guess. Nothing else: no
# game of two networks as in a GAN, and no code as in an autoencoder. What is drawn from in the end is not the network
# of the last step, but the average of its weights over some 200 steps, which is less noisy.

# %%
batch_size = 128
steps = example.epochs * max(len(x) // batch_size, 1)
optimizer = ntb.optim.Adam(ntb.optim.schedules.warmup(steps // 20, ntb.optim.schedules.cosine(2e-3, steps)))
average = ntb.optim.EMA(model, 0.995)


def step(x, label):
    t = rng.integers(1, example.levels + 1, size=len(x))
    noisy = mixed(x, rng.normal(size=x.shape, dtype=np.float32), t)
    loss = optimizer.minimize(lambda: nn.mse(model(noisy, t, label, train=True), x), model)
    average.update()
    return loss


trainer = Trainer(model, step=step, state={"optimizer": optimizer, "average": average, "noise": rng})
history = trainer.fit(x, labels, epochs=example.epochs, batch_size=batch_size)
losses = history["loss"]

# %% [markdown]
# ## The way back
#
# From level $t$ to $s = t - 1$. If the image were the guess $\hat x$, then $x_s$ would have a normal distribution, by
# Bayes' rule from the mixtures above. With $a = (\cos\varphi_t / \cos\varphi_s)^2$, the part of the image that a step
# leaves:
#
# $$\mu = \frac{\cos\varphi_s (1 - a)\, \hat x + \sqrt{a} \sin^2\!\varphi_s\, x_t}{\sin^2\!\varphi_t}
# \qquad \sigma^2 = \frac{(1 - a) \sin^2\!\varphi_s}{\sin^2\!\varphi_t}$$
#
# So each step goes a little towards the guess, and adds a little new noise. The guess is vague at first, a mean of all
# digits that it might become, and gets sharper on the way.


# %%
guess = ntb.function(lambda noisy, t, label: model(noisy, t, label))


def draw(labels):
    """Images of digits, at all levels of noise: (levels + 1, N, pixels), the last one without any."""
    found = [rng.normal(size=(len(labels), 784), dtype=np.float32)]
    for t in range(example.levels, 0, -1):
        image = np.clip(guess(found[-1], np.full(len(labels), t), labels), -1, 1)
        cos_t, cos_s = np.cos(np.pi / 2 / example.levels * np.array([t, t - 1]))
        a, var_t, var_s = (cos_t / cos_s) ** 2, 1 - cos_t**2, 1 - cos_s**2
        mean = (cos_s * (1 - a) * image + np.sqrt(a) * var_s * found[-1]) / var_t
        noise = np.sqrt((1 - a) * var_s / var_t) * rng.normal(size=mean.shape)
        found.append((mean + noise).astype(np.float32))
    return np.array(found)


with average.averaged():
    drawn = draw(np.repeat(np.arange(10), 10))

# %% [markdown]
# ## From noise to digit
#
# Above, how a digit of the data is lost in noise. Below, three that come out of it: a 2, a 3 and a 5.


# %%
def tiled(images, columns):
    """Images (N, 784) side by side, as one image."""
    grid = np.reshape(images, (-1, columns, 28, 28))
    return np.reshape(np.transpose(grid, (0, 2, 1, 3)), (-1, columns * 28))


way_back = drawn[example.levels - levels[::-1]][:, [21, 36, 50]]
strips = [on_the_way, *np.moveaxis(way_back, 1, 0)]
figure, panels = plt.subplots(4, 1, figsize=(10, 4.8), layout="constrained")
for axes, strip, shown in zip(panels, strips, [levels, *[levels[::-1]] * 3]):
    axes.imshow(tiled(strip, 9), cmap="gray", interpolation="nearest", vmin=-1, vmax=1)
    axes.set_xticks(np.arange(14, 9 * 28, 28), [f"level {t}" for t in shown], fontsize=8)
    axes.set_yticks([])
figure.suptitle("A digit becomes noise, and noise becomes digits")
example.show(figure, "levels")

# %% [markdown]
# ## A hundred digits that nobody has written

# %%
figure, axes = plt.subplots(figsize=(6, 6), layout="constrained")
axes.imshow(tiled(drawn[-1], 10), cmap="gray", interpolation="nearest", vmin=-1, vmax=1)
axes.set_yticks(np.arange(14, 280, 28), range(10))
axes.set(xticks=[], ylabel="the digit that was asked for", title="Drawn by the diffusion model")
example.show(figure, "digits")
