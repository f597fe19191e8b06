"""Ten steps of optimizers, as PyTorch, optax and Keras make them; rates of schedules; averages."""

import numpy as np

import ntb
from ntb import optim
from ntb.optim import schedules

from .base import reference

STEPS = 10
NOISY = [(3, 4), lambda rng: rng.uniform(0.5, 2.0, (3, 4)), (STEPS, 3, 4)]
"""The first value of a parameter; the loss is a parabola of this curvature; what is added to the gradients."""
QUIET = [*NOISY[:2], np.zeros((STEPS, 3, 4))]
VECTOR = [(5,), lambda rng: rng.uniform(0.5, 2.0, 5), (STEPS, 5)]


def ours(make, evaluated=False):
    """The values of a parameter after each step, and its average after the last one."""

    def run(w, curvature, noise):
        v, optimizer, values = ntb.Variable(w), make(), []
        for more in noise:
            optimizer.apply([curvature * v.value + more], [v])
            values.append(v.value)
        if evaluated:
            with optimizer.averaged([v]):
                values.append(v.value)
        return np.stack(values)

    return run


def in_torch(name, **options):
    def run(torch, w, curvature, noise):
        torch.set_default_dtype(torch.float64)
        v = torch.nn.Parameter(w.clone())
        optimizer, values = getattr(torch.optim, name)([v], **options), []

        def slope(more):
            v.grad = curvature * v.detach() + more
            return 0.0

        for more in noise:
            optimizer.step(lambda more=more: slope(more)) if name == "LBFGS" else (slope(more), optimizer.step())
            values.append(v.detach().clone())
        return torch.stack(values)

    return run


def in_optax(make, evaluated=None):
    def run(optax, w, curvature, noise):
        import jax.numpy as jnp

        optimizer, values = make(optax), []
        state = optimizer.init(w)
        for more in noise:
            changes, state = optimizer.update(curvature * w + more, state, w)
            w = optax.apply_updates(w, changes)
            values.append(w)
        if evaluated:
            values.append(evaluated(optax, state, w))
        return jnp.stack(values)

    return run


def torch_case(title, make, name, inputs=NOISY, tolerance=1e-10, **options):
    reference(title, "torch", inputs, ours(make), in_torch(name, **options), gradients=False, tolerance=tolerance)


def optax_case(title, make, theirs, inputs=NOISY, **options):
    reference(title, "optax", inputs, ours(make), in_optax(theirs), gradients=False, **options)


torch_case("SGD", lambda: optim.SGD(0.1, weight_decay=0.2), "SGD", lr=0.1, weight_decay=0.2)
torch_case("momentum", lambda: optim.SGD(0.1, 0.9), "SGD", lr=0.1, momentum=0.9)
torch_case("Nesterov", lambda: optim.SGD(0.1, 0.9, nesterov=True, weight_decay=0.2), "SGD", lr=0.1, momentum=0.9,
           nesterov=True, weight_decay=0.2)  # fmt: skip
torch_case("RMSProp", lambda: optim.RMSProp(0.1, decay=0.9, weight_decay=0.2), "RMSprop", lr=0.1, alpha=0.9,
           weight_decay=0.2)  # fmt: skip
for name, theirs, given in [
    ("Adam", "Adam", {}), ("AdamW", "AdamW", {}), ("AMSGrad", "Adam", {"amsgrad": True}), ("Adamax", "Adamax", {}),
    ("NAdam", "NAdam", {}),
]:  # fmt: skip
    kind = getattr(optim, name)
    torch_case(name, lambda kind=kind: kind(0.1), theirs, lr=0.1, weight_decay=0.01 * (name == "AdamW"), **given)
    torch_case(f"{name} with options", lambda kind=kind: kind(0.1, 0.8, 0.95, 1e-3, 0.2), theirs, lr=0.1,
               betas=(0.8, 0.95), eps=1e-3, weight_decay=0.2, **given)  # fmt: skip
