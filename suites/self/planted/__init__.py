"""BatchNorm kernels that are wrong on purpose: what the harness has to find, and to name."""
