"""Activations: smooth ones, ones of straight pieces, those of several numbers along an axis; and the same as layers.

A function can stand in a `Sequential` as it is. A layer says how it was set, and can be listed and saved with a model.
"""
