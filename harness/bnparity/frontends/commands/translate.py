"""`bnparity translate`: the call of a layer's constructor in the other API."""

from typing import Annotated

from typer import Argument, Option

from bnparity.frontends.commands import options
from bnparity.frontends.commands.ended import ACCEPTABLE
from bnparity.frontends.commands.output import put
from bnparity.frontends.commands.parsing import STDOUT, writable
from bnparity.porting import translate
from bnparity.results import dump


def translate_command(
    call: Annotated[str, Argument(help='Source, as "torch.nn.BatchNorm2d(64, momentum=0.2)".')],
    *,
    to: Annotated[str, Option(help="torch or mindspore.")],
    lossy: Annotated[
        bool, Option("--lossy", help="Go on where something is lost, and name it.")
    ] = False,
    json: options.OnlyJson = None,
) -> int:
    """Translate the call of a layer's constructor to the other API, PyTorch's or MindSpore's."""
    writable(json)
    source = translate(call, to, lossy=lossy)
    if json != STDOUT:
        print(source)
    if json is not None:
        translated, *comments = source.splitlines()
        said = [comment.removeprefix("# ") for comment in comments]
        put(json, dump({"call": call, "to": to, "translated": translated, "comments": said}))
    return ACCEPTABLE
