"""Foreign arrays, which are not NumPy's: Dask's, CuPy's, any that answer NumPy's protocols (NEP 13 and 18).

A room for `ntb/dask.py`, for `ntb/state.py`, for building blocks (`ntb/nn`), which take these arrays, and for
`ntb/__init__.py`, which imports it so that the engine accepts foreign arrays.
A foreign array becomes one of NumPy's only if the user says so (`t.numpy()`, `float(t)`), as that would compute or move
all of it. The engine (`ntb/tape`) only knows that a class of tensors may apply operations in its own way. `arrays.py`
has that class, `running.py` runs operations on it, and `lacking.py` composes what Dask lacks.
"""
