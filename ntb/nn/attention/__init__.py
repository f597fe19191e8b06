"""Attention: a weighted mean of values, in which queries and keys decide the weights."""
