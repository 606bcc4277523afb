"""The formats of checkpoints, a file each: how their tensors are read in place, and written."""
