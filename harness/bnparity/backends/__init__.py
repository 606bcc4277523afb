"""Who is asked: the contract of a call, backends by name, and the processes that they run in.

The room at the bottom. It is imported in the interpreter of every backend, so at import time it
needs NumPy (1 or 2) and the standard library alone, and it imports no other room.
"""

from bnparity.backends.adapters import KINDS, in_brackets
from bnparity.backends.call import (
    ARGUMENTS,
    BY_STATISTICS,
    OPTIONAL,
    OUTPUT_LIKE,
    Array,
    Arrays,
    Ask,
    Call,
    Fault,
    Outputs,
    Reply,
    Settings,
    asked_for,
    checked,
    read_only,
    takes_call,
)
from bnparity.backends.environments import (
    interpreter_in,
    interpreter_of,
    made_environments,
    remove_environment,
)
from bnparity.backends.errors import UsageError, did_you_mean, not_imported
from bnparity.backends.formats import FORMATS, TFLOAT32, Format, format_of
from bnparity.backends.installing import Tell
from bnparity.backends.layer_api import CLASS_OF_RANK, decoded, plain
from bnparity.backends.load import dialect_text, load_target
from bnparity.backends.making import create_environment
from bnparity.backends.masks import MASKS
from bnparity.backends.names import BUILT_IN, DEFAULT, Name, listed, of_distributions, parse
from bnparity.backends.npy import npy_header
from bnparity.backends.open import (
    DEFAULT_LIMITS,
    Capabilities,
    Opened,
    capabilities_in,
    opened,
    opened_here,
)
from bnparity.backends.raised import (
    describe,
    frame_in_words,
    frames_of_exception,
    is_of_program,
    is_own,
)
from bnparity.backends.remote_layer import Layer, LayerError, Remote, input_name, make, signature
from bnparity.backends.returned import kind_of
from bnparity.backends.scripts import output_of
from bnparity.backends.sources import digest_of
from bnparity.backends.tensors import array_of, tensor_of, without_cuda
from bnparity.backends.trace import UNWATCHED
from bnparity.backends.worker.client import name_of_signal
from bnparity.backends.worker.limits import LATE, LONGER, Limits
from bnparity.backends.worker.serve import limit_memory
from bnparity.backends.worker.wire import lead, reach
