"""Pooling: one number for each window of an image (`pool.py`), and the layers."""
