"""The gradient of each example

A loss is a mean, and so is its gradient: a mean of what each example would change. Looked at one by one, these
gradients tell which examples pull the hardest. Here one digit in twenty has a wrong label, and the norms of the
gradients find most of them. Then the gradients are cut to a greatest norm, so that no example changes a model by more
than that.

Sources: I. Goodfellow, "Efficient per-example gradient computations" (2015); A. Katharopoulos and F. Fleuret, "Not all
samples are created equal" (2018); M. Abadi et al., "Deep learning with differential privacy" (2016).
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
    images=(3000, "of digits"),
    epochs=(6, "of training"),
    steps=(150, "with a bound for each example"),
    seed=(0, "of weights and draws"),
)

# %% [markdown]
# ## One digit in twenty is mislabelled
#
# Labels that are made by people are wrong now and then. We make some wrong on purpose, and remember which. Then a small
# network is trained for a few epochs: it learns what most examples say, and has no time to learn exceptions by heart.

# %%
data = mnist.load().scaled()
rng = np.random.default_rng(example.seed)
images = np.reshape(data.x_train[: example.images], (-1, 784))
wrong = rng.random(len(images)) < 0.05
true = data.y_train[: example.images]
labels = np.where(wrong, (true + rng.integers(1, 10, len(true))) % 10, true)

ntb.random.seed(example.seed)
model = nn.MLP(784, 32, 10)
optimizer = optim.Adam(0.003)


@ntb.function
def train_step(x, y):
    optimizer.minimize(lambda: nn.cross_entropy(model(x), y), model)


for epoch in range(example.epochs):
    for x, y in ntb.data.batches(images, labels, size=50, shuffle=epoch):
        train_step(x, y)
    print(f"epoch {epoch + 1}: loss {nn.cross_entropy(model(images), labels):.3f}")
print(f"{wrong.sum()} of {len(images)} labels are wrong")

# %% [markdown]
# ## All gradients at once
#
# The losses of a batch, before the mean is taken, are a vector with an element for each example. Its Jacobian has a row
# for each example, which is that example's gradient: `tape.jacobian(losses, weights)`. It goes back once for each row
# and holds all rows, so that a few dozen examples are taken at a time. The mean of the rows is the usual gradient.


# %%
def gradients(model, x, y):
    """For each of the weights an array (examples, …)."""
    with ntb.Tape() as tape:
        losses = nn.cross_entropy(model(x), y, reduction="none")
    return [np.asarray(g) for g in tape.jacobian(losses, model.trainable_variables())]


def norms_of(rows):
    """The norm of each example's gradient, over all weights."""
    return np.sqrt(sum(np.sum(np.reshape(g, (len(g), -1)) ** 2, axis=1) for g in rows))


x, y = images[:50], labels[:50]
rows = gradients(model, x, y)
with ntb.Tape() as tape:
    loss = nn.cross_entropy(model(x), y)
usual = tape.gradient(loss, model.trainable_variables())
apart = max(np.abs(np.mean(g, axis=0) - u).max() for g, u in zip(rows, usual))
print("shapes of the rows:", [g.shape for g in rows])
print(f"their mean differs from the gradient of the mean by {apart:.0e}")

# %% [markdown]
# ## A short cut for dense layers
#
# In a layer *s = x W + b* the gradient of *W* is *x δᵀ*, where *δ* is the gradient of the example's scores *s*. A
# matrix of that kind has the norm *|x| |δ|*. So the norms need no rows at all, only *δ* of each layer, which one walk
# back gives for the whole batch: of the sum of the losses, as each loss depends on its own scores alone.

# %%
first, activation, last = model.layers
with ntb.Tape() as tape:
    s1 = tape.watch(first(x))
    hidden = activation(s1)
    s2 = tape.watch(last(hidden))
    total = nn.cross_entropy(s2, y, reduction="sum")
deltas = tape.gradient(total, [s1, s2])
square = lambda a: np.sum(np.asarray(a) ** 2, axis=1)
short = np.sqrt(sum(square(d) * (1 + square(into)) for d, into in zip(deltas, [x, hidden])))  # the 1 is for the bias
print(f"norms by the short cut differ by {np.abs(short / norms_of(rows) - 1).max():.0e}, relative to their size")

# %% [markdown]
# ## Who pulls the hardest?
#
# If the images are sorted by the norms of their gradients, wrong labels come first: the model believes the many, and
# each wrong label pulls it away. Some true labels are among them, too: of digits that are badly written.

# %%
batches = ntb.data.batches(images, labels, size=50)
norms = np.concatenate([norms_of(gradients(model, x, y)) for x, y in batches])
order = np.argsort(-norms)
for count in (20, 50, int(wrong.sum())):
    found, by_chance = wrong[order[:count]].sum(), count * wrong.mean()
    print(f"among the {count:3} greatest norms {found:3} labels are wrong; by chance it would be {by_chance:.0f}")

# %%
figure = plt.figure(figsize=(11, 4), layout="constrained")
figure.suptitle("What the norms of per-example gradients find")
left, right = figure.subfigures(1, 2, width_ratios=(1.25, 1))
for ax, i in zip(left.subplots(3, 8).flat, order):
    ax.imshow(np.reshape(images[i], (28, 28)), cmap="gray_r")
    ax.set_title(f"“{labels[i]}”", color="tab:red" if wrong[i] else "black", fontsize=9, pad=2)
    ax.set(xticks=[], yticks=[])
left.supxlabel("greatest norms, with labels; red ones were made wrong", fontsize=9)
ax = right.subplots()
bins = np.geomspace(0.03, norms.max(), 30)
ax.hist(
    [norms[wrong], norms[~wrong]], bins, stacked=True, color=["tab:red", "0.75"], label=["wrong labels", "right ones"]
)
ax.set(xscale="log", xlabel="norm of the gradient", ylabel="examples")
ax.legend(loc="upper left")
example.show(figure, "mislabelled")

# %% [markdown]
# ## A bound for each example
#
# If each gradient is made shorter where it is longer than *C*, before the mean is taken, then no example changes the
# weights by more than *C / n* times the learning rate. Together with noise of that size this is *DP-SGD*: from the
# weights nobody can tell whether a certain example was among the data. The noise is drawn anew in each step, with the
# standard deviation *σ C / n*.


# %%
def bounded_gradient(model, x, y, bound, noise):
    rows = gradients(model, x, y)
    shares = np.minimum(1, bound / norms_of(rows)) / len(x)
    means = [np.tensordot(shares, g, axes=1) for g in rows]
    return [g + noise * bound / len(x) * rng.normal(size=g.shape) for g in means]


held_out = np.reshape(data.x_val, (-1, 784))
accuracies = {}
for name, bound, noise in [("no bound", 1e9, 0.0), ("bound 1", 1.0, 0.0), ("bound 1 and noise", 1.0, 1.0)]:
    ntb.random.seed(example.seed)
    model, optimizer = nn.Linear(784, 10), optim.SGD(0.5)
    for _ in range(example.steps):
        chosen = rng.integers(0, len(images), 50)
        grads = bounded_gradient(model, images[chosen], labels[chosen], bound, noise)
        optimizer.apply(grads, model.trainable_variables())
    accuracies[name] = nn.accuracy(model(held_out), data.y_val)
    print(f"{name:18} {100 * accuracies[name]:.1f} % of new digits are right")

# %% [markdown]
# ## Try it
#
# - Train for 60 epochs: `--epochs 60`. Why are wrong labels no longer found?
# - Leave out the fifty images with the greatest norms, and train again. Is the model better on new digits?
# - How much noise can the last model bear with 50 examples in a batch, how much with 500?
