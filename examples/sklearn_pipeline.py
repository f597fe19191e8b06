"""A network in scikit-learn's pipelines

scikit-learn has the tools around a model: scaling, cross-validation, the search for good settings. `ntb.sklearn` makes
estimators of networks, so that all of these take them. Here the search finds how wide a network should be to tell two
moons apart, and pictures show what is too narrow, what is enough, and what is learnt by heart. In the end we take the
network out again and ask it what no other estimator answers: its derivative.

Sources: F. Pedregosa and others, "Scikit-learn: machine learning in Python" (2011); M. Stone, "Cross-validatory choice
and assessment of statistical predictions" (1974).
"""

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ntb
from ntb import nn
from ntb.demos.example import Example
from ntb.sklearn import Classifier

example = Example(
    __doc__,
    epochs=(200, "of each fit"),
    widest=(64, "hidden units of the widest network"),
    folds=(4, "of cross-validation"),
    seed=(0, "of data and fits"),
)

# %% [markdown]
# ## Data
#
# Two moons that overlap. One feature is measured in much larger numbers than the other, as it often is. There are 150
# points to learn from; the others are put aside for the end.

# %%
x, y = make_moons(500, noise=0.35, random_state=example.seed)
x = x * [1.0, 1000.0]
x_train, x_test, y_train, y_test = train_test_split(x, y, train_size=150, random_state=example.seed)
print(f"{len(x_train)} points to learn from, {len(x_test)} aside; spread of the features {x.std(axis=0).round(1)}")

# %% [markdown]
# ## A pipeline
#
# A pipeline scales the features and hands them to the classifier. The network is made by a function of the numbers of
# features and classes, since each fit begins with a new one. Cross-validation fits the whole pipeline several times,
# each time with another part of the points held out, and measures how many of these are right. Without scaling, the
# large feature drowns the small one.


# %%
def network(n_features, n_outputs, hidden=8):
    return nn.MLP(n_features, hidden, hidden, n_outputs, activation=np.tanh, dtype=np.float64)


classifier = Classifier(network, epochs=example.epochs, lr=0.03, batch_size=50, random_state=example.seed)
pipeline = make_pipeline(StandardScaler(), classifier)
for name, model in [("alone", classifier), ("in a pipeline, scaled", pipeline)]:
    scores = cross_val_score(model, x_train, y_train, cv=example.folds)
    print(f"{name:22} right: {scores.mean():.3f}, in the folds {scores.round(2)}")

# %% [markdown]
# ## A search
#
# How many hidden units? A grid search tries each width in each fold, and fits the best pipeline once more with all
# points. `classifier__model_function` is the argument `model_function` of the pipeline's part `classifier`; `partial`
# fills in the width.

# %%
widths = [2**i for i in range(example.widest.bit_length())]
grid = {"classifier__model_function": [partial(network, hidden=width) for width in widths]}
search = GridSearchCV(pipeline, grid, cv=example.folds, return_train_score=True).fit(x_train, y_train)
results = search.cv_results_
for i, width in enumerate(widths):
    print(f"{width:3} units: right {results['mean_train_score'][i]:.3f}, held out {results['mean_test_score'][i]:.3f}")
best = widths[search.best_index_]
print(f"best: {best} units; right of the points put aside: {search.score(x_test, y_test):.3f}")

# %% [markdown]
# The *validation curve* shows it at a glance. To the left both lines are low: the network cannot bend enough
# (*underfitting*). To the right they part: it learns its own points by heart, and the others suffer (*overfitting*).

# %%
figure, axes = plt.subplots(figsize=(5.4, 3.2), layout="constrained")
for part, label in [("train", "points that it learnt from"), ("test", "points held out")]:
    mean, deviation = results[f"mean_{part}_score"], results[f"std_{part}_score"]
    axes.semilogx(widths, mean, "o-", base=2, label=label)
    axes.fill_between(widths, mean - deviation, mean + deviation, alpha=0.15)
