"""Fast forms of readable code; a reader may skip them. A room for `ntb/ops`, `ntb/replay` and `ntb/foreign`."""
