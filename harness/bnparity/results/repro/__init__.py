"""Findings as folders: the arrays of the smallest case, and a script that needs no bnparity.

The functions of `asking`, `judging`, `faults` and of one of ``of_*`` are copied into each script as
they stand here: they use nothing else of bnparity's but types, and call one another by name.
"""
