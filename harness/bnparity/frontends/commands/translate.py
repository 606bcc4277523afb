"""``bnparity translate``: a constructor's call from the shell, and back to it."""

from typing import Annotated

import typer

from bnparity.porting import translate


def translate_command(
    call: Annotated[
        str, typer.Argument(help='Source, as "torch.nn.BatchNorm2d(64, momentum=0.2)".')
    ],
    *,
    to: Annotated[str, typer.Option(help="torch or mindspore.")],
    lossy: Annotated[
        bool, typer.Option("--lossy", help="Go on where something is lost, and name it.")
    ] = False,
) -> int:
    """Say the call of a constructor in the other API: PyTorch's or MindSpore's."""
    print(translate(call, to, lossy=lossy))
    return 0