torch_case("NAdam momentum decay", lambda: optim.NAdam(0.1, momentum_decay=0.5), "NAdam", lr=0.1, momentum_decay=0.5)
torch_case("RAdam", lambda: optim.RAdam(0.1, eps=0.0), "RAdam", lr=0.1, eps=0.0)
optax_case("RAdam", lambda: optim.RAdam(0.1, 0.8, 0.95, 1e-3), lambda optax: optax.radam(0.1, 0.8, 0.95, 1e-3))
torch_case("Adagrad", lambda: optim.Adagrad(0.1, weight_decay=0.2), "Adagrad", lr=0.1, weight_decay=0.2)
torch_case("Adadelta", lambda: optim.Adadelta(0.5, 0.8, 1e-3, 0.2), "Adadelta", lr=0.5, rho=0.8, eps=1e-3,
           weight_decay=0.2)  # fmt: skip
torch_case("Rprop", lambda: optim.Rprop(0.1), "Rprop", lr=0.1)
torch_case("Rprop with options", lambda: optim.Rprop(0.1, 0.3, 1.5, 0.05, 0.2), "Rprop", lr=0.1, etas=(0.3, 1.5),
           step_sizes=(0.05, 0.2))  # fmt: skip
torch_case("ASGD", lambda: optim.ASGD(0.1, 0.3, weight_decay=0.2), "ASGD", lr=0.1, lambd=0.3, weight_decay=0.2)
torch_case("L-BFGS", lambda: optim.LBFGS(memory=3), "LBFGS", QUIET, lr=1.0, max_iter=1, history_size=3,
           tolerance_grad=0.0, tolerance_change=0.0)  # fmt: skip
torch_case("L-BFGS noisy", lambda: optim.LBFGS(0.5), "LBFGS", lr=0.5, max_iter=1, history_size=10)
for inputs in (NOISY, VECTOR):
    torch_case(f"Adafactor {len(inputs[0])}-d", lambda: optim.Adafactor(0.3, weight_decay=0.2), "Adafactor", inputs,
               lr=0.3, weight_decay=0.2)  # fmt: skip
optax_case("Lion", lambda: optim.Lion(0.1, 0.8, 0.9, 0.2), lambda optax: optax.lion(0.1, 0.8, 0.9, weight_decay=0.2))
optax_case("LAMB", lambda: optim.LAMB(0.1, 0.8, 0.95, 1e-3, 0.2),
           lambda optax: optax.lamb(0.1, 0.8, 0.95, 1e-3, weight_decay=0.2))  # fmt: skip
optax_case("LARS", lambda: optim.LARS(0.5, 0.8, 0.2, 0.1), lambda optax: optax.lars(0.5, 0.2, momentum=0.8,
           trust_coefficient=0.1))  # fmt: skip
for shape in ((3, 4), (4, 3)):
    inputs = [shape, np.ones(shape), (STEPS, *shape)]
    scale = max(1, shape[1] / shape[0]) ** 0.5
    optax_case(f"Muon {shape}", lambda: optim.Muon(0.1, nesterov=False, weight_decay=0.2), lambda optax, scale=scale:
               optax.chain(optax.contrib.scale_by_muon(nesterov=False), optax.scale(scale),
                           optax.add_decayed_weights(0.2), optax.scale(-0.1)), inputs, tolerance=1e-5)  # fmt: skip
FTRL = dict(learning_rate=0.1, initial_accumulator_value=0.0, beta=1.0)  # whose l2 counts twice


def in_keras(**options):
    def run(keras, w, curvature, noise):
        keras.config.set_floatx("float64")
        v, optimizer, values = keras.Variable(w), keras.optimizers.Ftrl(**options), []
        for more in noise:
            optimizer.apply([curvature * np.asarray(v) + more], [v])
            values.append(np.array(v))
        return np.stack(values)

    return run


reference("Ftrl", "keras", NOISY, ours(lambda: optim.Ftrl(0.1)), in_keras(**FTRL), gradients=False)
reference("Ftrl with penalties", "keras", NOISY, ours(lambda: optim.Ftrl(0.1, l1=0.5, l2=0.4)),
          in_keras(l1_regularization_strength=0.5, l2_regularization_strength=0.2, **FTRL),
          gradients=False)  # fmt: skip

# --- around an optimizer

