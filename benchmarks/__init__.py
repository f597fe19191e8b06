"""Benchmarks: ten workloads, for ntb and for each peer that is installed, and the goals that ntb sets itself.

`python -m benchmarks` measures, `python -m benchmarks.cell W3 float32 ntb-replay` measures a single cell of the table,
`python -m benchmarks growth` the growth of time with the size of a problem. `docs/performance.md` explains.
"""
