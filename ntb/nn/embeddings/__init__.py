"""Embeddings: vectors for symbols, alone or in bags; functions, and layers that own the vectors."""
