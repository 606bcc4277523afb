"""Mistakes of porting, planted in sources as people write them: each is found, and named."""

import textwrap
from pathlib import Path

import pytest
from linted import codes, linting

TORCH = "import torch\nfrom torch import nn\n"
KERAS = "from keras import layers\n"
MINDSPORE = "import mindspore as ms\nfrom mindspore import nn\n"

MISTAKES = {
    "momentum of Keras in torch": ("BN101", TORCH + "nn.BatchNorm2d(8, momentum=0.99)"),
    "momentum of torch in MindSpore": ("BN102", MINDSPORE + "nn.BatchNorm2d(8, momentum=0.1)"),
    "momentum of 0 for the average": ("BN103", TORCH + "nn.BatchNorm1d(8, momentum=0)"),
    "average over all batches": ("BN104", MINDSPORE + "nn.BatchNorm1d(8, momentum=None)"),
    "missing eps": ("BN110", TORCH + "nn.BatchNorm2d(8, momentum=0.01)"),
    "momentum by position": ("BN112", TORCH + "nn.BatchNorm2d(8, 0.9)"),
    "another framework's word": ("BN113", TORCH + "nn.BatchNorm2d(8, gamma_init='ones')"),
    "nothing tracked": (
        "BN120",
        TORCH + "net = nn.BatchNorm1d(8, track_running_stats=False)\nnet.eval()",
    ),
    "batch statistics in deployment": (
        "BN121",
        MINDSPORE + "nn.BatchNorm2d(8, use_batch_statistics=True)",
    ),
    "a layer that never trains": (
        "BN122",
        MINDSPORE + "net = nn.BatchNorm2d(8, use_batch_statistics=False)\nnet.set_train()",
    ),
    "no set_train": (
        "BN130",
        MINDSPORE
        + "net = nn.BatchNorm2d(8)\nstep = ms.value_and_grad(net)\nfor x in data:\n    step(x)",
    ),
    "training goes on in eval": (
        "BN131",
        TORCH + "for x in data:\n    net(x).sum().backward()\n    net.eval()\n    test(net)",
    ),
    "frozen by half": (
        "BN132",
        TORCH + "for m in net.modules():\n    if isinstance(m, nn.BatchNorm2d):\n"
        "        m.weight.requires_grad = False",
    ),
    "ranks that are refused": (
        "BN140",
        MINDSPORE + "nn.SequentialCell([nn.Conv3d(3, 8, 3), nn.SyncBatchNorm(8)])",
    ),
    "channels last in torch": (
        "BN150",
        TORCH + "bn = nn.BatchNorm2d(8)\ny = x.permute(0, 2, 3, 1)\nbn(y)",
    ),
    "channels first in Keras": (
        "BN151",
        KERAS + "layers.Conv2D(8, 3, data_format='channels_first')\nlayers.BatchNormalization()",
    ),
    "swapped mean and variance": ("BN160", 'NAMES = {"moving_mean": "running_var"}'),
    "swapped arguments": (
        "BN160",
        "import torch.nn.functional as F\nF.batch_norm(x, self.running_var, running_var)",
    ),
    "lost running statistics": ("BN161", TORCH + "torch.save(dict(net.named_parameters()), f)"),
    "statistics filtered out": (
        "BN161",
        'kept = {k: v for k, v in state.items() if "running_mean" not in k}',
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_planted_mistake_is_named(mistake: str, tmp_path: Path) -> None:
    """It has its code, and nothing else is said of the source."""
    code, source = MISTAKES[mistake]
    assert codes(source, tmp_path) == [code]


def test_eps_and_momentum_of_the_original_are_asked_for(tmp_path: Path) -> None:
    """Who says where a model comes from learns which defaults differ."""
    source = TORCH + "nn.BatchNorm2d(8)"
    assert codes(source, tmp_path, linting(ported_from="keras")) == ["BN110", "BN111"]
    assert codes(source, tmp_path, linting(ported_from="mindspore")) == []


RIGHT = {
    "each in its own meaning": TORCH + "import mindspore.nn as msnn\nnn.BatchNorm2d(8, 1e-5, 0.1)\n"
    "msnn.BatchNorm2d(8, 1e-5, 0.9)",
    "one name for two frameworks": """
        def one():
            from torch import nn
            return nn.BatchNorm2d(8, momentum=0.1)
        def other():
            from mindspore import nn
            return nn.BatchNorm2d(8, momentum=0.9)
    """,
    "either framework": """
        try:
            from torch import nn
        except ImportError:
            from mindspore import nn
        nn.BatchNorm2d(8, momentum=0.9)
    """,
    "nobody's nn": "nn.BatchNorm2d(8, momentum=0.9)",
    "a parameter of that name": TORCH + "def made(nn): return nn.BatchNorm2d(8, momentum=0.9)",
    "a momentum of no use": "import torch.nn.functional as F\n"
    "F.batch_norm(x, None, None, training=True, momentum=0.)",
    "a momentum in inference": "import torch.nn.functional as F\n"
    "F.batch_norm(x, self.running_mean, self.running_var, None, None, False, 0.0)",
    "eps that a partial gets later": TORCH + "from functools import partial\n"
    "partial(nn.BatchNorm2d, momentum=0.01)",
    "frozen whole": TORCH + "for m in net.modules():\n    if isinstance(m, nn.BatchNorm2d):\n"
    "        m.eval()\n        m.weight.requires_grad = False",
    "channels last and back": TORCH + "bn = nn.BatchNorm2d(8)\nx = x.permute(0, 2, 3, 1)\n"
    "x = x.permute(0, 3, 1, 2)\nbn(x)",
    "a network that is set to train": MINDSPORE + "net.set_train()\nstep = ms.value_and_grad(net)\n"
    "for x in data:\n    step(x)\nnn.BatchNorm2d(8)",
    "another class with a layer of that name": TORCH + "class B(nn.Module):\n"
    "    def __init__(self):\n        self.conv = Own(3, 8)\n        self.bn = nn.BatchNorm3d(8)\n"
    "    def forward(self, x):\n        return self.bn(self.conv(x))\n"
    "class C(nn.Module):\n    def __init__(self):\n        self.conv = nn.Conv2d(3, 8, 3)",
    "a layer of either rank": TORCH + "conv = nn.Conv3d(3, 8, 3)\nif flat:\n"
    "    conv = nn.Conv2d(3, 8, 3)\nbn = nn.BatchNorm3d(8)\nbn(conv(x))",
    "names that agree": 'NAMES = {"moving_mean": "running_mean", "gamma": "weight"}\n'
    "bn.running_var.data.copy_(torch.tensor(state['moving_variance']))",
    "the shape of another": "self.var = torch.zeros_like(self.mean)\nself.running_var = of(mean)",
    "weight and bias of other things": 'PAIR = {"weight": "bias"}',
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_source_is_left_alone(case: str, tmp_path: Path) -> None:
    """What means what it says raises no alarm."""
    assert codes(textwrap.dedent(RIGHT[case]), tmp_path) == []


NAMED = {
    "alias of a class": "import torch.nn as tnn\nNorm = tnn.BatchNorm2d\nNorm(8, momentum=0.9)",
    "star": "from torch.nn import *\nBatchNorm2d(8, momentum=0.9)",
    "subclass": "import torch\nclass Own(torch.nn.BatchNorm2d): pass\nOwn(8, momentum=0.9)",
    "constructor of a subclass": "from torch import nn\nclass Own(nn.BatchNorm2d):\n"
    "    def __init__(self, n):\n        super().__init__(n, momentum=0.9)",
    "partial": "from functools import partial\nfrom torch.nn import BatchNorm2d as B\n"
    "partial(B, momentum=0.9)",
    "by position": "import torch\ntorch.nn.BatchNorm3d(8, 1e-5, 0.9)",
    "a constant": "import torch\nM = 1 - 0.1\ntorch.nn.BatchNorm3d(8, momentum=M)",
    "inside a class": "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n"
    "        self.bn = nn.BatchNorm2d(8, momentum=0.9)",
    "where torch keeps it": "from torch.nn.modules.batchnorm import BatchNorm1d\n"
    "BatchNorm1d(8, momentum=0.9)",
    "the synchronised one": "from torch import nn\nnn.SyncBatchNorm(8, momentum=0.9)",
}


@pytest.mark.parametrize("way", NAMED)
def test_layer_is_known_by_what_is_imported(way: str, tmp_path: Path) -> None:
    """Aliases, subclasses, partials and constants are followed to the layer and the number."""
    assert codes(NAMED[way], tmp_path) == ["BN101"]
