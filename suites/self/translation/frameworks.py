"""What the installed MindSpore says of its constructors, asked in its own interpreter.

Run as a script: reads a JSON list of constructor calls; writes, as JSON, the signatures and for
each call the state of the layer that it makes.
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
    print(json.dumps({"signatures": described(mindspore.nn), "layers": states}))


if __name__ == "__main__":
    main()
