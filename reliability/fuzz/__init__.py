"""Fuzzing: inputs that coverage of ntb's own lines guides (atheris), a file for each target; run by `make fuzz`.

A target is a function of bytes that builds an input, tries it, and says how it went; it raises on a wrong answer. An
exception that is not documented, a wrong value and an input that takes longer than ten seconds are findings: the bytes
are kept in out/fuzz, and `python -m reliability.fuzz.load out/fuzz/crash-...` tries them again.
"""

COUNTS = "counts.json"
"""The file beside the corpus in which a target says how inputs went."""
