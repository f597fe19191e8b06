"""The orbit of a planet, with error bars

A planet that nobody sees makes its star move to and fro. From a few dozen measurements of the star's velocity the
period, the mass and the form of the orbit follow, and how sure we can be of each. SciPy's least squares makes the fit;
ntb gives it the derivatives of the model, though Kepler's equation has no solution in closed form, and the second
derivatives of the likelihood give the uncertainties.

Sources: M. Mayor and D. Queloz, "A Jupiter-mass companion to a solar-type star" (1995); W. Press et al., "Numerical
Recipes" (2007), chapter 15, on fits and their uncertainties.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import least_squares

import ntb
from ntb.demos.example import Example

example = Example(
    __doc__,
    measurements=(45, "of the star's velocity"),
    noise=(6.0, "of a measurement, its standard deviation in m/s"),
    fits=(100, "to data that are drawn anew, as a test of the uncertainties"),
    seed=(0, "of the draws"),
)

# %% [markdown]
# ## Kepler's equation
#
# A planet is fast where it is near its star. The angle *E* that tells its place on the ellipse solves *E − e sin E =
# M*, where *e* is the eccentricity and *M* grows evenly with time. Newton's method finds it in a few steps: *E ← E − (E
# − e sin E − M) / (1 − e cos E)*. `ntb.fixed_point` repeats that until nothing changes. The derivatives of *E* come
# from the equation, not from the steps (the implicit function theorem).


# %%
def eccentric_anomaly(mean_anomaly, e):
    def newton(angle, mean_anomaly, e):
        return angle - (angle - e * np.sin(angle) - mean_anomaly) / (1 - e * np.cos(angle))

    return ntb.fixed_point(newton, ntb.stop_gradient(mean_anomaly), mean_anomaly, e)


angles = eccentric_anomaly(np.array([0.5, 2.0, 5.0]), 0.4)
print("E =", angles, " E − e sin E =", angles - 0.4 * np.sin(angles))
slope = ntb.grad(lambda e: eccentric_anomaly(2.0, e))(0.4)
angle = eccentric_anomaly(2.0, 0.4)
print(f"dE/de = {slope:.8f}; by the theorem sin E / (1 − e cos E) = {np.sin(angle) / (1 - 0.4 * np.cos(angle)):.8f}")

# %% [markdown]
# ## The model
#
# The velocity of the star along our line of sight is *v = c + K (cos(ν + ω) + e cos ω)*, where *ν* is the angle of the
# planet as seen from the star: *tan(ν/2) = √((1+e)/(1−e)) tan(E/2)*. Six numbers describe it all: the period *P*, the
# amplitude *K*, the eccentricity *e*, the direction *ω* of the ellipse, the phase *φ* at time 0, and the star's own
# velocity *c*.

# %%
NAMES = ["period P / days", "amplitude K / (m/s)", "eccentricity e", "direction ω", "phase φ", "velocity c / (m/s)"]
TRUE = np.array([11.3, 58.0, 0.42, 0.8, 1.9, 12.0])


def velocity(parameters, t):
    period, amplitude, e, omega, phase, own = parameters
    angle = eccentric_anomaly(2 * np.pi * t / period + phase, e)
    true_anomaly = 2 * np.arctan2(np.sqrt(1 + e) * np.sin(angle / 2), np.sqrt(1 - e) * np.cos(angle / 2))
    return own + amplitude * (np.cos(true_anomaly + omega) + e * np.cos(omega))


rng = np.random.default_rng(example.seed)
days = np.sort(rng.uniform(0, 90, example.measurements))
measured = velocity(TRUE, days) + example.noise * rng.normal(size=days.shape)
print(f"{len(days)} measurements in 90 days, from {measured.min():.0f} to {measured.max():.0f} m/s")

# %% [markdown]
# ## The fit
#
# Least squares need a start near the right period. For a circular orbit of a given period the best fit is a linear
# problem; the period at which it leaves the least is a good start. From there on SciPy improves all six numbers, with
# the Jacobian of the residuals by `ntb.jacobian`: arrays go in and come out, SciPy need not know what is inside.

# %%
periods = np.linspace(3, 40, 1500)
left_over, found = [], []
for period in periods:
    waves = np.stack([np.cos(2 * np.pi * days / period), np.sin(2 * np.pi * days / period), np.ones(len(days))], axis=1)
    parts, *_ = np.linalg.lstsq(waves, measured)
    left_over.append(np.sum((waves @ parts - measured) ** 2))
    found.append(parts)
best = np.argmin(left_over)
a, b, own = found[best]
start = np.array([periods[best], np.hypot(a, b), 0.2, 0.0, np.arctan2(-b, a), own])


def residuals(parameters, measured=measured):
    return (velocity(parameters, days) - measured) / example.noise


bounds = ([1, 0, 0, -10, -20, -100], [100, 500, 0.95, 10, 20, 100])
fit = least_squares(residuals, start, jac=ntb.jacobian(residuals), bounds=bounds, x_scale=[1, 50, 0.1, 1, 1, 10])
print(f"start at a period of {periods[best]:.2f} days; {fit.nfev} evaluations, {fit.njev} Jacobians")
print(f"χ² = {2 * fit.cost:.1f} for {len(days)} measurements and 6 parameters")

# %% [markdown]
# ## How sure is it?
#
# Near the best parameters *θ* the negative log-likelihood is a parabola, *½ (θ−θ₀)ᵀ H (θ−θ₀)*, and so the parameters
# are normally distributed with the covariance *H⁻¹*. The Hessian *H* is one call. Its inverse tells the uncertainty of
# each parameter, on its diagonal, and which of them can make up for each other.


# %%
def negative_log_likelihood(parameters):
    return 0.5 * np.sum(residuals(parameters) ** 2)


covariance = np.linalg.inv(ntb.hessian(negative_log_likelihood)(fit.x))
sigma = np.sqrt(np.diag(covariance))
for name, true, value, uncertainty in zip(NAMES, TRUE, fit.x, sigma):
    apart = (value - true) / uncertainty
    print(f"{name:20} {value:8.3f} ± {uncertainty:.3f}   true: {true:6.2f}, the fit is {apart:+.1f} σ from it")

# %% [markdown]
# Is that so? If the whole experiment were done again and again, the fitted parameters should scatter as the covariance
# says. On a computer it can be: data are drawn anew from the model that was fitted, and fitted anew.

# %%
again = []
for _ in range(example.fits):
    drawn = velocity(fit.x, days) + example.noise * rng.normal(size=days.shape)
    again.append(least_squares(residuals, fit.x, jac=ntb.jacobian(residuals), bounds=bounds, args=(drawn,)).x)
again = np.array(again)
for name, predicted, seen in zip(NAMES, sigma, again.std(axis=0)):
    print(f"{name:20} predicted ± {predicted:.3f}, scatter of {len(again)} fits ± {seen:.3f}")

# %% [markdown]
# A curve has a band of uncertainty: where the parameters vary by *dθ*, the velocity varies by *J dθ*, so that its
# variance is that of *J H⁻¹ Jᵀ*, with *J* the Jacobian of the curve. The band is narrow where there are measurements,
# and wide where the star turns quickly and nobody looked.

# %%
t = np.linspace(-5, 110, 600)
curve = velocity(fit.x, t)
slopes = ntb.jacobian(velocity)(fit.x, t)
band = 2 * np.sqrt(np.einsum("ti,ij,tj->t", slopes, covariance, slopes))

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.5), layout="constrained", width_ratios=(2, 1.1, 1.1))
figure.suptitle("A star's velocity, and the orbit that explains it")
left.fill_between(t, curve - band, curve + band, color="tab:blue", alpha=0.3, linewidth=0, label="± 2 σ of the curve")
left.plot(t, curve, color="tab:blue", linewidth=1, label="fit")
left.errorbar(days, measured, example.noise, fmt="k.", markersize=4, linewidth=0.8, label="measured")
left.set(xlabel="day", ylabel="velocity in m/s", xlim=(-5, 110))
left.legend(fontsize=8, ncols=3, loc="upper center")
left.set_ylim(top=left.get_ylim()[1] + 25)

phase = np.linspace(0, 1, 200)
middle.plot(phase, velocity(fit.x, phase * fit.x[0]), color="tab:blue")
middle.errorbar(days / fit.x[0] % 1, measured, example.noise, fmt="k.", markersize=4, linewidth=0.8)
middle.set(xlabel="part of the period", ylabel="velocity in m/s", title="all periods in one")

circle = np.stack([np.cos(2 * np.pi * phase), np.sin(2 * np.pi * phase)])
right.plot(again[:, 2], again[:, 3], ".", color="0.6", markersize=4, label="fits to new data")
pair = np.linalg.cholesky(covariance[2:4, 2:4])
for radius in (1.52, 2.45):  # they hold 68 and 95 % of a normal distribution in the plane
    e, omega = fit.x[2:4, None] + radius * pair @ circle
    right.plot(e, omega, color="tab:blue", label="68 and 95 %, by the Hessian" if radius < 2 else None)
right.plot(*TRUE[2:4], "r*", markersize=10, label="true")
right.set(xlabel=NAMES[2], ylabel=NAMES[3], title="two parameters")
right.legend(fontsize=8, loc="upper right")
right.set_ylim(top=right.get_ylim()[1] + 0.12)
example.show(figure, "orbit")

# %% [markdown]
# ## Try it
#
# - Take 15 measurements: `--measurements 15`. Do the fits to new data still lie in the ellipses?
# - Leave out the Jacobian (`jac="2-point"`). How many evaluations does SciPy need then, and is the result as good?
# - A second planet adds a second velocity. Which parameters can you still find from 45 measurements?
