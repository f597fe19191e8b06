"""Pooling: the greatest or the mean number of windows, of parts and of whole images, and its layers."""
