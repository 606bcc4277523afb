"""The compiled form of double-double passes: the same bits in less time, where Numba is.

The form in NumPy, `bnparity_reference.double_double`, says what a pass is and holds all cases; it
asks `passes` first. `loading` says when there are loops, which `numbers`, `rows` and `sums` hold.
"""
