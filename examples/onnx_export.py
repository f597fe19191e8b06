"""Exporting to ONNX

A trained network shall run where ntb is not: on a server written in C++, in a browser, on a phone. ONNX is a file
format for that: a list of operations with their weights, which many runtimes read. Here a small network for digits is
trained, written to a file and run by onnxruntime; its answers are compared, and its speed. A second way out is a module
of NumPy, which runs in Python without ntb.

Sources: the ONNX specification, https://onnx.ai/onnx; LeCun, Bottou, Bengio and Haffner, "Gradient-based learning
applied to document recognition" (1998), of which the network is a small relative.
"""

# %%
import time
from pathlib import Path
from runpy import run_path

import matplotlib.pyplot as plt
import numpy as np
import onnx
import onnxruntime

import ntb
from ntb import data, nn, optim
from ntb.datasets import mnist
from ntb.demos.example import Example

example = Example(
    __doc__,
    steps=(240, "of training"),
    repeats=(30, "of each measurement of time"),
    largest=(64, "batch that is timed"),
    seed=(0, "of the weights and the order of images"),
)
folder = Path(example.out)
folder.mkdir(parents=True, exist_ok=True)

# %% [markdown]
# ## A network
#
# Two convolutions, each followed by pooling, and a dense layer. It has to learn, so that its answers mean something;
# two passes over the 6,000 digits that come with ntb are enough.

# %%
ntb.random.seed(example.seed)
digits = mnist.load().scaled()
model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding="same"), nn.relu, nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding="same"), nn.relu, nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(16 * 7 * 7, 10),
)  # fmt: skip
optimizer = optim.Adam(3e-3)


@ntb.function
def step(images, labels):
    return optimizer.minimize(lambda: nn.cross_entropy(model(images, train=True), labels), model)


made = 0
while made < example.steps:
    for images, labels in data.batches(digits.x_train, digits.y_train, size=50, shuffle=made):
        loss, made = step(images, labels), made + 1
        if made % 60 == 0 or made == example.steps:
            print(f"step {made}: loss {float(loss):.3f}")
        if made == example.steps:
            break
print(f"right of 1,000 others: {float(nn.accuracy(model(digits.x_val), digits.y_val)):.1%}")

# %% [markdown]
# ## The file
#
# `export` calls the network with an example, writes down which operations it runs, and translates each. Layers, loops
# and everything else of Python have done their work by then and are gone. Only the type and the shape of the example
# count. Its first axis is the batch, which may have any size later.
#
# The nodes of the file can be listed: here a node for each layer or function. (`Gemm`, a general product of matrices,
# is the dense layer.) The weights are stored beside the nodes under their names.

# %%
path = folder / "digits.onnx"
ntb.onnx.export(model, digits.x_val[:1], path)
graph = onnx.load(path).graph
print(f"{path.name}: {path.stat().st_size:,} bytes, {len(graph.node)} nodes")
print(" -> ".join(node.op_type for node in graph.node))
for weights in graph.initializer:
    if "." in weights.name:
        print(f"  {weights.name:20} {list(weights.dims)}")

# %% [markdown]
# ## In another runtime
#
# onnxruntime knows nothing of ntb. It reads the file and computes in C++. Its sums are in another order, so that the
# last digits of float32 differ; the labels are the same.

# %%
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1  # as NumPy's library is best compared
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
(theirs,) = session.run(None, {name: digits.x_val})
ours = model(digits.x_val).numpy()

difference = np.abs(ours - theirs).max()
same = int(np.sum(np.argmax(ours, axis=1) == np.argmax(theirs, axis=1)))
print(f"scores from {ours.min():.1f} to {ours.max():.1f}; greatest difference {difference:.1e}")
print(f"the same label for {same:,} of {len(ours):,} images")

# %% [markdown]
# Here are the images of which the runtime is least sure. A bar shows its probability for each digit, the true one in
# green.

# %%
probabilities = nn.softmax(theirs)
doubtful = np.argsort(np.max(probabilities, axis=1))[:8]

figure, axes = plt.subplots(4, 4, figsize=(8, 7), layout="constrained", height_ratios=[2, 1, 2, 1])
figure.suptitle("The digits that onnxruntime doubts most")
for i, image in enumerate(doubtful):
    above, below = axes[i // 4 * 2, i % 4], axes[i // 4 * 2 + 1, i % 4]
    above.imshow(digits.x_val[image, 0], cmap="gray_r")
    above.axis("off")
    colors = ["tab:green" if digit == digits.y_val[image] else "0.7" for digit in range(10)]
    below.bar(range(10), probabilities[image], color=colors)
    below.set(xticks=range(10), ylim=(0, 1), yticks=[0, 1])
    below.tick_params(labelsize=7)
for row in axes[1::2]:
    row[0].set_ylabel("probability")
example.show(figure, "doubtful")

# %% [markdown]
# ## A module of NumPy
#
# Where there is Python with NumPy, no runtime is needed. A traced function can be written as a module that a person
# could have written: `digits.py`, and beside it `digits.npz` with the weights. It gives the same bits as the model.


# %%
@ntb.function
def classify(images):
    return model(images)


classify.trace(digits.x_val[:64]).save_source(folder / "digits.py")
text = (folder / "digits.py").read_text(encoding="utf-8")
print(text[text.index("def classify") : text.index("with np.load")])
module = run_path(str(folder / "digits.py"))
numpys = lambda images: module["classify"](images, **module["variables"])
print("the same bits:", np.array_equal(numpys(digits.x_val[:64]), classify(digits.x_val[:64])))

# %% [markdown]
# ## How long does an answer take?
#
# Four ways to ask for a batch: the model as it is, which runs each operation when it is met; the traced function; the
# module of NumPy; and onnxruntime, all on one core. For a single image most of the time goes into the calls. For a
# large batch it goes into the numbers.


# %%
def seconds(function, images):
    """The shortest time of some calls, which others on the machine disturb least."""
    function(images)  # the first call may have to prepare
    found = []
    for _ in range(example.repeats):
        began = time.perf_counter()
        function(images)
        found.append(time.perf_counter() - began)
    return min(found)


ways = {
    "the model": model,
    "the traced function": classify,
    "the module of NumPy": numpys,
    "onnxruntime": lambda images: session.run(None, {name: images}),
}
sizes = [size for size in (1, 2, 4, 8, 16, 32, 64) if size <= example.largest]
times = {way: [seconds(f, digits.x_val[:n]) / n for n in sizes] for way, f in ways.items()}
for way, found in times.items():
    print(f"{way:20} " + "  ".join(f"{1e6 * t:6.0f}" for t in found) + "  µs an image")

# %%
figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for way, found in times.items():
    axes.loglog(sizes, 1e6 * np.array(found), "o-", label=way)
axes.set(title="Time for an image, by the size of the batch", xlabel="images in a batch", ylabel="µs an image")
axes.set_xticks(sizes, map(str, sizes))
axes.minorticks_off()
axes.grid(alpha=0.3, which="both")
axes.legend()
example.show(figure, "times")

# %% [markdown]
# ## Try it
#
# - Put an `nn.BatchNorm(8)` behind the first convolution. Which nodes come of it, and why so many?
# - Put `nn.softmax` behind the scores: a function of the model is exported as well as the model is.
# - Add `if np.sum(images) > 0:` to `classify`. Why can no file hold that, and what does the error suggest?
# - Open the file in a viewer, such as https://netron.app. Which line of this program does each node name?
