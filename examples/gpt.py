"""A GPT writes the Constitution, character by character

A language model tells, for each place in a text, how probable each character is as the next one. A GPT is such a model,
of blocks of causal attention. This one reads 45,000 characters of law for a minute, and learns words, spelling and
something of the tone. It has 0.35 million parameters; GPT-2 has 1,500 million, and is made in the same way.

Vaswani et al., "Attention is all you need", 2017; Radford et al., "Language models are unsupervised multitask
learners", 2019.
"""

# %%
from functools import partial

import numpy as np
from matplotlib import pyplot as plt

import ntb
from ntb import nn
from ntb.datasets import textdata
from ntb.demos.example import Example
from ntb.training import Trainer

example = Example(
    __doc__,
    epochs=(7, "of training"),
    length=(64, "of the rows of text, in characters"),
    stride=(16, "from the beginning of a row to that of the next"),
    size=(96, "of the vectors in the model"),
    layers=(3, "of attention"),
    seed=(0, "of weights, batches and draws"),
)
ntb.random.seed(example.seed)

# %% [markdown]
# ## The text
#
# The Constitution of the United States comes with ntb. It is cut into overlapping rows; the target of each character is
# the one that follows it. So one row is 64 exercises: what comes after `W`, after `We`, after `We `, and so on. Rows
# from the end of the text are kept for validation.

# %%
data = textdata.load("us_constitution.txt", seq_length=example.length, stride=example.stride)
print(data)
print("row:    ", repr(data.decode(data.x_train[0])))
print("targets:", repr(data.decode(data.y_train[0])))

# %% [markdown]
# ## The model
#
# Each character becomes a vector, to which a vector for its position is added. In a block every place asks a question,
# a *query* $q$, of all places up to its own. These answer with *keys* $k$ and *values* $v$, and the place gets the mean
# of the values, weighted by how well the keys fit:
#
# $$\textstyle\sum_s w_{ts} v_s \qquad w_{ts} = \mathrm{softmax}_{s \le t}(q_t \cdot k_s / \sqrt{d})$$
#
# Several *heads* do this side by side, each on its share of the vector. A small network at each place follows. The
# condition $s \le t$ makes the block *causal*: no place sees the characters that it is to predict.


# %%
class GPT(nn.Module):
    """Logits of the next character at each place of (N, T) characters."""

    def __init__(self, characters, length, size, layers, heads=4):
        self.embedding = nn.Embedding(characters, size, init=partial(nn.initializers.normal, std=0.1))
        self.positions = nn.LearnedPositions(length, size)
        self.blocks = [nn.TransformerEncoderLayer(size, heads, causal=True, dropout=0.1) for _ in range(layers)]
        self.norm = nn.LayerNorm(size)
        self.logits = nn.Linear(size, characters)

    def __call__(self, x, train=False):
        h = self.positions(self.embedding(x))
        for block in self.blocks:
            h = block(h, train=train)
        return self.logits(self.norm(h))


model = GPT(len(data.characters), example.length, example.size, example.layers)
print(sum(v.size for v in model.trainable_variables()), "parameters")

# %% [markdown]
# ## Training
#
# The loss is the mean of $-\log p$ over all next characters. Who knows nothing gives each of the 70 characters the same
# probability and has the loss $\log 70 = 4.25$; $e^{\text{loss}}$ is the number of characters between which the model
# hesitates. The learning rate rises for a tenth of the steps, which attention needs, and then falls.

