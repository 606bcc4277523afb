"""One process of several that train a synchronised layer together; tests start it as a script.

It reads the steps of its rank from a file, trains on them over gloo, and writes what it found.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from bnparity.backends import Array

#: No rank waits longer for another: one that died must not keep the rest.
_PATIENCE = timedelta(seconds=60)


def main(folder: Path, rank: int, size: int, layer: str, members: list[int]) -> None:
    """Train `layer`, ``"local"`` or ``"torch"``, as `rank` of `size`, together with `members`."""
    import torch.distributed as dist

    dist.init_process_group(
        "gloo",
        init_method=f"file://{folder / 'meet'}",
        rank=rank,
        world_size=size,
        timeout=_PATIENCE,
    )
    try:
        with np.load(folder / f"asked{rank}.npz") as asked:
            train = _local if layer == "local" else _torch
            found: dict[str, Any] = {**train(dict(asked), _group(members, size))}
        np.savez(folder / f"answer{rank}.npz", **found)
    finally:
        dist.destroy_process_group()


def _group(members: list[int], size: int) -> Any:
    """Return the process group of `members`; None for all."""
    import torch.distributed as dist

    if len(members) == size:
        return None
    return dist.new_group(members, use_local_synchronization=True)


def _local(asked: dict[str, Array], group: Any) -> dict[str, Array]:
    """Train `bnparity.layers.torch_api.SyncBatchNorm`."""
    from bnparity.layers import torch_api
    from bnparity.layers.torch_ranks import TorchGroup

    layer = torch_api.SyncBatchNorm(
        len(asked["weight"]),
        eps=float(asked["eps"]),
        momentum=float(asked["momentum"]),
        process_group=TorchGroup(process_group=group),
        dtype=asked["weight"].dtype,
    )
    layer.load_state_dict({name: asked[name] for name in _STATE}, strict=False)
    found: dict[str, Array] = {}
    for step in _steps(asked):
        output = layer(asked[f"x{step}"])
        gradients = layer.backward(asked[f"grad_output{step}"])
        answer = {"output": output, **vars(gradients), **dict(layer.named_buffers())}
        found |= {f"{name}{step}": np.array(array) for name, array in answer.items()}
    return found


def _torch(asked: dict[str, Array], group: Any) -> dict[str, Array]:
    """Train ``torch.nn.SyncBatchNorm`` on the first CUDA device."""
    import torch

    layer = torch.nn.SyncBatchNorm(
        len(asked["weight"]),
        eps=float(asked["eps"]),
        momentum=float(asked["momentum"]),
        process_group=group,
    )
    layer.load_state_dict({n: torch.from_numpy(asked[n]) for n in _STATE}, strict=False)
    layer.cuda()
    found: dict[str, Array] = {}
    for step in _steps(asked):
        layer.zero_grad()
        data = torch.from_numpy(asked[f"x{step}"]).cuda().requires_grad_()
        output = layer(data)
        output.backward(torch.from_numpy(asked[f"grad_output{step}"]).cuda())
        answer = {"output": output, "grad_input": data.grad, **dict(layer.named_buffers())}
        grads = {f"grad_{name}": p.grad for name, p in layer.named_parameters()}
        for name, tensor in (answer | grads).items():
            like = layer.weight if tensor is None else tensor  # of no values PyTorch has no sum
            zeros = torch.zeros_like(like) if tensor is None else tensor
            found[f"{name}{step}"] = zeros.detach().cpu().numpy().copy()
    return found


_STATE = ("weight", "bias", "running_mean", "running_var")


def _steps(asked: dict[str, Array]) -> range:
    return range(sum(name.startswith("x") for name in asked))


if __name__ == "__main__":
    place, own, world, kind, partners = sys.argv[1:]
    main(Path(place), int(own), int(world), kind, [int(one) for one in partners.split(",")])
