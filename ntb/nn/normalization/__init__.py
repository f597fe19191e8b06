"""Normalisation: numbers with mean 0 and variance 1 along some axes (`normalize.py`), and its layers."""