# %%
batch_size = 16
steps = example.epochs * (len(data.x_train) // batch_size)
rate = ntb.optim.schedules.warmup(steps // 10, ntb.optim.schedules.cosine(3e-3, steps))
trainer = Trainer(model, nn.cross_entropy, ntb.optim.AdamW(rate))
history = trainer.fit(
    data.x_train, data.y_train, epochs=example.epochs, batch_size=batch_size, drop_last=True,
    validation=(data.x_val, data.y_val),
)  # fmt: skip
losses = history["loss"]

# %%
figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
axes.plot(history["epoch"], losses, "o-", label="training (with dropout)")
axes.plot(history["epoch"], history["val_loss"], "o-", label="validation")
axes.axhline(np.log(len(data.characters)), color="grey", linestyle=":", label="who knows nothing")
axes.set(xlabel="epoch", ylabel="nats per character", ylim=(0, None), title="The loss of the GPT")
axes.legend()
example.show(figure, "loss")

# %% [markdown]
# ## What surprises it
#
# A text that it has never seen, each character on a background that tells its probability. First letters of words are
# hard to foresee, and the rest of a word mostly follows from them.

# %%
rows = np.linspace(0, len(data.x_val) - 1, 4, dtype=int)
x, y = data.x_val[rows], data.y_val[rows]
probabilities = np.take_along_axis(nn.softmax(trainer.predict(x)), y[..., None], axis=-1)[..., 0]

figure, axes = plt.subplots(figsize=(13, 2), layout="constrained")
picture = axes.imshow(probabilities, cmap="RdYlGn", vmin=0, vmax=1, aspect="auto", alpha=0.7)
for (row, t), character in np.ndenumerate(y):
    axes.text(t, row, data.characters[character].replace("\n", "↵"), ha="center", va="center", family="monospace")
axes.set(xticks=[], yticks=[], title="Unseen text, and how probable each character was to the GPT")
figure.colorbar(picture, label="probability", pad=0.01)
example.show(figure, "surprise")

# %% [markdown]
# ## Where it looks
#
# The weights $w_{ts}$ of the heads, computed from the layers' own weights by the formula above. A row is a place, and
# tells which places before it are looked at. Some heads look at the character just before, others at the beginnings of
# words, or at the same letter earlier.


# %%
def attention_weights(block, h):
    """Which places each head looks at, (heads, T, T), from what comes into a block, (T, size)."""
    attention, h = block.attention, block.attention_norm(h)
    q, k = [np.reshape(layer(h), (len(h), attention.heads, -1)) for layer in (attention.query, attention.key)]
    scores = np.einsum("thd,shd->hts", q, k) / np.sqrt(q.shape[-1])
    future = np.triu(np.full((len(h), len(h)), -np.inf), 1)
    return nn.softmax(scores + future).numpy()


numbers = data.x_val[0, :32]
h, weights = model.positions(model.embedding(numbers[None])), []
for block in model.blocks:
    weights.append(attention_weights(block, h[0]))
    h = block(h)

# %%
letters = [data.characters[i].replace("\n", "↵").replace(" ", "␣") for i in numbers]
figure, panels = plt.subplots(1, 4, figsize=(15, 4.2), layout="constrained")
for head, axes in enumerate(panels):
    axes.imshow(weights[-1][head], cmap="Blues", vmin=0, vmax=0.6)
    axes.set_xticks(range(len(letters)), letters, fontsize=7)
    axes.set_yticks(range(len(letters)), letters, fontsize=7)
    axes.set(title=f"head {head}", xlabel="looks at")
panels[0].set_ylabel("place")
figure.suptitle("Attention in the last block")
example.show(figure, "attention")

# %% [markdown]
# ## It writes
#
# A character is drawn from what the model predicts after the last one, joins the text, and so on. The model knows 64
# positions, so it sees the last 64 characters, and no further back. The logits are divided by a *temperature*: below 1
# what is probable becomes still more so, which means fewer mistakes, and less variety.


# %%
@ntb.function
def next_character(x, temperature):
    return nn.sample(model(x)[:, -1] / temperature)


def continued(numbers, count, temperature):
    """A row of characters, and `count` more."""
    for _ in range(count):
        new = next_character(numbers[None, -example.length :], temperature)
        numbers = np.append(numbers, new)
    return data.decode(numbers)


print("--- the beginning, which it has not seen before\n" + data.decode(data.x_val[0]))
for temperature in (0.3, 0.8):
    written = continued(data.x_val[0], 4 * example.length, temperature)
    print(f"\n--- how it goes on, at temperature {temperature}\n{written[example.length :]}")
