"""A tagger that reads in both directions

Romans wrote without spaces: WETHEPEOPLEOFTHEUNITEDSTATES. Where a word ends can only be told by looking ahead:
`the` is one if `people` follows, and none if `re is` does. Here two recurrent networks tag the letters that end a word.
One reads from left to right, the other in both directions.

Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.
"""

# %%
import re
from itertools import pairwise

import numpy as np
from matplotlib import pyplot as plt

import ntb
from ntb import nn
from ntb.datasets import textdata
from ntb.demos.example import Example
from ntb.training import Trainer

example = Example(
    __doc__,
    epochs=(12, "of training"),
    words=(7500, "of the text to use"),
    size=(48, "of the vectors in the network"),
    seed=(0, "of weights, batches and the cuts of the text"),
)
ntb.random.seed(example.seed)

# %% [markdown]
# ## The letters
#
# The Constitution of the United States comes with ntb. Its words are cut into pieces of 3 to 12, and lose their spaces.
# A letter is tagged by how many letters its word still has, 0 at its end; the model only has to tell whether that is 0.

# %%
text = textdata.load("us_constitution.txt", val_frac=0)
words = re.findall("[a-z]+", text.decode(text.x_train.ravel()).lower())[: example.words]
rng = np.random.default_rng(example.seed)
cuts = np.cumsum([0, *rng.integers(3, 13, len(words))])
pieces = [words[begin:end] for begin, end in pairwise(cuts[cuts < len(words)])]

letters = [np.array([ord(letter) - ord("a") for word in piece for letter in word]) for piece in pieces]
left = [np.concatenate([np.arange(len(word))[::-1] for word in piece]) for piece in pieces]
print(" ".join(pieces[0]), letters[0], left[0], sep="\n")

# %% [markdown]
# ## Padding
#
# Pieces have unequal lengths, and a batch is one array. `pad_sequences` fills up the shorter ones at their ends, and
# tells the lengths. Two things must know of it: the network, whose way back has to begin at the last letter and not at
# the filling, and the loss, for which the filling has the label -1, to be ignored.

# %%
letters, lengths = nn.pad_sequences(letters)
left, _ = nn.pad_sequences(left, -1)
labels = np.where(left < 0, -1, left == 0)
train, val = ntb.data.split(letters, lengths, labels, left, aside=0.15, shuffle=example.seed)
print(f"{len(train[0])} pieces for training, {len(val[0])} for validation, of {min(lengths)} to {max(lengths)} letters")

# %% [markdown]
# ## The network
#
# Each letter becomes a vector, an LSTM reads the vectors, and a dense layer makes two logits of what it knows at each
# letter. In two directions there are two LSTMs, whose states lie side by side:
#
# $$h_t^\rightarrow = f(h_{t-1}^\rightarrow, x_t) \qquad h_t^\leftarrow = g(h_{t+1}^\leftarrow, x_t)$$
#
# To be fair, each of the two has half the units.


# %%
class Tagger(nn.Module):
    """Letters (N, T) and the lengths of the pieces (N,) -> logits (N, T, 2): whether a word ends."""

    def __init__(self, size, bidirectional):
        self.embedding = nn.Embedding(26, size)
        units = size // 2 if bidirectional else size
        self.lstm = nn.LSTM(size, units, bidirectional=bidirectional, return_state=False)
        self.logits = nn.Linear(size, 2)

    def __call__(self, letters, lengths, train=False):
        return self.logits(self.lstm(self.embedding(letters), lengths=lengths))


def loss(logits, labels):
    return nn.cross_entropy(logits, labels, ignore_index=-1)


def accuracy(logits, labels):
    return nn.accuracy(logits, labels, mask=labels >= 0)


# %% [markdown]
# ## Training
#
# The same loss, data and steps for both.

# %%
batch_size = 20
steps = example.epochs * -(-len(train[0]) // batch_size)
trainers = {}
for name, bidirectional in [("left to right", False), ("both directions", True)]:
    print(f"\n{name}")
    optimizer = ntb.optim.Adam(ntb.optim.schedules.cosine(0.01, steps))
    trainers[name] = trainer = Trainer(Tagger(example.size, bidirectional), loss, optimizer, metrics=[accuracy])
    trainer.fit(train[:2], train[2], epochs=example.epochs, batch_size=batch_size, validation=(val[:2], val[2]))
losses = trainer.history["loss"]

# %% [markdown]
# ## What they found
#
# Four letters of five end no word, so an accuracy of 80 % is nothing. Harder is to have all letters of a word right.

# %%
letters, lengths, labels, left = val
ends, right = {}, {}
for name, trainer in trainers.items():
    ends[name] = nn.softmax(trainer.predict((letters, lengths)))[..., 1]
    right[name] = (ends[name] > 0.5) == (labels == 1)
    in_words = np.split(right[name][labels >= 0], np.flatnonzero(labels[labels >= 0]) + 1)[:-1]
    whole = [word.all() for word in in_words]
    print(f"{name}: {100 * np.mean(whole):.0f} % of {len(whole)} words are found")

# %% [markdown]
# ## A piece, tagged
#
# The darker a letter's background, the surer the tagger is that a word ends there. From left to right it can only bet,
# and learns from the next letter whether it has lost.

# %%
row = np.argmax((lengths > 28) & (lengths < 40))
n = lengths[row]
lines = {"the truth": (labels[row] == 1, labels[row] >= 0)}
lines |= {name: (ends[name][row], right[name][row]) for name in ends}

figure, axes = plt.subplots(figsize=(12, 1.9), layout="constrained")
axes.imshow([p[:n] for p, _ in lines.values()], cmap="Oranges", vmin=0, vmax=1.2, aspect="auto")
for line, (_, is_right) in enumerate(lines.values()):
    for t in range(n):
        style = {"color": "black"} if is_right[t] else {"color": "blue", "weight": "bold"}
        axes.text(t, line, chr(ord("a") + letters[row, t]), ha="center", va="center", fontsize=13, **style)
axes.set_yticks(range(len(lines)), lines)
axes.set(xticks=[], title="How surely a word ends at each letter (blue: a wrong answer)")
example.show(figure, "piece")

# %% [markdown]
# ## Where the mistakes are
#
# Inside of words both are seldom wrong, since few beginnings of words are words. At the last letter of a word one must
# know what follows: from left to right every seventh is missed, in both directions not half as many.

# %%
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
for i, (name, answers) in enumerate(right.items()):
    shares = [np.mean(~answers[left == place]) for place in range(8)]
    axes.bar(np.arange(8) + 0.4 * i - 0.2, shares, 0.38, label=name)
axes.set(xlabel="letters that follow in the word", ylabel="share of wrong tags", xticks=range(8))
axes.set_title("Mistakes by place in the word, on pieces never seen")
axes.legend()
example.show(figure, "places")
