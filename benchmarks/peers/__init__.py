"""The parts of the workloads in each peer's own functions, by the same names, so that the files can be compared.

parameters are dense weights (inputs, outputs), filters (F, C, KH, KW) as in `Problem`; each file says what it keeps
otherwise. `trainer(loss, problem, optimizer)` gives a step of training by "adam" or "momentum" at a rate, `gradient` a
step that is a gradient alone, `hessian_product` one that is the product of a Hessian with vectors.
"""
