"""Weights of PyTorch and Keras: where each layer of theirs has the numbers of ours (`table.py`), how they lie there
(`changes.py`), and a model of ours from theirs, and back (`pytorch.py`, by names; `keras.py`, by their order)."""
