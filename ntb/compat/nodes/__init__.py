"""The nodes: each says which eager block it is."""
