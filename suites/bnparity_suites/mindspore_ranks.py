"""What mindspore.nn.SyncBatchNorm answers on one rank: a script, run by itself or by ``msrun``.

It runs in MindSpore's interpreter, where bnparity is not, and writes its answers as JSON: to each
question a value, or the exception's type and words.
"""

import inspect
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

#: Values of `process_groups` to make a layer with, in a world of two ranks.
PROCESS_GROUPS: tuple[Any, ...] = (
    None,
    [[0, 1]],
    [[0], [1]],
    [],
    0,
    "x",
    ((0, 1),),
    [(0, 1)],
    [0, 1],
    [[0.0, 1]],
    [["0"]],
    [[True]],
    [[0, 2]],
    [[-1]],
    [[0, 0]],
    [[0], [0, 1]],
)
SHAPES = ((4, 3), (4, 3, 2, 2), (4, 3, 2), (4, 3, 2, 2, 2))


def data_of(rank: int, shape: tuple[int, ...]) -> Any:
    """Return the data of a rank."""
    drawn = np.random.default_rng(rank).standard_normal(shape) + rank
    return drawn.astype(np.float32)


def _asked(question: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"value": question()}
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
        return {"kind": type(error).__name__, "text": str(error)}


def _made(process_groups: Any) -> bool:
    """Return whether a layer made with these groups would synchronise."""
    import mindspore

    layer = mindspore.nn.SyncBatchNorm(3, process_groups=process_groups)
    return bool(layer.is_global)


def _trained(process_groups: Any, graph: bool, rank: int, shape: tuple[int, ...]) -> Any:
    import mindspore

    mindspore.set_context(mode=mindspore.GRAPH_MODE if graph else mindspore.PYNATIVE_MODE)
    layer = mindspore.nn.SyncBatchNorm(shape[1], process_groups=process_groups).set_train()
    output = layer(mindspore.Tensor(data_of(rank, shape))).asnumpy()
    return {
        "output": output.tolist(),
        "running_mean": layer.moving_mean.asnumpy().tolist(),
        "running_var": layer.moving_variance.asnumpy().tolist(),
    }


def main(folder: Path) -> None:
    """Ask everything, and write ``answer{rank}.json`` to `folder`."""
    import mindspore

    mindspore.set_context(device_target="CPU")
    rank = size = 0
    if "MS_WORKER_NUM" in os.environ:
        mindspore.communication.init()
        rank = mindspore.communication.get_rank()
        size = mindspore.communication.get_group_size()
    kind = mindspore.nn.SyncBatchNorm
    answers = {
        "size": size,
        "parameters": {
            name: repr(parameter.default)
            for name, parameter in inspect.signature(kind).parameters.items()
        },
        "made": {repr(groups): _asked(partial(_made, groups)) for groups in PROCESS_GROUPS},
        "trained": {
            f"{groups} {graph}": _asked(partial(_trained, groups, graph, rank, (4, 3)))
            for groups in ([[0, 1]], [[0], [1]])
            for graph in (False, True)
        },
        "shapes": {
            repr(shape): _asked(partial(_trained, 0, False, rank, shape)) for shape in SHAPES
        },
    }
    (folder / f"answer{rank}.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
