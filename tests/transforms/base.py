"""What the tests of transformations share."""

from ntb import function


def both(f):
    """The function eagerly, and traced and replayed."""
    traced = function(f)

    def replayed(*args):
        traced(*args)
        return traced(*args)

    return [f, replayed]
