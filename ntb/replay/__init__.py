"""Trace and replay: a trace keeps what a function does, a program repeats it. Tapes and gradients do without them.

Read `simple.py` first. Then `function.py`, `trace.py`, `code.py`, `passes.py`, `emit.py`, `workspace.py`,
`executable.py`, `program.py`, `source.py`.
"""
