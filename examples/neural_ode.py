"""A neural differential equation

A pendulum is watched, with noise, and a network learns its law of motion: not the curve, but the *velocity* at each
state, *dz/dt = f(z)*. To compare it with what was seen, the equation is solved by a Runge-Kutta method, and the
gradient goes back through the solver. In the end the network knows what the pendulum does from where it was never seen.

Sources: R. Chen, Y. Rubanova, J. Bettencourt and D. Duvenaud, "Neural ordinary differential equations" (2018); the
adjoint equation is that of L. Pontryagin et al., "The mathematical theory of optimal processes" (1962).
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

import ntb
from ntb import nn, optim
from ntb.demos.example import Example

example = Example(
    __doc__,
    steps=(2500, "of training"),
    seconds=(12, "of the solution that is drawn in the end"),
    noise=(0.03, "of what is measured, its standard deviation"),
    seed=(0, "of weights and draws"),
)

# %% [markdown]
# ## A solver
#
# The classical method of Runge and Kutta looks at the velocity four times in a step of length *h*: at the start, twice
# in the middle, at the end; the error of a whole solution falls with *h⁴*. `ntb.scan` repeats the step. Its tape does
# not grow with the number of steps: it keeps the states and runs each step again on the way back.

# %%
H = 0.1  # the length of a step, in seconds


def runge_kutta(velocity, z):
    k1 = velocity(z)
    k2 = velocity(z + H / 2 * k1)
    k3 = velocity(z + H / 2 * k2)
    k4 = velocity(z + H * k3)
    return z + H / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def solve(velocity, start, steps):
    """The states (steps, …) after each step from the start (…)."""

    def step(z, _):
        z = runge_kutta(velocity, z)
        return z, z

    return ntb.scan(step, start, length=steps)[1]


# %% [markdown]
# ## What is seen
#
# The state *z* is the angle and its rate of change. With gravity and a little friction the true law is *θ″ = −4 sin θ −
# 0.3 θ′*. The pendulum is let go at six angles, and measured ten times a second for six seconds.


# %%
def pendulum(z):
    angle, rate = z[..., :1], z[..., 1:]
    return np.concatenate([rate, -4 * np.sin(angle) - 0.3 * rate], axis=-1)


rng = np.random.default_rng(example.seed)
starts = np.array([[0.5, 0.0], [1.2, 0.0], [1.8, 0.0], [-2.3, 0.0], [2.6, 0.0], [-0.2, 3.0]])
true = np.concatenate([starts[None], solve(pendulum, starts, 60)])
seen = true + example.noise * rng.normal(size=true.shape)
print(f"{seen.shape[0]} times, {seen.shape[1]} runs, {seen.shape[2]} numbers each")

# %% [markdown]
# ## The network learns
#
# The velocity is a small network with *tanh*, so that it is smooth. A training step takes forty pieces of the runs,
# each of a start and the nine states after it, solves the equation from those starts, and compares. Pieces are short,
# since a solution over a long time is a very crooked function of the weights.

# %%
ntb.random.seed(example.seed)
velocity = nn.MLP(2, 32, 32, 2, activation=np.tanh, dtype=np.float64)
optimizer = optim.Adam(optim.schedules.cosine(0.01, example.steps))


@ntb.function
def train_step(starts, after):
    return optimizer.minimize(lambda: nn.mse(solve(velocity, starts, 9), after), velocity)


losses = []
for step in range(1, example.steps + 1):
    first, run = rng.integers(0, 51, 40), rng.integers(0, 6, 40)
    pieces = seen[first + np.arange(10)[:, None], run]
    losses.append(float(train_step(pieces[0], pieces[1:])))
    if step in (1, 10) or step % 500 == 0:
        print(f"step {step:5}: mean square error {np.mean(losses[-100:]):.5f}")

pieces = seen[np.arange(51) + np.arange(10)[:, None]]
print(f"the true law has {nn.mse(solve(pendulum, pieces[0], 9), pieces[1:]):.5f}: it cannot foresee the noise")

# %% [markdown]
# ## Was the law found?
#
# The picture shows the learned velocity as streamlines. Its colour is the error, as a part of the largest true
# velocity: small where the pendulum was, and larger in the corners, of which the network knows nothing. To the right
# the network's equation is solved from a start that no run had, and for twice as long.

# %%
fresh = np.array([-1.5, 1.5])
steps = round(example.seconds / H)
path = np.array([fresh, *solve(velocity, fresh, steps)])
truth = np.array([fresh, *solve(pendulum, fresh, steps)])
error = np.abs(path - truth)[:, 0].max()
print(f"from a new start, over {example.seconds} seconds, the angle is wrong by {error:.3f} at most")

# %%
angles, rates = np.meshgrid(np.linspace(-3.2, 3.2, 33), np.linspace(-4.5, 4.5, 33))
grid = np.stack([angles, rates], axis=-1)
learned, law = np.asarray(velocity(grid)), pendulum(grid)
wrong = np.linalg.norm(learned - law, axis=-1) / np.linalg.norm(law, axis=-1).max()

figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained", width_ratios=(1, 1.15))
figure.suptitle("A pendulum's law of motion, learned from noisy runs")
lines = left.streamplot(
    angles, rates, *np.moveaxis(learned, -1, 0), color=wrong, cmap="viridis", linewidth=0.9, arrowsize=0.7,
    norm=plt.Normalize(0, 0.3),
)  # fmt: skip
figure.colorbar(lines.lines, ax=left, label="error of the velocity")
left.plot(seen[:, :, 0], seen[:, :, 1], ".", color="tab:orange", markersize=2)
left.plot(*path.T, color="tab:red")
left.set(xlabel="angle", ylabel="rate", xlim=(-3.2, 3.2), ylim=(-4.5, 4.5))
times = H * np.arange(steps + 1)
right.axvspan(0, 6, color="0.93", label="as long as the runs")
right.plot(times, truth[:, 0], color="0.5", linewidth=3, label="pendulum")
right.plot(times, path[:, 0], color="tab:red", linewidth=1, label="network")
right.set(xlabel="seconds", ylabel="angle, from a start that no run had")
right.legend()
example.show(figure, "pendulum")

# %% [markdown]
# ## The adjoint equation
#
# There is a second way to the gradient, which keeps no states at all. Let *a(t)* be the gradient of the loss with
# respect to the state at time *t*. It solves an equation of its own, backwards from the end, beside which *z* is found
# again and the gradient of the weights *w* is added up:
#
# *da/dt = −aᵀ ∂f/∂z,  dz/dt = f(z),  dw/dt = −aᵀ ∂f/∂w.*
#
# Both products with *aᵀ* are one walk of a tape, with *a* as the seed. What comes out is the gradient of the exact
# solution, where the walk through the solver gives the exact gradient of the solver's steps.

# %%
weights = velocity.trainable_variables()


def backwards(state):
    """How z, a and the gradient of the weights change when time runs back."""
    z, a, _ = state
    with ntb.Tape() as tape:
        z = tape.watch(z)
        f = velocity(z)
    pulled, *dw = tape.gradient(f, [z, *weights], seed=a)
    return [-f, pulled, dw]


def added(state, size, change):
    z, a, w = state
    return [z + size * change[0], a + size * change[1], [x + size * d for x, d in zip(w, change[2])]]


def adjoint(z, a, steps):
    """Runge and Kutta once more, for three parts: to the gradients of the start and of the weights."""
    state = [z, a, [np.zeros(v.shape) for v in weights]]
    for _ in range(steps):
        k1 = backwards(state)
        k2 = backwards(added(state, H / 2, k1))
        k3 = backwards(added(state, H / 2, k2))
        k4 = backwards(added(state, H, k3))
        for size, k in zip((H / 6, H / 3, H / 3, H / 6), (k1, k2, k3, k4)):
            state = added(state, size, k)
    return state


# %%
with ntb.Tape() as tape:
    start = tape.watch(fresh)
    end = solve(velocity, start, 10)[-1]
    loss = np.sum(end**2)
through_solver = tape.gradient(loss, [start, *weights])

start_again, at_start, of_weights = adjoint(end, 2 * end, 10)
apart = [
    np.linalg.norm(one - other) / np.linalg.norm(other) for one, other in zip([at_start, *of_weights], through_solver)
]
print(f"the start, solved backwards: {np.asarray(start_again).round(6)}, it was {fresh}")
print(f"the two gradients differ by {max(apart):.0e} at most, relative to their size")

# %% [markdown]
# ## Try it
#
# - Halve `H`, and solve twice as many steps. By which factor does the difference of the two gradients fall?
# - Leave out the runs that begin beyond ±2. Where does the learned law go wrong?
# - Let the network give the acceleration alone, as *dθ/dt* is known. Does it need as many runs?
