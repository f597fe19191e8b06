"""Losses: those of numbers (`regression.py`) and of classes (`cross_entropy.py`)."""