optax_case("Accumulate", lambda: optim.Accumulate(optim.Adam(0.1), 3),
           lambda optax: optax.MultiSteps(optax.adam(0.1), 3), tolerance=1e-7)  # fmt: skip
for title, make, theirs in [
    ("SGD", lambda: optim.SGD(0.5, weight_decay=0.2), lambda optax: optax.chain(optax.add_decayed_weights(0.2),
     optax.sgd(0.5))),
    ("AdamW", lambda: optim.AdamW(0.1, beta1=0.0), lambda optax: optax.adamw(0.1, b1=0.0, weight_decay=0.01)),
]:  # fmt: skip
    reference(f"ScheduleFree {title}", "optax", NOISY,
              ours(lambda make=make: optim.ScheduleFree(make(), 0.8), evaluated=True),
              in_optax(lambda optax, theirs=theirs, title=title: optax.contrib.schedule_free(
                  theirs(optax), 0.5 if title == "SGD" else 0.1, 0.8),
                  lambda optax, state, w: optax.contrib.schedule_free_eval_params(state, w)),
              gradients=False)  # fmt: skip


def lookahead_in_optax(optax, w, curvature, noise):
    import jax.numpy as jnp

    optimizer = optax.lookahead(optax.adam(0.1), sync_period=3, slow_step_size=0.4)
    both, values = optax.LookaheadParams.init_synced(w), []
    state = optimizer.init(both)
    for more in noise:
        changes, state = optimizer.update(curvature * both.fast + more, state, both)
        both = optax.apply_updates(both, changes)
        values.append(both.fast)
    return jnp.stack(values)


reference("Lookahead", "optax", NOISY, ours(lambda: optim.Lookahead(optim.Adam(0.1), 3, 0.4)), lookahead_in_optax,
          gradients=False)  # fmt: skip


def averages(make):
    def run(values):
        w = ntb.Variable(np.zeros(values.shape[1:]))
        average = make([w])
        for value in values:
            w.assign(value)
            average.update()
        with average.averaged():
            return w.value

    return run


def averages_in_torch(**options):
    def run(torch, values):
        model = torch.nn.ParameterList([values[0].clone()])
        average = torch.optim.swa_utils.AveragedModel(model, **options)
        for value in values:
            model[0].data.copy_(value)
            average.update_parameters(model)
        return average.module[0]

    return run


def ema_in_torch(torch, values):
    return averages_in_torch(multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.7))(torch, values)


reference("SWA", "torch", [(5, 3)], averages(optim.SWA), averages_in_torch(), gradients=False)
reference("EMA", "torch", [(5, 3)], averages(lambda ws: optim.EMA(ws, 0.7)), ema_in_torch, gradients=False)

# --- clipping

for title, clip, theirs in [
    ("value", lambda *grads: optim.clip_by_value(grads, 0.5),
     lambda torch, ps: torch.nn.utils.clip_grad_value_(ps, 0.5)),
    ("norm", lambda *grads: optim.clip_by_norm(grads, 0.5),
     lambda torch, ps: [torch.nn.utils.clip_grad_norm_([p], 0.5) for p in ps]),
    ("global norm", lambda *grads: optim.clip_by_global_norm(grads, 0.5)[0],
     lambda torch, ps: torch.nn.utils.clip_grad_norm_(ps, 0.5)),
]:  # fmt: skip

    def clipped(torch, *grads, theirs=theirs):
        ps = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
        for p, g in zip(ps, grads):
            p.grad = g.clone()
        theirs(torch, ps)
        return [p.grad for p in ps]

    # PyTorch adds 1e-6 to the norm
    reference(f"clip by {title}", "torch", [(3, 4), (5,)], clip, clipped, gradients=False, tolerance=3e-6)

# --- schedules

COUNTS = np.arange(25)


def rates(schedule):
    return lambda counts: np.stack([np.asarray(schedule(t), float) for t in counts])


def rates_in_torch(make, rate=1.0):
    def run(torch, counts):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate, momentum=0.9)
        scheduler, found = make(torch.optim.lr_scheduler, optimizer), []
        for _ in counts:
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return torch.tensor(found)

    return run


