"""Stand-ins for the tables of libraries that the tests do without."""

import numpy as np


class Rows:
    """As a data set of Hugging Face's: rows by number, slice or list of numbers, as dicts of lists; columns by name.

    Attributes:
        asked: what rows were asked for.
    """

    def __init__(self, columns, asked=None):
        self.columns_by_name, self.asked = dict(columns), [] if asked is None else asked

    @property
    def column_names(self):
        return list(self.columns_by_name)

    def __len__(self):
        return len(next(iter(self.columns_by_name.values())))

    def select_columns(self, names):
        return Rows({name: self.columns_by_name[name] for name in names}, self.asked)

    def __getitem__(self, key):
        if isinstance(key, str):
            raise AssertionError("a whole column was read")
        self.asked.append((key, self.column_names))
        if type(key) is int:
            return {name: cells[key] for name, cells in self.columns_by_name.items()}
        rows = range(len(self))[key] if isinstance(key, slice) else key
        assert isinstance(key, slice) or all(type(row) is int for row in key)
        return {name: [cells[row] for row in rows] for name, cells in self.columns_by_name.items()}


class ArrowTable:
    """As a table of PyArrow's: names, a shape, and columns that can become arrays."""

    def __init__(self, columns):
        self.columns_by_name = columns
        self.column_names = list(columns)
        self.columns = [Chunked(cells) for cells in columns.values()]
        self.shape = (len(self.columns[0].cells), len(columns))

    def __getitem__(self, name):
        return Chunked(self.columns_by_name[name])


class Chunked:
    """As a column of PyArrow's. One of lists becomes an array of arrays."""

    def __init__(self, cells):
        self.cells = cells

    def __len__(self):
        return len(self.cells)

    def __array__(self, dtype=None, copy=None):
        if isinstance(self.cells[0], list):
            return np.fromiter(map(np.array, self.cells), object, len(self.cells))
        return np.array(self.cells, dtype)
