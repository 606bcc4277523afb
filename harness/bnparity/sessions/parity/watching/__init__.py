"""A model's calls recorded where its framework is: `record` is run as a script, by its path.

The modules of_torch, of_mindspore and of_keras say how each framework is watched.
"""
