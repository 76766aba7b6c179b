"""The expression networks: residual nets on a grey face of 48x48 pixels, plain ones and ones that answer a face and its
mirror image alike.

Large plain 3x3 convolutions run in tract near the speed of the best runtimes, small depthwise ones four times
slower; so there are no depthwise ones here. Half of the picture's pixels are given up early (by the maximum of two
by two), because the layers at full size cost most and hold least.
"""

import torch
from torch import nn
from torch.nn import functional as F

from lite import Lite

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

    halves = 1  # into so many the channels of a layer fall; each sees the picture in its own way

    @staticmethod
    def first(after):
        return nn.Conv2d(1, after, 3, 1, 1, bias=False)

    @staticmethod
    def block(before, after, shrinks):
        return Block(before, after, 2 if shrinks else 1)

    def __init__(self, stem=32, widths=(64, 128, 256), depths=(1, 2, 2), dropout=0.2):
        super().__init__()
        self.stem, self.stem_norm = self.first(stem), nn.BatchNorm2d(stem // self.halves)
        layers, before = [], stem
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for i in range(depth):
                layers.append(self.block(before, width, i == 0 and stage > 0))
                before = width
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(before // self.halves, EXPRESSIONS)

    def standardised(self, x):
        """Each face at mean 0 and deviation 1: light and contrast are not expression."""
        x = x - x.mean((2, 3), keepdim=True)
        return x / ((x * x).mean((2, 3), keepdim=True) + 1.0).sqrt()

    def forward(self, x):
        x = F.relu(self.stem_norm(self.stem(self.standardised(x))))
        x = self.layers(F.max_pool2d(x, 2))
        return self.head(self.dropout(x.mean((2, 3))))


def folded(x):
    """`(n, 2c, h, w)` -> `(n, c, h, 2w)`: the two halves of the channels side by side, as if they were one picture; what
    knows no place (norms, gates, means) then treats both alike. Channels-last, nothing is copied."""
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).reshape(n, h, 2 * w, c // 2).permute(0, 3, 1, 2)


def unfolded(x):
    """The inverse."""
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).reshape(n, h, w // 2, 2 * c).permute(0, 3, 1, 2)


class EvenConv(nn.Module):
    """A 3x3 or 1x1 convolution whose second half of channels sees the mirrored picture as the first half sees the
    picture: group convolution (Cohen and Welling 2016) for the mirror. Half of its weights are free."""

    def __init__(self, before, after, side=3):
        super().__init__()
        self.weight, self.side = nn.Conv2d(before, after // 2, side, bias=False).weight, side

    def whole(self):
        """The weights of the plain convolution that does the same. A picture has no halves to be exchanged."""
        theirs = self.weight if self.weight.shape[1] == 1 else torch.cat(self.weight.chunk(2, 1)[::-1], 1)
        return torch.cat([self.weight, theirs.flip(3)])

    def forward(self, x):
        return F.conv2d(x, self.whole(), padding=self.side // 2)


class EvenBlock(nn.Module):
    """As `Block`, but even. It shrinks by pools: a stride would not see the same pixels in the mirror."""

    def __init__(self, before, after, shrinks):
        super().__init__()
        self.first, self.first_norm = EvenConv(before, after), nn.BatchNorm2d(after // 2)
        self.second, self.second_norm = EvenConv(after, after), nn.BatchNorm2d(after // 2)
        self.gate = Gate(after // 2, part=4)
        self.shrinks = shrinks
        self.same = before == after and not shrinks
        if not self.same:
            self.other, self.other_norm = EvenConv(before, after, 1), nn.BatchNorm2d(after // 2)

    def forward(self, x):
        y = F.max_pool2d(x, 2) if self.shrinks else x
        rest = folded(F.avg_pool2d(x, 2) if self.shrinks else x)
        y = unfolded(F.relu(self.first_norm(folded(self.first(y)))))
        y = self.gate(self.second_norm(folded(self.second(y))))
        if not self.same:
            rest = self.other_norm(folded(self.other(unfolded(rest))))
        return unfolded(F.relu(y + rest))


class EvenNet(Net):
    """Answers a face and its mirror image alike, and costs what a plain net of the same widths costs."""

    halves = 2

    @staticmethod
    def first(after):
        return EvenConv(1, after)

    @staticmethod
    def block(before, after, shrinks):
        return EvenBlock(before, after, shrinks)

    def forward(self, x):
        x = unfolded(F.relu(self.stem_norm(folded(self.stem(self.standardised(x))))))
        x = self.layers(F.max_pool2d(x, 2))
        return self.head(self.dropout(folded(x).mean((2, 3))))


SIZES = {
    # 2.7 million parameters, 5.5 MB.
    "student": dict(stem=32, widths=(64, 128, 256), depths=(1, 2, 2)),
    # Teachers for a graphics card.
    "even-teacher": dict(stem=64, widths=(128, 256, 512), depths=(2, 3, 3), dropout=0.4),
    "lite": dict(dropout=0.3),
    # Half of their weights are free. "even-slim" is what is shipped, "even" what was before; the deeper ones are too large a file.
    "even-slim": dict(stem=32, widths=(48, 96, 256), depths=(1, 2, 2)),
    "even": dict(stem=32, widths=(64, 128, 256), depths=(1, 2, 2)),
    "even-deep": dict(stem=32, widths=(64, 128, 256), depths=(1, 2, 3)),
    "even-deeper": dict(stem=32, widths=(64, 128, 256), depths=(1, 3, 3)),
    # What the student was chosen from: README.md, "Why this shape".
    "deep": dict(stem=32, widths=(64, 128, 256), depths=(2, 2, 2)),
    "slim": dict(stem=32, widths=(48, 96, 256), depths=(2, 2, 2)),
    "middle": dict(stem=24, widths=(48, 112, 256), depths=(1, 2, 2)),
    "top-heavy": dict(stem=32, widths=(64, 128, 256), depths=(1, 2, 3)),
    "shallow": dict(stem=32, widths=(64, 128, 320), depths=(1, 1, 1)),
    "small": dict(stem=24, widths=(48, 96, 192), depths=(2, 2, 2)),
}


def network(size):
    if size == "lite":
        return Lite(EXPRESSIONS, **SIZES[size])
    return (EvenNet if size.startswith("even") else Net)(**SIZES[size])


def learnt(path, device="cpu"):
    """The network of a network.pt, to be asked."""
    kept = torch.load(path, map_location=device)
    net = network(kept["size"]).to(device)
    net.load_state_dict(kept["mean"])
    return net.eval()
