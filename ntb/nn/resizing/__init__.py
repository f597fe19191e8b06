"""Images of other sizes: interpolation (`interpolate.py`), pixels from channels (`pixels.py`), borders; and layers."""
