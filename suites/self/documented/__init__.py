"""Layers that are as the documents say, or wrong in one way: what claims have to tell apart."""
