"""A row for every operation of the table: value, derivatives, shapes and replay are tested on each of them."""

from ntb.tape.rules import open_chapters

from . import core, creation, joining, padding, selecting
from .base import SAMPLES

open_chapters()

__all__ = ["SAMPLES", "core", "creation", "joining", "padding", "selecting"]
