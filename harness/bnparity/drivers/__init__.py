"""Layers driven step by step: made, called, switched, saved and loaded, as a user's program does.

``torch_style`` and ``mindspore_style`` know the words of an API, be it the framework's or the
local layers'; ``acts`` does what it is asked next to them; ``layer`` asks, from the harness.
"""
