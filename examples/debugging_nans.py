"""Finding a NaN

A training goes well, and from one step to the next the loss is NaN, and with it every weight. NaN spreads: what is seen
in the end says nothing of where it came from. Here two trainings go wrong, in the two ways there are: a value overflows
on the way forward, and a slope is infinite on the way back. Each time one look finds the line, and a better formula is
the cure.

Sources: P. Blanchard, D. Higham and N. Higham, "Accurately computing the log-sum-exp and softmax functions" (2021); A.
Hermans, L. Beyer and B. Leibe, "In defense of the triplet loss for person re-identification" (2017), on losses of
distances.
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
    steps=(400, "of each training"),
    rate=(0.05, "of learning, which is too large"),
    seed=(0, "of weights and draws"),
)

# %% [markdown]
# ## A training that goes wrong
#
# Five layers tell digits apart. The softmax is written as in the textbook, *pᵢ = exp(sᵢ) / Σ exp(sⱼ)*, and the learning
# rate is a guess. NumPy would warn, once, of an "overflow encountered in exp": who sees that has the first hint. Here
# `np.errstate` hides it, as it is hidden in many logs.

# %%
data = mnist.load().scaled()
images, labels = np.reshape(data.x_train, (-1, 784)), data.y_train


def textbook_loss(scores, labels):
    exponentials = np.exp(scores)
    probabilities = exponentials / np.sum(exponentials, axis=1, keepdims=True)
    return -np.mean(np.log(probabilities[np.arange(len(labels)), labels]))


# %% [markdown]
# Each step notes the norm of the gradient of each layer's weights. That costs little, and is the first thing to look at
# when a training does not do what it should. If one is not finite we stop, *before* it reaches the weights, and keep
# the batch: so the step can be run again.


# %%
def train(loss_function, rate):
    """The model, the norms (steps, layers), and the batch that was the last one."""
    ntb.random.seed(example.seed)
    model, optimizer = nn.MLP(784, 64, 64, 64, 64, 10), optim.Adam(rate)
    rng = np.random.default_rng(example.seed)
    weights, norms = model.trainable_variables(), []
    for step in range(example.steps):
        chosen = rng.integers(0, len(images), 50)
        with np.errstate(all="ignore"):
            with ntb.Tape() as tape:
                loss = loss_function(model(images[chosen]), labels[chosen])
            grads = tape.gradient(loss, weights)
        norms.append([np.linalg.norm(g) for g in grads[::2]])
        if not np.all(np.isfinite(norms[-1])):
            print(f"step {step}: the loss is {float(loss)}")
            break
        if step % 100 == 0:
            print(f"step {step}: the loss is {float(loss):.3f}")
        optimizer.apply(grads, weights)
    return model, np.array(norms), chosen


model, norms, chosen = train(textbook_loss, example.rate)
runs = {"softmax of the textbook": norms}

# %% [markdown]
# ## Which operation was it?
#
# Inside `with ntb.debug_nans():` each operation looks at its result, and the first that makes a NaN or an infinity says
# so, with the range of its arguments and the line of the program. Operations take several times as long there, so only
# the one step is run again.


# %%
def diagnosis(loss_function, model):
    with np.errstate(all="ignore"), ntb.debug_nans():
        try:
            with ntb.Tape() as tape:
                loss = loss_function()
            tape.gradient(loss, model.trainable_variables())
        except ntb.errors.NonFiniteError as error:
            return str(error)
    return "all numbers are finite"


print(diagnosis(lambda: textbook_loss(model(images[chosen]), labels[chosen]), model))

# %% [markdown]
# ## The cure, and the cause
#
# In single precision *exp* overflows from 89 on. Only differences of scores matter, so the greatest, *m*, may be
# subtracted first, and the logarithm be taken at once: *log pᵢ = sᵢ − m − log Σ exp(sⱼ − m)*. That is what
# `nn.cross_entropy` does, and no score is too large for it. But a score of 89 claims a certainty that no digit
# deserves. Its cause is the learning rate: each step goes too far, the norms shoot up again and again, and the loss is
# still near 1 after 300 steps. With a tenth of the rate it falls below 0.1.

# %%
runs["nn.cross_entropy"] = train(nn.cross_entropy, example.rate)[1]
runs["and a tenth of the learning rate"] = train(nn.cross_entropy, example.rate / 10)[1]

# %% [markdown]
# ## A NaN on the way back
#
# The second kind is harder to see: the loss is finite when it happens. A network shall put digits on a plane, so that
# those of one kind are near to each other. The loss looks at all pairs of sixty images, and at their distance *√(Σ (aᵢ
# − bᵢ)²)*: pairs of one kind are pulled together, others are pushed apart until they are 1 from each other.


# %%
def textbook_distances(places):
    return np.sqrt(np.sum((places[:, None] - places[None]) ** 2, axis=-1))


def pair_loss(places, labels, distances):
    apart, alike = distances(places), labels[:, None] == labels[None]
    pulled, pushed = apart * alike, np.maximum(0, 1 - apart) * ~alike
    return np.sum(pulled) / np.sum(alike) + np.sum(pushed) / np.sum(~alike)


def learn_places(distances):
    """The model, which stays as it was before a gradient that is not finite, and the batch that was the last one."""
    ntb.random.seed(example.seed)
    model, optimizer = nn.MLP(784, 128, 64, 2), optim.Adam(optim.schedules.cosine(0.002, 4 * example.steps))
    rng = np.random.default_rng(example.seed)
    weights = model.trainable_variables()
    for step in range(4 * example.steps):
        chosen = rng.integers(0, len(images), 60)
        with np.errstate(all="ignore"):
            with ntb.Tape() as tape:
                loss = pair_loss(model(images[chosen]), labels[chosen], distances)
            grads = tape.gradient(loss, weights)
        if not all(np.all(np.isfinite(g)) for g in grads):
            print(f"step {step}: the loss is {float(loss):.3f}, the gradient NaN")
            break
        if step % example.steps == 0:
            print(f"step {step}: the loss is {float(loss):.3f}")
        optimizer.apply(grads, weights)
    return model, chosen


model, chosen = learn_places(textbook_distances)
print(diagnosis(lambda: pair_loss(model(images[chosen]), labels[chosen], textbook_distances), model))

# %% [markdown]
# The message names the operation whose derivative it was, and the line on which that ran: the square root in
# `textbook_distances`. (`safe_divide` is the division *g / (2 √x)* in its rule.) Sixty elements are infinite: those of
# an image and itself, whose distance is 0. There the root has the slope infinity; times the slope 0 of the square that
# makes NaN. The distance itself has a kink at 0, as the absolute value has, and 0 is a good choice for its slope. That
# is what `np.linalg.norm` has in ntb.


# %%
def distances(places):
    return np.linalg.norm(places[:, None] - places[None], axis=-1)


model, _ = learn_places(distances)
places = np.asarray(model(np.reshape(data.x_val, (-1, 784))))

# %% [markdown]
# To the left are the norms of the gradients, a curve for each layer. The first training ends where the NaN came; the
# second has the same learning rate and a loss that stays finite, and is as restless; the third learns. To the right are
# a thousand digits that the network never saw, where it puts them on the plane.

# %%
figure = plt.figure(figsize=(9.5, 4.2), layout="constrained")
figure.suptitle("Two trainings that went wrong, and their cure")
left, right = figure.subfigures(1, 2, width_ratios=(1.25, 1))
colors = plt.colormaps["viridis"](np.linspace(0, 0.85, 5))
panels = left.subplots(3, 1, sharex=True, sharey=True)
for ax, (name, norms) in zip(panels, runs.items()):
    for layer, color in enumerate(colors):
        ax.semilogy(norms[:, layer], color=color, linewidth=0.7, label=f"layer {layer + 1}")
    if len(norms) < example.steps:
        ax.axvline(len(norms) - 1, color="tab:red", label="NaN")
    ax.set_title(name, fontsize=9)
    ax.grid(alpha=0.3)
panels[0].legend(fontsize=7, loc="upper right", ncols=2)
panels[1].set_ylabel("norm of the gradient")
panels[2].set_xlabel("step")
ax = right.subplots()
dots = ax.scatter(*places.T, c=data.y_val, cmap="tab10", s=6)
figure.colorbar(dots, ax=ax, ticks=range(10), label="digit")
ax.set(title="digits by their distances", xticks=[], yticks=[])
example.show(figure, "norms_and_places")

# %% [markdown]
# ## Where there is no gradient at all
#
# A gradient of `None` is another matter: the loss does not depend on the weights, or not in a way that has a
# derivative. A tape with a journal tells which it is, and where. Here somebody makes the number of right answers the
# loss; the greatest of ten scores is a position, and positions have no slope.

# %%
with ntb.Tape(explain=True) as tape:
    scores = model(images[:20])
    answers = np.argmax(scores, axis=1)
    loss = -np.mean(answers == labels[:20])
weight = model.trainable_variables()[0]
print(tape.gradient(loss, weight))
print(tape.explain(loss, weight))

# %% [markdown]
# ## In short
#
# - Keep the norm of each layer's gradient, and stop before a NaN reaches the weights: then the step can be run again.
# - Run that step, and no other, inside `ntb.debug_nans()`.
# - `optim.ApplyIfFinite` skips such steps by itself. That is right for a step in a thousand, with gradients in half
#   precision; where it happens again and again, it hides what should be found.
#
# ## Try it
#
# - Put *1e-12* under the root of `textbook_distances`, as is often done. What is the slope at 0 then, and what is lost?
# - Where else does an infinite slope meet a zero? Try `np.arccos` of the angle between two images.
