"""BatchNorm1d, 2d, 3d and SyncBatchNorm over the local kernel, in each API's own style.

``torch_api`` and ``mindspore_api`` take and return NumPy arrays and need no framework. Each holds
what its API has of its own: names, defaults, modes, state, what it refuses and when. What they
compute alike is in ``computation``.

A layer's forward pass is ``batch_moments``, ``merged``, ``normalized``; its backward pass is
``grad_sums``, ``added``, ``gradients``. SyncBatchNorm overrides ``merged`` and ``added``, which
talk to other processes; `ranks` leads replicas in one process through the others, phase by phase.
"""
