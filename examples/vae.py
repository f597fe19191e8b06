"""A variational autoencoder that learns to draw digits: python examples/vae.py. Half a minute; writes out/vae.png.

Kingma and Welling, "Auto-encoding variational Bayes", 2014.
"""

from pathlib import Path

import numpy as np

import ntb
from ntb import nn
from ntb.datasets import mnist
from ntb.distributions import Bernoulli, Normal, kl_divergence

LATENT = 8


class VAE(nn.Module):
    def __init__(self):
        self.encoder = nn.MLP(784, 256, 2 * LATENT)
        self.decoder = nn.MLP(LATENT, 256, 784)

    def __call__(self, x, train=False):
        """What the bound on -log p(x) is for each image: how badly it is drawn again, and what its code costs."""
        mean, log_std = np.split(self.encoder(x), 2, axis=-1)
        latent = Normal(mean, np.exp(log_std))
        drawn = Bernoulli(self.decoder(latent.sample()))
        code = kl_divergence(latent, Normal(0.0, 1.0))
        return np.sum(code, axis=-1) - np.sum(drawn.log_prob(x), axis=-1)

    def draw(self, count):
        return Bernoulli(self.decoder(Normal(0.0, np.ones((count, LATENT), np.float32)).sample())).probabilities


def main(steps=2000, show=print):
    ntb.random.seed(0)
    images = np.reshape(mnist.load().x_train, (-1, 784)).astype(np.float32)
    images = images / max(images.max(), 1)
    model, optimizer = VAE(), ntb.optim.Adam(1e-3)

    @ntb.function
    def step(x):
        return optimizer.minimize(lambda: np.mean(model(x)), model)

    losses, epoch = [], 0
    while len(losses) < steps:
        for (x,) in ntb.data.batches(images, size=100, shuffle=epoch):
            losses.append(float(step(x)))
            if len(losses) % 200 == 0:
                show(f"step {len(losses)}: at most {np.mean(losses[-100:]):.1f} nats an image")
            if len(losses) == steps:
                break
        epoch += 1
    return losses, np.reshape(model.draw(64), (8, 8, 28, 28))


if __name__ == "__main__":
    from matplotlib import image

    _, drawn = main()
    Path("out").mkdir(exist_ok=True)
    image.imsave("out/vae.png", np.block([[np.asarray(x) for x in row] for row in drawn]), cmap="gray")
    print("wrote out/vae.png")
