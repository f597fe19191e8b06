"""Convolution: windows (im2col) and products with them (`conv.py`), its transpose, patches, and the layers that own the
filters."""
