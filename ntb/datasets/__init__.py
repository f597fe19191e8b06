"""Data to learn from. Each set is a module with a function `load`: `mnist`, `cifar10`, `shapes32`, `textdata`."""
