"""Losses, and the accuracy of a classifier: lines of the table."""

from .table import ClassAccuracy, CrossEntropy, CrossEntropyLogits, TemporalCE

__all__ = ["ClassAccuracy", "CrossEntropy", "CrossEntropyLogits", "TemporalCE"]
