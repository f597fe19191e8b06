"""Compiled loops: chains of elementwise operations of a program that runs often, each as one loop in machine code.

NumPy makes a pass over memory for each operation. A loop reads each input once and writes each result once. It is
compiled by numba (the extra `fast`); without numba a program runs as it always does. No bit of any result changes:

    chains.py    which operations of a program become a loop
    loops.py     the loop as source: only operations that IEEE 754 arithmetic fixes to the last bit
    kernels.py   the call of a loop in machine code, which is compared with NumPy (agreement.py) before it is used
    compiler.py  the loop as an object file, by numba
    entry.py     how Python calls what is in an object file, without numba
    disk.py      object files, kept for the next process
    within.py    loops inside tuned primitives, which stand beside their NumPy form (ntb/looped.py)
    tiers.py     when: in the background, once a program has run long enough to pay for it
"""

from . import tiers

__all__ = ["tiers"]
