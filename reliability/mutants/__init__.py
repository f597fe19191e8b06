"""Mutation testing: small faults are put into the source, one at a time, and the tests should find them.

`python -m reliability.mutants` does all: `draw.py` makes the faults, with the operators of cosmic-ray; `survey.py`
finds out which tests cover which line; `trial.py` runs tests against a fault; `reasons.txt` says why some stay unfound.
"""
