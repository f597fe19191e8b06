"""Losses: of numbers (`regression.py`), of classes (`cross_entropy.py`, `binary.py`, `margins.py`), of distributions
(`likelihood.py`), vectors (`pairs.py`), regions (`overlap.py`) and sequences (`ctc.py`); penalties on weights."""
