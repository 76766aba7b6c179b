"""The expression networks: plain residual nets on a grey face of 48x48 pixels.

Large plain 3x3 convolutions run in tract near the speed of the best runtimes, small depthwise ones four times
slower; so there are no depthwise ones here. Half of the picture's pixels are given up early (by the maximum of two
by two), because the layers at full size cost most and hold least.
"""

import torch
from torch import nn
from torch.nn import functional as F

SIDE = 48
EXPRESSIONS = 7


class Gate(nn.Module):
    """Squeeze and excitation (Hu et al. 2018): each channel weighed by what the whole picture shows."""

    def __init__(self, channels, part=8):
        super().__init__()
        self.down = nn.Linear(channels, channels // part)
        self.up = nn.Linear(channels // part, channels)

    def forward(self, x):
        g = torch.sigmoid(self.up(F.relu(self.down(x.mean((2, 3))))))
        return x * g[:, :, None, None]


class Block(nn.Module):
    """Two 3x3 convolutions and the gate, around which the input goes on (He et al. 2016)."""

    def __init__(self, before, after, stride=1):
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(after)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(after)
        self.gate = Gate(after)
        self.same = before == after and stride == 1
        if not self.same:
            self.other = nn.Conv2d(before, after, 1, 1, 0, bias=False)
            self.other_norm = nn.BatchNorm2d(after)
            self.shrink = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        y = F.relu(self.first_norm(self.first(x)))
        y = self.gate(self.second_norm(self.second(y)))
        rest = x if self.same else self.other_norm(self.other(self.shrink(x)))
        return F.relu(y + rest)


class Net(nn.Module):
    """`(n, 1, 48, 48)` of grey 0..=255 -> `(n, 7)` logits in FER2013's order."""

    def __init__(self, stem=32, widths=(64, 128, 256), depths=(1, 2, 2), dropout=0.2):
        super().__init__()
        self.stem = nn.Conv2d(1, stem, 3, 1, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(stem)
        layers, before = [], stem
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for i in range(depth):
                layers.append(Block(before, width, 2 if i == 0 and stage > 0 else 1))
                before = width
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(before, EXPRESSIONS)

    def standardised(self, x):
        """Each face at mean 0 and deviation 1: light and contrast are not expression."""
        x = x - x.mean((2, 3), keepdim=True)
        return x / ((x * x).mean((2, 3), keepdim=True) + 1.0).sqrt()

    def forward(self, x):
        x = F.relu(self.stem_norm(self.stem(self.standardised(x))))
        x = self.layers(F.max_pool2d(x, 2))
        return self.head(self.dropout(x.mean((2, 3))))


SIZES = {
    # 2.7 million parameters, 5.5 MB, about 4 ms in tract.
    "student": dict(stem=32, widths=(64, 128, 256), depths=(1, 2, 2)),
    "teacher": dict(stem=64, widths=(96, 192, 384), depths=(2, 3, 3), dropout=0.4),
    # What the student was chosen from: README.md, "Why this shape".
    "deep": dict(stem=32, widths=(64, 128, 256), depths=(2, 2, 2)),
    "slim": dict(stem=32, widths=(48, 96, 256), depths=(2, 2, 2)),
    "middle": dict(stem=24, widths=(48, 112, 256), depths=(1, 2, 2)),
    "top-heavy": dict(stem=32, widths=(64, 128, 256), depths=(1, 2, 3)),
    "shallow": dict(stem=32, widths=(64, 128, 320), depths=(1, 1, 1)),
    "small": dict(stem=24, widths=(48, 96, 192), depths=(2, 2, 2)),
}


def network(size):
    return Net(**SIZES[size])
