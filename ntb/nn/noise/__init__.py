"""Noise in training, beside plain dropout: other kinds of it (`noise.py`), and the layers that drop or add."""
