"""Reading a PyTorch checkpoint

A network was trained with PyTorch, and its weights lie in a file. Here they are read into a network of ntb, without
PyTorch; the predictions are compared with those that PyTorch made; and training goes on, on a task that is a little
different. The network is an LSTM, where reading weights by hand goes wrong most easily: the gates lie in another order
in PyTorch, the matrices are transposed, and there are two biases in the place of one.

The file was written by `examples/data/train_with_pytorch.py`. Sources: S. Hochreiter and J. Schmidhuber, "Long
short-term memory" (1997); Y. LeCun, C. Cortes and C. Burges, the MNIST database of handwritten digits.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import ntb
from ntb import nn, optim
from ntb.datasets import mnist
from ntb.demos.example import Example

example = Example(
    __doc__,
    steps=(150, "of training on slanted digits"),
    images=(200, "slanted digits to learn from"),
    seed=(0, "of the draws"),
)
files = Path(ntb.__file__).parents[1] / "examples" / "data"

# %% [markdown]
# ## What is in the file
#
# In PyTorch the weights of a network are its *state dict*: arrays by name. `np.savez` writes them as they are, and so
# does `safetensors.torch.save_file`; ntb reads both. (What `torch.save` writes is a pickle, which can run any code
# when it is read, so ntb refuses it.) `ntb.io.contents` lists names, types and shapes, and reads no numbers.

# %%
for name, (dtype, shape) in ntb.io.contents(files / "lstm_digits.npz").items():
    print(f"{name:20} {dtype} {shape}")

# %% [markdown]
# ## The same network
#
# The names tell how the network is made: an LSTM with 32 units called `lstm` and a dense layer called `head`. It
# reads an image as a sequence: 28 rows of 28 pixels, from top to bottom. After each row it gives ten scores, one for
# each digit.
#
# We write the same network here, with the same names. `load_torch` finds each layer's arrays by its name and changes
# what lies otherwise. It is strict: if a name or a shape did not fit, nothing would be changed, and the error would
# list all that differs.


# %%
class Reader(nn.Module):
    """Reads an image from top to bottom; after each row it has a score for each digit."""

    def __init__(self):
        self.lstm = nn.LSTM(28, 32)
        self.head = nn.Linear(32, 10)

    def __call__(self, rows, train=False):
        states, _ = self.lstm(rows)
        return self.head(states)


model = Reader()
print(ntb.io.load_torch(files / "lstm_digits.npz", model))
print({name: v.shape for name, v in model.named_variables().items()})

# %% [markdown]
# `weight_ih_l0` of shape (128, 28) became `wx` of shape (28, 128), with its four blocks of 32 in ntb's order of the
# gates: input, forget, output, candidate. (PyTorch has the candidate third.) The two biases are always added, so `b`
# is their sum.
#
# ## The same predictions
#
# Beside the weights their author stored the scores that PyTorch gave for some images of the validation set. Two
# libraries add up the same numbers in different orders, so the scores agree up to the rounding of float32.

# %%
digits = mnist.load().scaled()
rows = digits.x_val[:, 0]  # (1000, 28, 28): images, rows, pixels
theirs = ntb.io.read(files / "lstm_digits_scores.npz")[0]["scores"]
ours = model(rows[::50]).numpy()
difference = np.abs(ours - theirs).max()
print(f"{ours.size:,} scores from {ours.min():.1f} to {ours.max():.1f}; greatest difference {difference:.1e}")


def accuracy(model, rows, labels):
    """The share of images that are right when all rows were read."""
    return float(nn.accuracy(model(rows)[:, -1], labels))


straight = accuracy(model, rows, digits.y_val)
print(f"right of {len(rows):,} images: {straight:.1%}")

# %% [markdown]
# ## Reading row by row
#
# What does the network believe while it reads? Beside each image stand the ten probabilities after each row. Above
# the first stroke all digits are possible. Then some drop out, and somewhere a row decides.

# %%
chosen = [np.flatnonzero(digits.y_val == digit)[3] for digit in (2, 4, 5, 9)]
beliefs = nn.softmax(model(rows[chosen])).numpy()

figure, axes = plt.subplots(2, 4, figsize=(10, 5.6), layout="constrained", sharey=True)
figure.suptitle("What an LSTM believes after each row of an image")
for i, image in enumerate(rows[chosen]):
    left, right = axes[i // 2, i % 2 * 2], axes[i // 2, i % 2 * 2 + 1]
    left.imshow(image, cmap="gray_r", aspect="auto")
    left.set(xticks=[])
    shown = right.imshow(beliefs[i], cmap="viridis", vmin=0, vmax=1, aspect="auto")
    right.set(xticks=range(10), xlabel="digit")
for row in axes:
    row[0].set_ylabel("rows read")
figure.colorbar(shown, ax=axes, label="probability")
example.show(figure, "beliefs")

# %% [markdown]
# ## Another hand
#
# Now someone writes with a slant: each row is shifted by two thirds of its distance from the middle. The network has
# never seen such digits, and makes many mistakes. We have two hundred examples of the new hand, which is little to
# learn from.


# %%
def slanted(images):
    """Shift the upper rows to the right and the lower ones to the left."""
    shifts = (13 - np.arange(28)) * 2 // 3
    return np.stack([np.roll(images[:, row], shift, axis=-1) for row, shift in enumerate(shifts)], axis=1)


rng = np.random.default_rng(example.seed)
picked = rng.permutation(len(digits.x_train))[: example.images]
new_rows, new_labels = slanted(digits.x_train[picked, 0]), digits.y_train[picked]
new_rows_val = slanted(rows)
before = accuracy(model, new_rows_val, digits.y_val)
print(f"right of the slanted images: {before:.1%}")

# %% [markdown]
# ## Fine-tuning
#
# The weights of the file are a good beginning, so that training goes on from them, with a small learning rate. Beside
# it a network that begins with random weights learns from the same images, with a larger one, that suits it. As in
# PyTorch, the loss is the mean over all rows: the network should know as early as it can.


# %%
def train(model, lr):
    """Train on the slanted images; returns the accuracy on others, every ten steps."""
    optimizer = optim.Adam(lr)
    rng = np.random.default_rng(example.seed)

    @ntb.function
    def step(rows, labels):
        wanted = np.repeat(labels[:, None], 28, axis=1)  # the same digit after each row
        return optimizer.minimize(lambda: nn.cross_entropy(model(rows, train=True), wanted), model)

    found = [accuracy(model, new_rows_val, digits.y_val)]
    for i in range(example.steps):
        batch = rng.integers(0, len(new_rows), 50)
        step(new_rows[batch], new_labels[batch])
        if (i + 1) % 10 == 0:
            found.append(accuracy(model, new_rows_val, digits.y_val))
    return found


ntb.random.seed(example.seed)
tuned, scratch = train(model, lr=0.003), train(Reader(), lr=0.01)
print(f"from PyTorch's weights: {tuned[-1]:.1%}, from random weights: {scratch[-1]:.1%}")

# %%
figure, axes = plt.subplots(figsize=(6.5, 3.8), layout="constrained")
steps = 10 * np.arange(len(tuned))
axes.plot(steps, tuned, label="from the weights of the file")
axes.plot(steps, scratch, label="from random weights")
axes.axhline(straight, color="0.6", linestyle="--", label="the file's network on upright digits")
axes.set(
    title=f"Learning slanted digits from {example.images} examples",
    xlabel="step",
    ylabel="right of 1,000 others",
    ylim=(0, 1),
)
axes.legend(loc="lower right")
axes.grid(alpha=0.3)
example.show(figure, "tuning")

# %% [markdown]
# ## The way back
#
# `torch_state` gives the weights under PyTorch's names again, for a file or for `net.load_state_dict`. Two biases are
# there again: the sum, and zeros.

# %%
state = ntb.io.torch_state(model)
print({name: array.shape for name, array in state.items()})
again = Reader()
ntb.io.load_torch(state, again)
print("the same predictions:", np.array_equal(again(rows[:50]), model(rows[:50])))

# %% [markdown]
# ## Try it
#
# - Freeze the LSTM, `model.lstm.trainable = False`, and train the head alone. How far does that come?
# - Call the layer `rnn` in place of `lstm`. What does the error say, and how does `rename=` help?
# - Take 30 or 3,000 slanted images, `--images 3000`. From which number on are PyTorch's weights no longer worth it?
