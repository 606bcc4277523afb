"""Layers without a framework: BatchNorm1d/2d/3d and SyncBatchNorm in each API's own style.

May import `kernels`, which computes, and `backends`, to be judged like any other layer.
"""
