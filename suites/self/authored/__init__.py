"""Layers and functions as their authors have them, with no word about bnparity."""
