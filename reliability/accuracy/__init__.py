"""Values and derivatives over the whole range of each dtype, beside exact ones: what docs/accuracy.md tells.

    python -m reliability.accuracy            measures all functions, and says where the page does not agree
    python -m reliability.accuracy --write    writes the figures and docs/accuracy.md
    python -m reliability.accuracy.peers      the same of PyTorch and JAX, in an environment that has them

A function is a row of a table: what it is exactly (`mpmath`, as many digits as it takes), and how ntb and the others
call it. The exact derivatives are difference quotients of the exact function, so that no formula of ntb is in them.
An error is counted in ulps: the distance of neighbouring numbers of the dtype at the exact result.
"""
