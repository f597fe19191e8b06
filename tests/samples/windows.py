"""Samples of sliding windows, of any number of axes; stride, padding and dilation differ along them."""

from ntb.ops import windows
from ntb.ops.windows import Grid

from .base import form_of, row

GRID = Grid((2, 2), (1, 2), ((1, 0), (0, 1)), (2, 1))
LINE = Grid((2,), (2,), ((1, 1),), (1,))

row(form_of(windows.windows), lambda x: windows.windows(x, *GRID), [(1, 1, 2, 3), (2, 2, 3, 3), (0, 1, 2, 2)])
row(form_of(windows.windows), lambda x: windows.windows(x, *LINE, fill=2.0), [(2, 1, 4)], label="filled")
row(form_of(windows.unwindows), lambda c: windows.unwindows(c, (2, 3), *GRID), [(1, 2, 2, 1, 2, 1)])
row(form_of(windows.unwindows), lambda c: windows.unwindows(c, (4,), *LINE), [(2, 2, 3, 2)], label="line")
