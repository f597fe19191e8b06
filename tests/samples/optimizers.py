"""Samples of the steps of optimizers."""

from ntb.optim import SGD, Adam, AdamW
from ntb.optim.step import Step, updated

from .base import form_of, positive, row


def optimizer_step(optimizer):
    """The third step of two parameters, from their values, slots and gradients."""

    def step(w, g, *slots):
        cells = [[w, *slots], [-w, *slots]]
        new = updated(Step(optimizer, lr=0.1, t=3, cells=cells, grads=[g, 2 * g]))
        return [x for values in new for x in values]

    return step


for optimizer in (Adam(weight_decay=0.1), AdamW(), SGD(momentum=0.9)):
    shapes = [((2, 2),) * (2 + len(optimizer.slot_names))]
    row(form_of(updated), optimizer_step(optimizer), shapes, positive, repr(optimizer))
