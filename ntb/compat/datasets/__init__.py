"""The datasets in the form of the earlier ntb: dicts of arrays."""
