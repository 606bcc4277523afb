"""What the pages say in the same words, by topic; a page that words a thing otherwise says so."""

from collections.abc import Mapping

from bnparity.porting.claims.values import INITIAL

SIGNATURE = "class {api}.nn.{kind}({documented})"
EXAMPLE = "the output of the code example"
RELATION = "momentum_pytorch = 1 - momentum_mindspore"
UPDATE = (
    "The parameter update strategy during training and inference is different from that of PyTorch."
)

#: Rows of parameters that are the same on both sides.
SAME: Mapping[str, str] = {
    "num_features": "num_features | num_features | - (no difference)",
    "eps": "eps=1e-05",
    "eps-range": "eps | eps | - (no difference)",
    "affine": "affine | affine | - (no difference)",
}


def rows(momentum: str, function: str, statistics: str) -> dict[str, str]:
    """Return the rows of parameters whose function is the same; momentum's is measured twice."""
    return {
        "momentum": momentum,
        "momentum-default": momentum,
        "momentum-function": f"momentum: {function}",
        "statistics": f"track_running_stats | use_batch_statistics | {statistics}",
    }


ROWS = rows(
    "The function is the same, but the default value in PyTorch is 0.1, and in MindSpore is 0.9, "
    "the conversion relationship with PyTorch's momentum is 1-momentum, and the default value "
    "behavior is the same as PyTorch",
    "The function is the same",
    "The function is the same, and different values correspond to different default methods.",
)


def initial(link: str) -> dict[str, str]:
    """Return the rows of MindSpore's initial values, `link` between what either API has."""
    return {
        name: f"{name}: PyTorch does not have this parameter, {link} MindSpore can initialize the "
        f"value of the parameter {name.removesuffix('_init')}"
        for name in INITIAL
    }


#: The rows of both mode tables and what is said of them; the mode that a new layer is in.
MODES: Mapping[str, str] = {
    "true-true": "training True, track_running_stats True: Expected training status. running_mean "
    "and running_var trace the statistical features of the batch in the entire training process. "
    "Each group of input data is normalized based on the mean and var statistical features of the "
    "current batch, and then running_mean and running_var are updated.",
    "true-false": "training True, track_running_stats False: Each group of input data is "
    "normalized based on the statistics feature of the current batch, but the running_mean and "
    "running_var parameters do not exist.",
    "false-true": "training False, track_running_stats True: Expected inference status. The BN "
    "uses running_mean and running_var for normalization and does not update them.",
    "false-false": "training False, track_running_stats False: The effect is the same as that of "
    "the second status.",
    "learning": "training False, track_running_stats False: this is the inference status and does "
    "not learn the weight and bias parameters.",
    "redundant": "Compared with torch.nn.{kind}, mindspore.nn.{kind} does not have two redundant "
    "states",
    "true": "use_batch_statistics True: Expected training status. moving_mean and moving_var trace "
    "the statistical features of the batch in the entire training process. Each group of input "
    "data is normalized based on the mean and var statistical features of the current batch, and "
    "then moving_mean and moving_var are updated.",
    "false": "use_batch_statistics False: Expected inference status. The BN uses moving_mean and "
    "moving_var for normalization and does not update them.",
    "none": "use_batch_statistics None: use_batch_statistics is automatically set. For training, "
    "set use_batch_statistics to True. For inference, set use_batch_statistics to False.",
    "two-states": "... and retains only the most commonly used training and inference states.",
    "starts": "In PyTorch, the network is in training mode by default, while in MindSpore, it is "
    "in inference mode by default (is_training is False).",
    "set_train": "You need to use the net.set_train() method in MindSpore to switch the network "
    "to training mode.",
    "statistics-named": "In this case, the parameters mean and variance are calculated during the "
    "training.",
    "checkpoint": "Otherwise, in inference mode, the parameters are loaded from the checkpoint.",
}


def translated(said: Mapping[str, str]) -> dict[str, str]:
    """Return what a page says in another language than English, marked as such."""
    return {topic: f"{text} (translated)" for topic, text in said.items()}
