"""What the installed MindSpore says of its constructors, asked in its own interpreter.

Run as a script: reads a JSON list of constructor calls; writes, as JSON, the signatures, for each
call the state of the layer that it makes, and what becomes of layers that bnparity refuses.
"""

import inspect
import json
import sys
from typing import Any

KINDS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")


def described(nn: Any) -> dict[str, dict[str, str]]:
    """Return the defaults of every layer in `nn`, as text, in the order of their parameters."""
    return {
        kind: {
            name: "" if p.default is p.empty else f"{p.kind.name}={p.default!r}"
            for name, p in inspect.signature(getattr(nn, kind)).parameters.items()
        }
        for kind in KINDS
    }


def trained(**arguments: Any) -> str:
    """Return what a training step of a layer does: moves its statistics or not, or is refused."""
    import mindspore
    import numpy as np

    data = mindspore.Tensor(np.arange(6.0).reshape(2, 3), arguments.get("dtype"))
    try:
        layer = mindspore.nn.BatchNorm1d(3, **arguments)
        before = layer.moving_mean.asnumpy().copy()
        layer.set_train()
        layer(data.astype(mindspore.float32) if "dtype" not in arguments else data)
    except (TypeError, ValueError):
        return "refused"
    return "moved" if (layer.moving_mean.asnumpy() != before).any() else "unmoved"


def main() -> None:
    """Answer the calls on the standard input."""
    import mindspore

    states = []
    for call in json.load(sys.stdin):
        layer = eval(call, {"mindspore": mindspore})  # noqa: S307  # written by bnparity
        inner = getattr(layer, "bn2d", layer)
        states.append(
            {
                "names": sorted(layer.parameters_dict()),
                "share": inner.momentum,
                "eps": inner.eps,
                "trainable": inner.gamma.requires_grad,
            }
        )
    steps = {
        **{f"eps={eps!r}": trained(eps=eps) for eps in json.loads(sys.argv[1])},
        **{f"momentum={m!r}": trained(momentum=m) for m in (None, -0.1, 1.5, 0.5)},
        **{
            f"dtype={name!r}": trained(dtype=getattr(mindspore, name))
            for name in ("float16", "float32", "float64", "bfloat16")
        },
    }
    answers = {"signatures": described(mindspore.nn), "layers": states, "steps": steps}
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
