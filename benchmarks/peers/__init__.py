"""The parts of the workloads in each peer's own functions, by the same names, so that the files can be compared.

parameters are dense weights (inputs, outputs), filters (F, C, KH, KW) as in `Problem`; each file says what it keeps
otherwise. Of images (N, C, H, W), `pixels` makes (N, H * W, C), and `images` the reverse; `side_by_side` puts the
channels of two one after the other, `add_channels` adds (N, C), and `upsample` doubles height and width. A
convolution whose offset is None adds none.

`trainer(loss, problem, optimizer)` gives a step of training by "adam", "momentum" or "rmsprop" at a rate, `gradient` a
step that is a gradient alone, `hessian_product` one that is the product of a Hessian with vectors.
"""