for title, schedule, make in [
    ("step_decay", schedules.step_decay(1.0, 4, 0.5), lambda lr, o: lr.StepLR(o, 4, 0.5)),
    ("multi_step", schedules.multi_step(1.0, [3, 10], 0.5), lambda lr, o: lr.MultiStepLR(o, [3, 10], 0.5)),
    ("exponential", schedules.exponential(1.0, 0.9), lambda lr, o: lr.ExponentialLR(o, 0.9)),
    ("linear", schedules.linear(0.25, 10, 1.0), lambda lr, o: lr.LinearLR(o, 0.25, 1.0, 10)),
    ("polynomial", schedules.polynomial(1.0, 10, 2.0), lambda lr, o: lr.PolynomialLR(o, 10, 2.0)),
    ("cosine_restarts", schedules.cosine_restarts(1.0, 5, final=0.1),
     lambda lr, o: lr.CosineAnnealingWarmRestarts(o, 5, 1, 0.1)),
    ("cosine_restarts longer", schedules.cosine_restarts(1.0, 2, 3), lambda lr, o:
     lr.CosineAnnealingWarmRestarts(o, 2, 3)),
    ("cyclic", schedules.cyclic(0.1, 1.0, 4), lambda lr, o: lr.CyclicLR(o, 0.1, 1.0, 4)),
    ("cyclic, halved", schedules.cyclic(0.1, 1.0, 4, 0.5), lambda lr, o: lr.CyclicLR(o, 0.1, 1.0, 4,
     mode="triangular2")),
    ("join", schedules.join([schedules.linear(0.5, 5, 1.0), schedules.exponential(1.0, 0.9)], [5]), lambda lr, o:
     lr.SequentialLR(o, [lr.LinearLR(o, 0.5, 1.0, 5), lr.ExponentialLR(o, 0.9)], [5])),
]:  # fmt: skip
    reference(title, "torch", [COUNTS], rates(schedule), rates_in_torch(make), gradients=False)

for title, schedule, make in [
    ("piecewise", schedules.piecewise([1.0, 0.5, 0.1], [4, 9]),
     lambda optax: optax.piecewise_constant_schedule(1.0, {4: 0.5, 9: 0.2})),
    ("polynomial", schedules.polynomial(1.0, 10, 3, 0.1), lambda optax: optax.polynomial_schedule(1.0, 0.1, 3, 10)),
    ("cosine", schedules.cosine(1.0, 10, 0.1), lambda optax: optax.cosine_decay_schedule(1.0, 10, 0.1)),
    ("one_cycle", schedules.one_cycle(1.0, 20), lambda optax: optax.cosine_onecycle_schedule(20, 1.0)),
]:  # fmt: skip
    # optax computes its rates in float32
    reference(title, "optax", [COUNTS], rates(schedule), lambda optax, counts, make=make: np.stack(
        [np.asarray(make(optax)(t), float) for t in range(len(counts))]), gradients=False, tolerance=1e-7)  # fmt: skip


def plateau(measures):
    rate, found = schedules.ReduceOnPlateau(1.0, 0.5, patience=2, cooldown=1, least=0.2), []
    for measure in measures:
        rate.observe(measure)
        found.append(rate(0).item())
    return np.stack(found)


def plateau_in_torch(torch, measures):
    optimizer, found = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0), []
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, cooldown=1, min_lr=0.2)
    for measure in measures:
        scheduler.step(measure)
        found.append(optimizer.param_groups[0]["lr"])
    return torch.tensor(found)


reference(
    "ReduceOnPlateau",
    "torch",
    [lambda rng: 1 + rng.random(30) / np.arange(1, 31)],
    plateau,
    plateau_in_torch,
    gradients=False,
)
reference("inverse_time", "keras", [COUNTS], rates(schedules.inverse_time(1.0, 0.5, 4)), lambda keras, counts: np.stack(
    [np.asarray(keras.optimizers.schedules.InverseTimeDecay(1.0, 4, 0.5)(int(t))) for t in counts]),
    gradients=False, tolerance=1e-6)  # fmt: skip
