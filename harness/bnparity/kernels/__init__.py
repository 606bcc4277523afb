"""The local kernels: BatchNorm in NumPy and in Numba, under the contract of a plain function."""
