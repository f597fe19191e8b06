"""The engine: tensors, tapes and the reverse walk. It knows NumPy and no particular operation beyond sums and casts.

Read `gradient.py` first, then `tape.py`, `tensor.py`, `variable.py` and `rules.py`.
"""
