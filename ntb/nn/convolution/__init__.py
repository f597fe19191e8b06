"""Convolution: windows (im2col) and products with them (`conv.py`), and the layers that own the filters."""
