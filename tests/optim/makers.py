"""All optimizers, each in the way that most of it is used, for tests of what holds for every one."""

from ntb import optim
from ntb.optim import schedules

MAKERS = {
    "SGD": lambda: optim.SGD(0.1),
    "momentum": lambda: optim.SGD(0.1, 0.9, nesterov=True, weight_decay=0.1),
    "RMSProp": lambda: optim.RMSProp(0.1, weight_decay=0.1),
    "Adam": lambda: optim.Adam(0.1, weight_decay=0.1),
    "AdamW": lambda: optim.AdamW(0.1, weight_decay=0.1),
    "AMSGrad": lambda: optim.AMSGrad(0.1, weight_decay=0.1),
    "Adamax": lambda: optim.Adamax(0.1, weight_decay=0.1),
    "NAdam": lambda: optim.NAdam(0.1, weight_decay=0.1),
    "RAdam": lambda: optim.RAdam(0.1, beta2=0.9, weight_decay=0.1),
    "Adagrad": lambda: optim.Adagrad(0.3, weight_decay=0.1),
    "Adadelta": lambda: optim.Adadelta(1.0, eps=0.01, weight_decay=0.1),
    "Adafactor": lambda: optim.Adafactor(0.3, weight_decay=0.1),
    "ASGD": lambda: optim.ASGD(0.1, decay=0.1, start=2, weight_decay=0.1),
    "Ftrl": lambda: optim.Ftrl(0.5, l1=0.1, l2=0.1),
    "LAMB": lambda: optim.LAMB(0.1, weight_decay=0.1),
    "LARS": lambda: optim.LARS(0.2, trust=0.5, weight_decay=0.1),
    "LBFGS": lambda: optim.LBFGS(memory=2),
    "Lion": lambda: optim.Lion(0.1, weight_decay=0.1),
    "Muon": lambda: optim.Muon(0.1, weight_decay=0.1),
    "Rprop": lambda: optim.Rprop(0.1),
    "Accumulate": lambda: optim.Accumulate(optim.Adam(schedules.exponential(0.3, 0.9)), 2),
    "Lookahead": lambda: optim.Lookahead(optim.SGD(0.1, 0.5), 2),
    "ScheduleFree": lambda: optim.ScheduleFree(optim.AdamW(schedules.warmup(2, 0.2), beta1=0.0)),
    "ApplyIfFinite": lambda: optim.ApplyIfFinite(optim.Adam(0.1)),
    "Chain": lambda: optim.Chain(lambda grads: optim.clip_by_global_norm(grads, 1.0), optim.SGD(0.3)),
    "Groups": lambda: optim.Groups(optim.AdamW(0.1), {"vectors": {"weight_decay": 0.0}, "matrices": optim.Muon(0.1)}),
    "SAM": lambda: optim.SAM(optim.SGD(0.1)),
}
"""By the name of the class, or what is special; what wraps an optimizer comes last."""
