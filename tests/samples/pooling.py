"""Samples of pooling."""

import numpy as np

from ntb.nn.pooling import pool
from ntb.ops.windows import Grid
from ntb.tuned.pooling import window_pick, window_share

from .base import distinct, form_of, row
from .windows import LINE

POOL = Grid((2, 2), (1, 2), ((0, 0), (1, 0)), (1, 1))
TILES = Grid((2, 1), (2, 1), ((0, 1), (0, 0)), (1, 1))

PICTURE = np.arange(12.0).reshape(1, 1, 3, 4)[..., ::-1]
MAXIMA = pool.window_max(PICTURE, POOL)
window_max = form_of(pool.window_max)
row(window_max, lambda x: pool.window_max(x, POOL), [(1, 1, 2, 3), (2, 1, 3, 2), (0, 1, 2, 2)], distinct)
row(window_max, lambda x: pool.window_max(x, POOL, "first"), [(2, 1, 3, 2)], distinct, label="first")
row(window_max, lambda x: pool.window_max(x, TILES), [(2, 2, 3, 2)], distinct, label="tiles")
row(window_max, lambda x: pool.window_max(x, LINE), [(2, 1, 4)], distinct, label="line")
row(window_share, lambda g: window_share(g, PICTURE, MAXIMA, POOL, "split"), [MAXIMA.shape])
row(window_pick, lambda h: window_pick(h, PICTURE, MAXIMA, POOL, "split"), [PICTURE.shape])
