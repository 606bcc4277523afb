"""A layer of one API said in the other: its constructor's call, its mode and its state."""

from typing import overload

from bnparity.backends import UsageError
from bnparity.porting.translation.layer import Layer
from bnparity.porting.translation.signatures import api_called
from bnparity.porting.translation.source import parse_call, write_call
from bnparity.porting.translation.translated import Obstacle, Untranslatable, translated

__all__ = ["Layer", "Obstacle", "Untranslatable", "translate"]


@overload
def translate(what: str, to: str, *, lossy: bool = False) -> str: ...
@overload
def translate(what: Layer, to: str, *, lossy: bool = False) -> Layer: ...
def translate(what: str | Layer, to: str, *, lossy: bool = False) -> str | Layer:
    """Translate a BatchNorm layer from the API of PyTorch to that of MindSpore, or back.

    There and back is the identity wherever nothing was lost: for a `Layer` to the bit, for source
    up to how it is laid out and which defaults it spells out.

    Parameters
    ----------
    what
        The call of a constructor as source, or a `Layer` with mode and state. Source that says
        ``nn.BatchNorm2d`` without ``torch`` or ``mindspore`` is of the API other than `to`.
    to
        ``"torch"`` or ``"mindspore"``.
    lossy
        Translate also what loses something, and name it: in comments after the call, or in
        ``losses`` of the layer.

    Returns
    -------
    str or Layer
        As `what`. The comments and ``notes`` say what the call alone does not: the mode.

    Raises
    ------
    Untranslatable
        With every reason, if `to` has no such layer, or only with a loss while `lossy` is false.
    UsageError
        If `what` is no layer to begin with, or of the API `to` already.

    Examples
    --------
    >>> print(translate("torch.nn.BatchNorm2d(64, momentum=0.2)", to="mindspore"))
    mindspore.nn.BatchNorm2d(64, momentum=0.8)
    # note: a new layer of mindspore's infers until set_train(), one of torch's trains at once
    >>> layer = Layer(api="torch", kind="BatchNorm1d", arguments={"num_features": 4}, training=True)
    >>> translate(layer, to="mindspore").training
    True
    """
    api = api_called(to)
    if isinstance(what, Layer):
        return translated(what, api, lossy=lossy)
    if not isinstance(what, str):
        raise UsageError(f"{what!r} is of type {type(what).__name__}: give source or a Layer")
    prefix, layer = parse_call(what, api)
    prefix = f"{api}.nn." if prefix.endswith(".nn.") else prefix
    return write_call(prefix, translated(layer, api, lossy=lossy))