axes.axvline(best, color="0.6", linestyle="--", label="the search's choice")
axes.set(title="Validation curve", xlabel="hidden units in a layer", ylabel="right (mean ± deviation)")
axes.set_xticks(widths, map(str, widths))
axes.grid(alpha=0.3)
axes.legend()
example.show(figure, "validation")

# %% [markdown]
# ## Decision boundaries
#
# The same in the plane: where does each network draw the line? The colour is the probability that it gives to the
# second moon, and the points are those that it learnt from. The wide one puts islands around single points, and is
# worse than the narrow one on the points that were put aside.


# %%
def plane(points, steps=80):
    """A grid over the points, as coordinates and as rows."""
    low, high = points.min(axis=0), points.max(axis=0)
    edges = [np.linspace(a - 0.1 * (b - a), b + 0.1 * (b - a), steps) for a, b in zip(low, high)]
    grid = np.meshgrid(*edges)
    return grid, np.stack([np.ravel(side) for side in grid], axis=1)


sides, rows = plane(x)
figure, panels = plt.subplots(1, 3, figsize=(7.6, 2.9), layout="constrained", sharey=True)
figure.suptitle("Decision boundaries")
for axes, width in zip(panels, sorted({1, best, example.widest})):
    fitted = pipeline.set_params(classifier__model_function=partial(network, hidden=width)).fit(x_train, y_train)
    probability = fitted.predict_proba(rows)[:, 1].reshape(sides[0].shape)
    shown = axes.contourf(*sides, probability, np.linspace(0, 1, 6), cmap="RdBu_r", alpha=0.7)
    axes.contour(*sides, probability, [0.5], colors="black")
    axes.scatter(*x_train.T, c=y_train, cmap="RdBu_r", edgecolors="white", linewidths=0.5, s=14)
    own, others = fitted.score(x_train, y_train), fitted.score(x_test, y_test)
    axes.set_title(f"width {width}: {own:.2f} of these,\n{others:.2f} of the others right", fontsize=9)
    axes.set_xlabel("first feature")
panels[0].set_ylabel("second feature")
figure.colorbar(shown, ax=panels, label="probability of the second moon")
example.show(figure, "boundaries")

# %% [markdown]
# ## The network itself
#
# An estimator is closed: it answers with labels. The network inside is a model of ntb, `model_`, and can be
# differentiated. Which way must a point be moved, so that it is taken for the other moon? That is the gradient of the
# difference of its two scores by the point: one backward pass for all points, since each score depends on its own
# point alone.

# %%
scaler, classifier = search.best_estimator_
points = scaler.transform(plane(x, steps=13)[1])


def difference(points):
    scores = classifier.model_(points)
    return np.sum(scores[:, 1] - scores[:, 0])


arrows = ntb.grad(difference)(points)
arrows = arrows / np.linalg.norm(arrows, axis=1, keepdims=True)

figure, axes = plt.subplots(figsize=(4.4, 3.7), layout="constrained")
probability = search.predict_proba(rows)[:, 1].reshape(sides[0].shape)
scaled = scaler.transform(rows).T.reshape(2, *sides[0].shape)
shown = axes.contourf(*scaled, probability, np.linspace(0, 1, 6), cmap="RdBu_r", alpha=0.6)
axes.contour(*scaled, probability, [0.5], colors="black")
axes.quiver(*points.T, *arrows.T, width=0.003)
axes.set(title="The way to the second moon", xlabel="first feature, scaled", ylabel="second feature, scaled")
axes.set_aspect("equal")
figure.colorbar(shown, ax=axes, label="probability of the second moon")
example.show(figure, "directions")

# %% [markdown]
# ## Try it
#
# - Search for the learning rate, too: a second line of the grid, `"classifier__lr": [0.002, 0.02, 0.2]`.
# - Give the classifier `early_stopping=True`. Does the widest network still learn by heart?
# - Put `PolynomialFeatures(3)` between scaler and classifier. How narrow may the network be now?
