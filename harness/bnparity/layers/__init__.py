"""BatchNorm1d, BatchNorm2d and BatchNorm3d over the local kernel, in each API's own style.

``torch_api`` and ``mindspore_api`` take and return NumPy arrays and need no framework. Each holds
what its API has of its own: names, defaults, modes, state, what it refuses and when. What they
compute alike is in ``computation``.

A layer's forward pass is ``batch_moments``, ``merged``, ``normalized``; its backward pass is
``grad_sums``, ``added``, ``gradients``. A layer whose ranks talk overrides ``merged`` and
``added``, or has them called from outside, a phase at a time.
"""
