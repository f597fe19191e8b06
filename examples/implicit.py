"""Derivatives of a solution

Sometimes a value is not computed but *found*: it solves an equation, or minimizes a loss. Its derivative does not need
the path that led there, only the equation at the solution: that is the implicit function theorem. Here it tells how the
best weights of a classifier change with the penalties that it was trained with, so that these are learned by gradient
descent on the validation loss, one penalty for each pixel.

Sources: Y. Bengio, "Gradient-based optimization of hyperparameters" (2000); C.-S. Foo, C. Do and A. Ng, "Efficient
multiple hyperparameter learning for log-linear models" (2007); J. Lorraine, P. Vicol and D. Duvenaud, "Optimizing
millions of hyperparameters by implicit differentiation" (2020).
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import ntb
from ntb import nn, optim
from ntb.datasets import mnist
from ntb.demos.example import Example

example = Example(
    __doc__,
    steps=(40, "of learning the penalties"),
    images=(100, "of digits to train with, and five times as many to choose the penalties"),
    pixels=(7, "in a row: 14, 7 or 4"),
    points=(19, "of the curve"),
)

# %% [markdown]
# ## The theorem, in one line
#
# Let *x* solve *F(x, a) = 0*. When *a* changes, *x* has to move so that this stays true: *∂F/∂x · dx + ∂F/∂a · da = 0*,
# and so *dx/da = −(∂F/∂x)⁻¹ ∂F/∂a*. `ntb.root` finds *x* by Newton's method, which no tape sees, and has this
# derivative. For *x = cos(a x)* the equation is *F = x − cos(a x)*.

# %%
solution = lambda a: ntb.root(lambda x: x - np.cos(a * x), 1.0)
x, a = solution(2.0), 2.0
by_hand = -(x * np.sin(a * x)) / (1 + a * np.sin(a * x))
print(f"x = {x:.6f}, dx/da by the theorem {by_hand:.6f}, by ntb {ntb.grad(solution)(a):.6f}")
print(f"by a difference: {(solution(a + 1e-5) - solution(a - 1e-5)) / 2e-5:.6f}")

# %% [markdown]
# ## Two problems, one inside the other
#
# The digits 4 and 9 are to be told apart with few images, which needs a penalty: *w* minimizes the training loss plus
# *½ Σ exp(λᵢ) wᵢ²*. The inner problem is *w(λ)*; the outer one is to choose *λ* so that *w(λ)* does well on other
# images, those of the validation. A third set, which neither sees, tells whether that helped.

# %%
data = mnist.load()


def fours_and_nines(images, labels):
    """Rows of pixels from 0 to 1, and which of the digits are nines."""
    chosen = (labels == 4) | (labels == 9)
    images, n = images[chosen] / 255, example.pixels
    small = np.mean(np.reshape(images, (-1, n, 28 // n, n, 28 // n)), axis=(2, 4))
    return np.reshape(small, (-1, n * n)), (labels[chosen] == 9).astype(float)


x_all, y_all = fours_and_nines(data.x_train, data.y_train)
parts = example.images, 6 * example.images
x_train, x_val, x_test = np.split(x_all, parts)
y_train, y_val, y_test = np.split(y_all, parts)
print(f"{len(x_train)} images to train, {len(x_val)} to choose penalties, {len(x_test)} to test")
print(f"{x_all.shape[1]} pixels each, and as many penalties")

# %% [markdown]
# The best weights are where the gradient of the inner loss is zero. So *F* is a gradient, *∂F/∂w* a Hessian, and
# `ntb.root` of `ntb.grad` is all that is needed. What comes out is a function of *λ* like any other.


# %%
def data_loss(w, x, y):
    return nn.binary_cross_entropy_with_logits(x @ w, y)


def penalized_loss(w, penalties):
    return data_loss(w, x_train, y_train) + 0.5 * np.sum(np.exp(penalties) * w * w)


def best_weights(penalties):
    return ntb.root(ntb.grad(penalized_loss), np.zeros(x_train.shape[1]), penalties)


def validation_loss(penalties):
    return data_loss(best_weights(penalties), x_val, y_val)


# %% [markdown]
# ## One penalty for all
#
# With a single number *λ* the validation loss is a curve, which we can draw. Strokes show the slopes that implicit
# differentiation finds: each costs one solution of a linear system more than the value.

# %%
of_one = lambda penalty: validation_loss(penalty * np.ones(x_train.shape[1]))
grid = np.linspace(-10, -1, example.points)
curve = np.array([of_one(penalty) for penalty in grid])
points = grid[1:-1:3]
slopes = np.array([ntb.grad(of_one)(penalty) for penalty in points])
for penalty, slope in zip(points, slopes):
    numerical = (of_one(penalty + 1e-4) - of_one(penalty - 1e-4)) / 2e-4
    print(f"λ = {penalty:4.1f}: slope {slope:9.6f}, by a difference {numerical:9.6f}")
best_of_one = grid[np.argmin(curve)]

# %% [markdown]
# ## A penalty for each pixel
#
# No curve shows a loss of hundreds of numbers, and no search tries all their combinations. But the gradient costs what
# it cost before, and Adam goes down along it from the best single penalty. (To go back through the steps of an inner
# training instead, each of them would have to be kept, and the result would depend on when it was stopped.)

# %%
penalties = ntb.Variable(best_of_one * np.ones(x_train.shape[1]))
optimizer = optim.Adam(0.1)
history = []
for step in range(example.steps):
    history.append(float(optimizer.minimize(lambda: validation_loss(penalties), [penalties])))
    if step in (0, 1, 5) or step % 10 == 9:
        print(f"step {step + 1:3}: validation loss {history[-1]:.4f}")

# %%
learned = penalties.numpy()
before, after = best_weights(best_of_one * np.ones_like(learned)), best_weights(learned)
for name, w in {"one penalty": before, "one for each": after}.items():
    right = np.mean((x_test @ w > 0) == y_test)
    print(f"{name:13}: test loss {data_loss(w, x_test, y_test):.4f}, {100 * right:.1f} % right")

# %% [markdown]
# A large penalty says that a pixel is not worth a look, a small one that its weight may grow. The largest are to the
# right, where both digits have their long stroke; small ones are at the top, where a nine is closed and a four open,
# and at the bottom, where the strokes end. Pixels at the edge are always black, so that nothing is learned about them.

# %%
shape = (example.pixels, example.pixels)
figure, axes = plt.subplots(1, 4, figsize=(12.5, 3.3), layout="constrained", width_ratios=(1.5, 1, 1, 1))
figure.suptitle("Penalties learned by implicit differentiation")
axes[0].plot(grid, curve, color="0.5", label="validation loss")
for penalty, slope in zip(points, slopes):
    ends = np.array([-0.5, 0.5])
    label = "implicit gradient" if penalty == points[0] else None
    axes[0].plot(penalty + ends, of_one(penalty) + slope * ends, color="tab:red", linewidth=2, label=label)
axes[0].axhline(history[-1], color="tab:green", linestyle="--", label="one penalty for each pixel")
axes[0].set(xlabel="λ, the same for all pixels", ylabel="loss", title="one penalty")
axes[0].legend(fontsize=8)
limit = np.abs(before).max() * 2
pictures = {
    "weights, one penalty": (before, "RdBu_r", -limit, limit),
    "log penalties learned": (learned, "viridis", None, None),
    "weights, learned penalties": (after, "RdBu_r", -limit, limit),
}
for ax, (title, (values, colors, low, high)) in zip(axes[1:], pictures.items()):
    shown = ax.imshow(np.reshape(values, shape), cmap=colors, vmin=low, vmax=high)
    figure.colorbar(shown, ax=ax, shrink=0.75)
    ax.set(title=title, xticks=[], yticks=[])
example.show(figure, "penalties")

# %% [markdown]
# ## The same for an iteration
#
# `ntb.fixed_point` is for equations *x = f(x)* that are solved by repeating *f*, without a matrix. Its gradient is
# found by repeating too. A *deep equilibrium model* is a network with one such layer in the place of many: *z = tanh(z
# W + x U)*.

# %%
rng = np.random.default_rng(0)
u, w = rng.normal(size=(3, 5)), 0.2 * rng.normal(size=(5, 5))
x = rng.normal(size=(4, 3))
layer = lambda w: ntb.fixed_point(lambda z, w: np.tanh(z @ w + x @ u), np.zeros((4, 5)), w)


def deep(w, layers=60):
    z = np.zeros((4, 5))
    for _ in range(layers):
        z = np.tanh(z @ w + x @ u)
    return z


implicit = ntb.grad(lambda w: np.sum(layer(w) ** 2))(w)
through_all = ntb.grad(lambda w: np.sum(deep(w) ** 2))(w)
print(
    f"values differ by {np.abs(layer(w) - deep(w)).max():.0e}, gradients by {np.abs(implicit - through_all).max():.0e}"
)

# %% [markdown]
# ## Try it
#
# - Learn the penalties for 3 and 8 instead. Which pixels count?
# - Let it run for 200 steps: `--steps 200`. The validation loss falls further; what does the test loss do, and why?
