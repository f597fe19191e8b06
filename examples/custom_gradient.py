"""A gradient of your own

Mostly the gradient of a program is what the chain rule says, and nobody has to write it. Two cases are different: the
chain rule is right but its numbers overflow, or the true gradient is right but useless. For both, `ntb.custom_gradient`
gives a function another way back. Here a logarithm stays finite, and a network learns though its units only say yes or
no.

Sources: M. Mächler, "Accurately computing log(1 − exp(−|a|))" (2012), for the formulas; Y. Bengio, N. Léonard and A.
Courville, "Estimating or propagating gradients through stochastic neurons" (2013); M. Courbariaux et al., "Binarized
neural networks" (2016).
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import ntb
from ntb import nn, optim
from ntb.demos.example import Example

example = Example(
    __doc__,
    steps=(1500, "of training"),
    units=(24, "that say yes or no, in each of two layers"),
    seed=(0, "of weights and draws"),
)

# %% [markdown]
# ## A slope that overflows
#
# *log(1 + eˣ)* is nearly *x* where *x* is large, and its slope *eˣ / (1 + eˣ)* nearly 1. But *eˣ* overflows in single
# precision from *x = 89* on. Then the value is infinite, and the chain rule, which knows only the numbers, divides
# infinity by infinity.


# %%
def naive(x):
    return np.log(1 + np.exp(x))


x = np.array([-100, 0, 50, 100], np.float32)
with np.errstate(over="ignore", invalid="ignore"):  # NumPy would warn
    print("values:", naive(x))
    print("slopes:", ntb.grad(lambda x: np.sum(naive(x)))(x))

# %% [markdown]
# ## Value and way back, in one function
#
# A function with a gradient of its own returns two things: its value, and a function from the gradient *g* of that
# value to the gradient of the argument. The value *y* is written so that it cannot overflow: *max(x, 0) + log(1 +
# e⁻|x|)*. The slope *eˣ / (1 + eˣ)* is *exp(x − y)*, whose exponent is never positive.


# %%
@ntb.custom_gradient
def log1pexp(x):
    y = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def back(g):
        return g * np.exp(x - y)

    return y, back


print("values:", log1pexp(x))
print("slopes:", ntb.grad(lambda x: np.sum(log1pexp(x)))(x))

# %% [markdown]
# Who writes a derivative by hand makes mistakes, so it has to be checked. `ntb.check_gradients` compares it with
# differences of the value, in reverse and in forward mode, and the second derivative too, since `back` is made of
# NumPy's functions and so has a derivative itself. It says where a wrong one is wrong.

# %%
ntb.check_gradients(log1pexp, np.linspace(-3, 3, 7))
print("log1pexp: checked, to second order")


@ntb.custom_gradient
def mistaken(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), lambda g: g * np.tanh(x / 2)


try:
    ntb.check_gradients(mistaken, np.array([1.0]))
except ntb.check.GradientCheckError as error:
    print("mistaken:", error)

# %% [markdown]
# ## A gradient that is right and useless
#
# Let a unit of a network say +1 or −1, the sign of what comes in. That is cheap to store and to multiply, but the sign
# is flat: its derivative is 0 wherever it has one, and the layers before it learn nothing. The *straight-through
# estimator* goes back as if the unit had let its input through. It is no derivative of anything, and yet it points the
# right way. A second form does so only where *|x| ≤ 1*: to the others a push would change nothing, and they would drift
# away.


# %%
@ntb.custom_gradient
def straight_through(x):
    return np.where(x > 0, 1.0, -1.0), lambda g: g


@ntb.custom_gradient
def straight_through_box(x):
    return np.where(x > 0, 1.0, -1.0), lambda g: g * (np.abs(x) <= 1)


units = {
    "true gradient": lambda x: np.where(x > 0, 1.0, -1.0) + 0 * x,  # 0 x, so that there is a gradient, of zeros
    "straight through": straight_through,
    "straight through where |x| ≤ 1": straight_through_box,
    "tanh, for comparison": np.tanh,
}
for name, unit in units.items():
    _, pull = ntb.vjp(unit, np.array([-2, -0.5, 0.5, 2]))
    print(f"{name:31} gradient at −2, −0.5, 0.5, 2:", *pull(np.ones(4)))

# %% [markdown]
# ## Two spirals
#
# Points on two spirals are to be told apart. Each network has two layers of such units, and starts with the same
# weights. The one with the true gradient trains its last layer only, on top of random units.

# %%
rng = np.random.default_rng(example.seed)
angle = np.sqrt(rng.random(400)) * 3 * np.pi
side = np.arange(400) % 2
points = np.stack([np.cos(angle + np.pi * side), np.sin(angle + np.pi * side)], axis=1) * angle[:, None] / 8
points = points + 0.02 * rng.normal(size=points.shape)


def trained(unit):
    ntb.random.seed(example.seed)
    model = nn.MLP(2, example.units, example.units, 1, activation=unit, dtype=np.float64)
    optimizer = optim.Adam(optim.schedules.cosine(0.02, example.steps))
    loss_function = lambda: nn.binary_cross_entropy_with_logits(model(points)[:, 0], side)
    step = ntb.function(lambda: optimizer.minimize(loss_function, model))
    losses = [float(step()) for _ in range(example.steps)]
    return model, losses


results = {name: trained(unit) for name, unit in units.items()}
for name, (model, losses) in results.items():
    right = np.mean((np.asarray(model(points))[:, 0] > 0) == side)
    print(f"{name:31} loss {np.mean(losses[-20:]):.3f}, {100 * right:.1f} % right")

# %% [markdown]
# The picture shows what the networks say of every point of the plane, and the losses. Without the box, units that are
# sure of their answer are pushed as much as those that waver, and the network gets stuck. Units that say yes or no cut
# the plane along straight lines, and each piece between them has one answer; with *tanh* the border is smooth.

# %%
axis = np.linspace(-1.3, 1.3, 200)
plane = np.stack(np.meshgrid(axis, axis), axis=-1)

figure, axes = plt.subplots(1, 4, figsize=(11.5, 3.2), layout="constrained", width_ratios=(1, 1, 1, 1.25))
figure.suptitle("What units that say yes or no can learn")
for ax, name in zip(axes, [list(units)[i] for i in (0, 2, 3)]):
    answer = nn.sigmoid(results[name][0](plane))[..., 0]
    ax.imshow(answer, extent=(-1.3, 1.3, -1.3, 1.3), origin="lower", cmap="RdBu", vmin=0, vmax=1, alpha=0.7)
    ax.scatter(*points.T, c=side, cmap="RdBu", s=5, edgecolors="0.2", linewidths=0.3)
    ax.set(title=name, xticks=[], yticks=[])
smooth = lambda losses: np.convolve(losses, np.ones(20) / 20, "valid") if len(losses) > 20 else losses
for name, (_, losses) in results.items():
    axes[3].semilogy(smooth(losses), label=name, linewidth=1)
axes[3].set(xlabel="step", ylabel="loss, mean of 20 steps", ylim=(5e-4, 40))
axes[3].legend(fontsize=8, loc="upper right")
axes[3].grid(alpha=0.3)
example.show(figure, "spirals")

# %% [markdown]
# ## Try it
#
# - Write a function that is *x* on the way forward and gives *−g* on the way back. Put it between a network and a judge
#   that tells two kinds of data apart: the network then learns to make them alike (Ganin and Lempitsky, 2015).
# - Write one that cuts *g* to the range −1 … 1. What does `ntb.jvp` say of it, and why?
# - Give `straight_through_box` the slope *1 − tanh²x*. Is it better than a box?
