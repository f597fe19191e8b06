"""Normalisation over the batch or the features (`normalize.py`), over groups of channels, by scaling, of weights and of
the data themselves; and its layers."""
