"""The addresses of the documents that rules are founded on."""

from collections.abc import Mapping

TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html"
MINDSPORE = "https://www.mindspore.cn/docs/en/master/api_python/nn/mindspore.nn.BatchNorm2d.html"
MINDSPORE_SYNC = (
    "https://www.mindspore.cn/docs/en/master/api_python/nn/mindspore.nn.SyncBatchNorm.html"
)
MINDSPORE_CELL = "https://www.mindspore.cn/docs/en/master/api_python/nn/mindspore.nn.Cell.html"
KERAS = "https://keras.io/api/layers/normalization_layers/batch_normalization/"
SAVING = "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html"
DIFFERENCES = (
    "https://gitee.com/mindspore/docs/blob/master/docs/mindspore/source_en/note/api_mapping/"
    "pytorch_diff/BatchNorm2d.md"
)

#: What people call the frameworks.
CALLED: Mapping[str, str] = {
    "torch": "PyTorch",
    "mindspore": "MindSpore",
    "keras": "Keras",
    "flax": "Flax",
    "equinox": "Equinox",
    "haiku": "Haiku",
    "paddle": "Paddle",
    "mxnet": "MXNet",
    "mlx": "MLX",
    "tinygrad": "tinygrad",
}
