"""Demos: each file is a short program as a user would write it, but that ntb's own files name where a name is defined:
a user writes `import ntb` and `ntb.Tape`. `python -m ntb demo NAME` runs one.

A demo is a module with a function `run(demo)`; its docstring is its line in the list, TIME says how long it takes, DATA
what --data names (nothing, where it is empty).
"""

from types import ModuleType

from . import cifar, convnet, linear, mnist, text

DEMOS: dict[str, ModuleType] = {"linear": linear, "mnist": mnist, "convnet": convnet, "cifar": cifar, "text": text}
