"""A variational autoencoder lays digits out on a map

An autoencoder squeezes an image through a few numbers, its code, and draws it again from these. A variational one makes
of the code a distribution that looks like plain noise over all images. Then any draw of noise is a code, too, and the
decoder draws a new digit from it. With two numbers the codes can be seen: they are places on a map.

Kingma and Welling, "Auto-encoding variational Bayes", 2014.
"""

# %%
from statistics import NormalDist

import numpy as np
from matplotlib import pyplot as plt

import ntb
from ntb import nn
from ntb.datasets import mnist
from ntb.demos.example import Example
from ntb.distributions import Bernoulli, Normal, kl_divergence
from ntb.training import Trainer

example = Example(
    __doc__, epochs=(30, "of training"), images=(6000, "to learn from"), seed=(0, "of weights, batches and codes")
)
ntb.random.seed(example.seed)

# %% [markdown]
# ## The digits
#
# 6,000 handwritten digits come with ntb, and 1,000 to validate. Each is a row of 784 numbers from 0, black, to 1,
# white.

# %%
data = mnist.load().scaled()
x = data.x_train[: example.images].reshape(-1, 784)
x_val = data.x_val.reshape(-1, 784)
print(x.shape, x_val.shape)

# %% [markdown]
# ## The model
#
# For an image $x$ the encoder gives mean and standard deviation of a normal distribution of codes, $q(z|x)$. One code
# is drawn from it, and the decoder makes of it the probability of white at each pixel, $p(x|z)$.
#
# The draw is `mean + std * noise`, so that gradients run through it to the encoder: this is the *reparametrization* of
# the paper. `Normal(...).sample()` does just that.


# %%
class VAE(nn.Module):
    def __init__(self, pixels, code=2):
        self.encoder = nn.MLP(pixels, 256, 128, 2 * code, activation=nn.silu)
        self.decoder = nn.MLP(code, 128, 256, pixels, activation=nn.silu)

    def __call__(self, x, train=False):
        """Images (N, pixels) -> mean and standard deviation of their codes, and the logits of the pixels."""
        mean, log_std = np.split(self.encoder(x), 2, axis=-1)
        std = np.exp(log_std)
        return mean, std, self.decoder(Normal(mean, std).sample())


model = VAE(784)
print(model)

# %% [markdown]
# ## The loss
#
# The probability of an image, $p(x) = \int p(x|z)\,p(z)\,dz$, cannot be computed, but it has a bound:
#
# $$-\log p(x) \;\le\; E_{q(z|x)}[-\log p(x|z)] + \mathrm{KL}(q(z|x)\,\|\,p(z)) \qquad p(z) = N(0, 1)$$
#
# The first term says how badly the image is drawn again. The second says what its code costs: how far it is from plain
# noise. Both are counted in nats, units of information, so they can be added without a weight.


# %%
def drawing(made, x):
    logits = made[2]
    return np.mean(np.sum(-Bernoulli(logits).log_prob(x), axis=-1))


def code(made, x):
    mean, std, _ = made
    return np.mean(np.sum(kl_divergence(Normal(mean, std), Normal(0.0, 1.0)), axis=-1))


def bound(made, x):
    return drawing(made, x) + code(made, x)


# %% [markdown]
# ## Training
#
# The target of an image is the image itself. The two terms are reported beside their sum: better drawings need codes
# that tell more of the image, and these cost more.

# %%
steps = example.epochs * -(-len(x) // 50)
optimizer = ntb.optim.Adam(ntb.optim.schedules.cosine(4e-3, steps))
trainer = Trainer(model, bound, optimizer, metrics={"drawing": drawing, "code": code})
history = trainer.fit(x, x, epochs=example.epochs, batch_size=50, validation=(x_val, x_val))
losses = history["loss"]

# %% [markdown]
# ## Drawn again
#
# Images that the model has never seen, and what it makes of two numbers for each. Thin and thick, upright and slanted
# survive; what is rare becomes the usual form, and some digits are mistaken for others.

# %%
rows = [np.flatnonzero(data.y_val == digit)[:2] for digit in range(10)]
originals = x_val[np.concatenate(rows)]
again = nn.sigmoid(trainer.predict(originals)[2])


def tiled(images, columns):
    """Images (N, 784) side by side, as one image."""
    grid = np.reshape(images, (-1, columns, 28, 28))
    return np.reshape(np.transpose(grid, (0, 2, 1, 3)), (-1, columns * 28))


figure, axes = plt.subplots(figsize=(9, 1.4), layout="constrained")
axes.imshow(tiled(np.concatenate([originals, again]), 20), cmap="gray", interpolation="nearest")
axes.set(yticks=[14, 42], yticklabels=["digit", "drawn again"], xticks=[], title="Each digit, and what is left of it")
example.show(figure, "again")

# %% [markdown]
# ## The map
#
# On the left the mean codes of the validation images. Nobody told the model which digit is which, yet images that look
# alike have codes that are near to each other. On the right what the decoder draws at places of the same map. They lie
# at the quantiles of the normal distribution, so that each has the same share of all draws: this is what it holds for a
# digit.

# %%
mean, _, _ = trainer.predict(x_val)
places = [NormalDist().inv_cdf(share) for share in np.linspace(0.03, 0.97, 12)]
codes = np.array([(across, up) for up in places[::-1] for across in places], np.float32)
drawn = nn.sigmoid(model.decoder(codes)).numpy()

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
for digit in range(10):
    mine = mean[data.y_val == digit]
    left.scatter(*mine.T, s=8, color=f"C{digit}")
    left.text(*np.median(mine, axis=0), digit, fontsize=14, weight="bold", ha="center", va="center")
left.set(title="where digits lie", xlabel="first number of the code", ylabel="second number")
right.imshow(tiled(drawn, 12), cmap="gray", interpolation="nearest")
right.set(title="what is drawn there", xticks=[], yticks=[])
figure.suptitle("The map of codes")
example.show(figure, "map")
