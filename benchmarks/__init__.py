"""Benchmarks: fourteen workloads, for ntb and for each peer that is installed, and the goals that ntb sets itself.

`python -m benchmarks` measures, `python -m benchmarks.cell W3 float32 ntb-replay` measures a single cell of the table,
`python -m benchmarks growth` the growth of time with the size of a problem, `busy` steps beside busy processes, and
`blocks` building blocks beside PyTorch's. `python -m benchmarks.compare_states` and `python -m benchmarks.compare_bits`
compare speed and numbers with an earlier commit. `docs/performance.md` explains.
"""
