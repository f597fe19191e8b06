"""The engine: tensors, tapes and the reverse walk. It knows NumPy, and no particular operation.

To follow a gradient read `gradient.py`, `value_id.py`, `record.py`, `tape.py`, `tensor.py` and `operation.py`; then
`rules.py` for how a derivative is declared. `listener.py` is what others may be told of a running program. `quick.py`
can be left unread.
"""
