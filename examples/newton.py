"""Newton's method and the natural gradient

A gradient says which way is down, but not how far to go, and where a valley is narrow it points at the wall. Second
derivatives know both. Here three ways down are compared on one problem: the gradient, Newton's method and the natural
gradient. None of them makes a matrix: *products* of the Hessian and of the Fisher matrix with a vector are enough, so
that the same lines work for two parameters and for 7,850.

Sources: B. Pearlmutter, "Fast exact multiplication by the Hessian" (1994); S. Amari, "Natural gradient works
efficiently in learning" (1998); J. Nocedal and S. Wright, "Numerical Optimization" (2006), chapters 5 and 7; N.
Schraudolph, "Fast curvature matrix-vector products" (2002).
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import ntb
from ntb import nn
from ntb.datasets import mnist
from ntb.demos.example import Example

example = Example(
    __doc__,
    steps=(150, "down the gradient"),
    images=(1000, "of digits, in the second part"),
    seed=(0, "of the draws"),
)

# %% [markdown]
# ## A problem with two parameters
#
# A medicine is tried in doses *x*, and for each patient we see whether it works. The model says that it does with the
# probability *σ(s)*, where *σ* is the sigmoid and *s = exp(k) · (x − m)* is a score: *m* is the dose at which half of
# the patients respond, and *exp(k)* says how sharply the response sets in. The loss is the negative log-probability of
# what was seen. It is flat for some parameters and steep for others, and not convex: just what makes trouble.

# %%
rng = np.random.default_rng(example.seed)
dose = np.linspace(0.0, 1.0, 80)
responded = (rng.random(80) < nn.sigmoid(16 * (dose - 0.5))).astype(float)


def scores(theta):
    middle, log_steepness = theta
    return np.exp(log_steepness) * (dose - middle)


def loss(theta):
    return nn.binary_cross_entropy_with_logits(scores(theta), responded)


start = np.array([0.9, 1.0])
print(f"loss at the start: {loss(start):.4f}, gradient: {ntb.grad(loss)(start).round(4)}")

# %% [markdown]
# ## A Hessian-vector product
#
# The Hessian *H* is the derivative of the gradient. Along a direction *v* that derivative is *H v*: a gradient, and
# forward mode through it, for the price of a few gradients and without the matrix. `ntb.hvp` does it once.
# `ntb.linearize` runs the gradient once and gives the linear function *v → H v*, which can then be called many times.

# %%
v = np.array([1.0, 0.0])
gradient, hessian_times = ntb.linearize(ntb.grad(loss), start)
print("whole matrix times v: ", ntb.hessian(loss)(start) @ v)
print("ntb.hvp:              ", ntb.hvp(loss, start, v))
print("ntb.linearize:        ", hessian_times(v))

# %% [markdown]
# ## Conjugate gradients
#
# Newton's step *p* goes to the minimum of the parabola that fits the loss best here: *H p = −g*. The method of
# conjugate gradients solves this with products *H v* alone. If it meets a direction in which the loss curves downwards
# (*vᵀHv ≤ 0*, so that the parabola has no minimum) it stops and returns what it has: the step still leads down.

# %%
products = 0  # how many were made, which is what a method costs


def conjugate_gradients(times, right, tolerance=1e-10, most=100):
    """The x with A x = right, from the products times(v) = A v with a symmetric matrix A."""
    global products
    x, residual = np.zeros_like(right), right
    v = residual
    for i in range(most):
        products += 1
        image = times(v)
        curvature = v @ image
        if curvature <= 0:
            return v if i == 0 else x
        length = residual @ residual / curvature
        x = x + length * v
        new = residual - length * image
        if np.linalg.norm(new) <= tolerance * np.linalg.norm(right):
            break
        v = new + (new @ new) / (residual @ residual) * v
        residual = new
    return x


point, right = np.array([0.5, 2.0]), np.array([1.0, 2.0])
exact = np.linalg.solve(ntb.hessian(loss)(point), right)
by_products = conjugate_gradients(ntb.linearize(ntb.grad(loss), point)[1], right)
print("solved with the matrix:  ", exact)
print("solved with products:    ", by_products)

# %% [markdown]
# ## Three directions
#
# The *gradient* measures steps by how far the parameters move. The *natural gradient* measures them by how far the
# predicted probabilities move, which does not depend on how the parameters were chosen. Its matrix is Fisher's: *F = Jᵀ
# D J*, where *J* is the derivative of the scores and *D* the variance *σ(s)(1 − σ(s))* of each outcome. *F v* is a push
# through *J* by forward mode, a scaling, and a pull back by reverse mode. Unlike *H*, *F* never curves downwards.


# %%
def down_the_gradient(theta):
    return -ntb.grad(loss)(theta)


def newton(theta):
    gradient, times = ntb.linearize(ntb.grad(loss), theta)
    return conjugate_gradients(times, -gradient)


def natural(theta):
    s, push = ntb.linearize(scores, theta)
    _, pull = ntb.vjp(scores, theta)
    variance = nn.sigmoid(s) * (1 - nn.sigmoid(s)) / len(s)
    return conjugate_gradients(lambda v: pull(variance * push(v))[0], -ntb.grad(loss)(theta))


# %% [markdown]
# Each direction *p* is followed in the same way: first the whole step is tried; as long as the loss does not fall by at
# least a small part of what the slope *gᵀp* promises (Armijo's rule), the step is halved.


# %%
def follow(direction, theta, steps, function=loss, tolerance=1e-10):
    """The points that are met, until the gradient is as good as zero."""
    path = [theta]
    for _ in range(steps):
        value, gradient = ntb.value_and_grad(function)(theta)
        if np.linalg.norm(gradient) <= tolerance:
            break
        p, size = direction(theta), 1.0
        while function(theta + size * p) > value + 1e-4 * size * (gradient @ p) and size > 1e-8:
            size /= 2
        theta = theta + size * p
        path.append(theta)
    return np.array(path)


paths = {
    "gradient": follow(down_the_gradient, start, example.steps),
    "Newton": follow(newton, start, 30),
    "natural gradient": follow(natural, start, 30),
}
best = paths["Newton"][-1]
for name, path in paths.items():
    print(f"{name:17} {len(path) - 1:4} steps, to {path[-1].round(6)}, loss {loss(path[-1]):.8f}")

# %% [markdown]
# Near the minimum Newton's method doubles the number of right digits in each step: the distance *e* to the minimum
# becomes about *C e²*. The natural gradient has only a part of the second derivatives, so that its error shrinks by a
# factor; but the factor is small, since the model fits the data. Gradient descent goes to and fro between the sides of
# the valley. In the first four steps the Hessian curves downwards in some direction, so that what conjugate gradients
# return is a piece of the gradient, and Newton's method is no better than the other.

# %%
errors = {name: np.linalg.norm(path - best, axis=1) for name, path in paths.items()}
for before, after in zip(errors["Newton"][:-2], errors["Newton"][1:-1]):
    print(f"distance {before:.1e} -> {after:.1e}   e' / e² = {after / before**2:.2f}")

# %%
middles, steepnesses = np.linspace(0.2, 1.0, 41), np.linspace(0.0, 4.0, 41)
heights = [[loss(np.array([m, k])) for m in middles] for k in steepnesses]
colors = {"gradient": "tab:red", "Newton": "tab:blue", "natural gradient": "tab:green"}

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
figure.suptitle("Three ways down, from the same point")
left.contour(middles, steepnesses, np.log(heights), 20, colors="0.8", linewidths=0.8, linestyles="solid")
for name, path in paths.items():
    left.plot(*path.T, ".-", color=colors[name], label=name, markersize=5, linewidth=1)
    right.semilogy(np.maximum(errors[name], 1e-16), ".-", color=colors[name], markersize=4, linewidth=1)
left.plot(*best, "k*", markersize=12, label="minimum")
left.set(xlabel="dose m of half response", ylabel="log-steepness k", xlim=(0.2, 1), ylim=(0, 4))
left.legend(loc="upper right")
right.set(xlabel="step", ylabel="distance to the minimum", xlim=(-1, 60), ylim=(1e-13, 10))
right.grid(alpha=0.3)
example.show(figure, "paths")

# %% [markdown]
# ## 7,850 parameters
#
# Nothing above knew that there were two parameters. So the same functions train a softmax regression on digits, with
# 784 weights for each of ten classes; its Hessian would have 62 million numbers. The penalty makes the minimum unique.
# Here the loss is convex and, since the scores are linear in the parameters, Fisher's matrix is the Hessian of the
# cross-entropy: Newton's step and the natural one are the same.

# %%
data = mnist.load().scaled(np.float64)
images = np.reshape(data.x_train[: example.images], (-1, 784))
labels = data.y_train[: example.images]


def loss_of_digits(w):
    scores = images @ np.reshape(w, (785, 10))[:784] + np.reshape(w, (785, 10))[784]
    return nn.cross_entropy(scores, labels) + 0.005 * np.sum(w * w)


def inexact_newton(w):
    """Far from the minimum the parabola is not worth an exact solution (Dembo, Eisenstat and Steihaug, 1982)."""
    gradient, times = ntb.linearize(ntb.grad(loss_of_digits), w)
    return conjugate_gradients(times, -gradient, tolerance=min(0.5, np.linalg.norm(gradient)))


products, w = 0, np.zeros(7850)
norms, costs = [], []
for _ in range(8):
    norms.append(np.linalg.norm(ntb.grad(loss_of_digits)(w)))
    costs.append(products)
    w = follow(inexact_newton, w, 1, loss_of_digits)[-1]
    print(f"gradient {norms[-1]:.1e} after {costs[-1]:4} products with the Hessian, then loss {loss_of_digits(w):.6f}")

# %% [markdown]
# Gradient descent is given the best rate that there is, which was found by trying some: with 1.0 it no longer comes
# down. With `ntb.linearize` a product takes no longer than a gradient.

# %%
slow, w_slow = [], np.zeros(7850)
for _ in range(example.steps):
    gradient = ntb.grad(loss_of_digits)(w_slow)
    slow.append(np.linalg.norm(gradient))
    w_slow = w_slow - 0.7 * gradient

figure, axes = plt.subplots(figsize=(6.5, 3.8), layout="constrained")
axes.semilogy(costs, norms, "o-", color=colors["Newton"], label="Newton, by products")
axes.semilogy(slow, color=colors["gradient"], label="gradient descent, by gradients")
axes.set(xlabel="products or gradients", ylabel="norm of the gradient", title="Softmax regression on digits")
axes.legend(loc="lower left")
axes.grid(alpha=0.3)
example.show(figure, "digits")

# %% [markdown]
# ## Try it
#
# - Start at `[0.05, 3.0]`. What does Newton's method do, and what the natural gradient?
# - Give the model the parameter *exp(k)* in place of *k*. Which of the three paths changes least?
# - Take fewer conjugate gradient steps, `most=5`, for the digits. Is it cheaper in the end?
