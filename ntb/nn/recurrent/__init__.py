"""Recurrent networks: a step and a loop over time each (`rnn.py`, `lstm.py`, `gru.py`), and layers that own weights."""
