"""Trace and replay: the second reader of a tape. Nobody needs it to understand a gradient; the tape does not know it.

Read `function.py` first, then `trace.py`, `code.py`, `passes.py`, `emit.py`, `program.py` and `source.py`.
"""
