"""A GAN draws a spiral

Two networks play against each other. The generator makes points of noise; the discriminator is shown these and true
points, and tells which are which. Each learns from the other's mistakes, and in the end the generator's points lie on
the spiral, although nobody told it what a spiral is.

Goodfellow et al., "Generative adversarial networks", 2014. The discriminator learns three times as fast, as in Heusel
et al., "GANs trained by a two time-scale update rule", 2017.
"""

# %%
import numpy as np
from matplotlib import pyplot as plt

import ntb
from ntb import nn
from ntb.demos.example import Example

example = Example(__doc__, steps=(3000, "of training"), seed=(0, "of weights and points"))
ntb.random.seed(example.seed)
rng = ntb.random.generator(example.seed)

# %% [markdown]
# ## The points
#
# A spiral with a little noise. How near two clouds of points are to each other is told by their energy distance
# (Székely and Rizzo, 2013), $2\,E|x - y| - E|x - x'| - E|y - y'|$: it is 0 if both are drawn from the same
# distribution, and greater otherwise. Two clouds of 300 points have some thousandths by chance alone. The distance
# takes no part in the training, and only shows how that goes.


# %%
def spiral(count):
    angle = 3 * np.pi * np.sqrt(rng.random((count, 1)))
    points = angle / 10 * np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    return (points + 0.02 * rng.normal(size=points.shape)).astype(np.float32)


def noise(count):
    return rng.normal(size=(count, 8), dtype=np.float32)


def energy_distance(x, y):
    mean_distance = lambda a, b: np.mean(np.linalg.norm(a[:, None] - b, axis=-1))
    return 2 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y)


print(f"two clouds of the spiral have the distance {energy_distance(spiral(300), spiral(300)):.4f}")

# %% [markdown]
# ## The two networks
#
# The generator $G$ takes eight numbers of noise to a point. The discriminator $D$ takes a point to one number, the
# logit of the probability that the point is a true one.

# %%
generator = nn.MLP(8, 64, 64, 2)
discriminator = nn.MLP(2, 64, 64, 1, activation=nn.leaky_relu)
generator_optimizer = ntb.optim.Adam(1e-3, beta1=0.5)
discriminator_optimizer = ntb.optim.Adam(3e-3, beta1=0.5)
print(generator, discriminator, sep="\n")

# %% [markdown]
# ## A step of the game
#
# The discriminator lowers its cross-entropy: true points should be called true, and made ones false. Then the generator
# takes a step: *its* points should be called true. Each optimizer changes one network alone, although the gradient for
# the generator runs back through the discriminator, which tells it in which direction a point looks truer.
#
# $$L_D = -\log \sigma(D(x)) - \log(1 - \sigma(D(G(z)))) \qquad L_G = -\log \sigma(D(G(z)))$$


# %%
def called(points, true):
    """The cross-entropy of the discriminator's answer for points, if they are true ones or made ones."""
    logits = discriminator(points)
    return nn.binary_cross_entropy_with_logits(logits, np.full(logits.shape, float(true)))


@ntb.function
def step(true_points, z):
    discriminator_optimizer.minimize(lambda: called(true_points, True) + called(generator(z), False), discriminator)
    generator_optimizer.minimize(lambda: called(generator(z), True), generator)


# %% [markdown]
# ## Training
#
# A GAN has no loss that falls: when one network gets better, the other's loss rises. So the distance is looked at
# instead, fifty times, and the points are kept at four of these times for the picture.

# %%
shown = [0, example.steps // 20, example.steps // 5, example.steps]
made, distances, looked_at = {}, [], sorted({*range(0, example.steps, max(example.steps // 50, 1)), *shown})
for i in range(example.steps + 1):
    if i in looked_at:
        points = generator(noise(300)).numpy()
        distances.append(energy_distance(points, spiral(300)))
        if i in shown:
            y, x = np.mgrid[-1.2:1.2:60j, -1.2:1.2:60j]
            grid = np.stack([x, y], axis=-1).astype(np.float32)
            made[i] = points, nn.sigmoid(discriminator(grid)).numpy()[..., 0]
            print(f"step {i}: distance {distances[-1]:.4f}")
    step(spiral(256), noise(256))

# %% [markdown]
# ## The game in pictures
#
# The background is red where the discriminator holds points for true, and blue where it holds them for made. Where it
# is pale the discriminator cannot tell, which is all that the generator wants. At the end it is so on nearly all of the
# spiral.

# %%
figure, panels = plt.subplots(1, 5, figsize=(15, 3.2), layout="constrained")
true_points = spiral(300)
for axes, (i, (points, belief)) in zip(panels, made.items()):
    axes.imshow(belief, extent=(-1.2, 1.2, -1.2, 1.2), origin="lower", cmap="coolwarm", vmin=0, vmax=1, alpha=0.5)
    axes.plot(*true_points.T, ".", color="grey", markersize=2, label="true")
    axes.plot(*points.T, ".", color="black", markersize=2, label="made")
    axes.set(title=f"after {i} steps", xticks=[], yticks=[], xlim=(-1.2, 1.2), ylim=(-1.2, 1.2))
panels[0].legend(loc="lower left", markerscale=4)
panels[-1].semilogy(looked_at, distances)
panels[-1].set(title="energy distance", xlabel="step")
figure.suptitle("The points of the generator, and what the discriminator thinks of the plane")
example.show(figure, "spiral")
