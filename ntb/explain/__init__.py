"""Questions about a run: why a gradient is None (`tape.explain`), and which line of the program ran an operation.

A room for `ntb/__init__.py`, which gives tapes their method `explain`, and for `ntb/debug.py`.
"""
