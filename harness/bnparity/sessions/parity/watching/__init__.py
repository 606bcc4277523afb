"""A model's calls recorded where its framework is: `record` is run as a script, by its path.

The modules of_torch, of_mindspore, of_keras and of_flax say how each framework is watched.
"""
