"""What a webcam and a detector do to a face, at random, a batch at a time.

Every function takes and gives `(n, 1, side, side)` of grey 0..=255 on any device. The ranges are wider than what
the detectors were seen to err by (box centre +-6 %, box side +-12 %, roll +-15 degrees at a desk), because a face turned
away is not in FER2013 often enough.
"""

import math

import torch
from torch.nn import functional as F


def uniform(n, low, high, device):
    return torch.rand(n, device=device) * (high - low) + low


def some(n, share, device):
    """True for that share of the batch, shaped to choose whole pictures."""
    return (torch.rand(n, device=device) < share)[:, None, None, None]


def moved(x, side, strength=1.0):
    """Roll, scale, stretch, shift, mirror: one resampling for all of them, to `side` pixels."""
    n, device = len(x), x.device
    roll = torch.randn(n, device=device).clamp(-2.5, 2.5) * (10.0 * strength * math.pi / 180)
    scale = torch.exp(uniform(n, -0.2, 0.22, device) * strength)
    stretch = torch.exp(uniform(n, -0.08, 0.08, device) * strength)
    mirror = torch.where(torch.rand(n, device=device) < 0.5, -1.0, 1.0)
    shift = lambda: uniform(n, -0.2, 0.2, device) * strength
    cos, sin = torch.cos(roll) * scale, torch.sin(roll) * scale
    across = torch.stack([cos * stretch * mirror, -sin * stretch, shift()], 1)
    down = torch.stack([sin * mirror / stretch, cos / stretch, shift()], 1)
    grid = F.affine_grid(torch.stack([across, down], 1), (n, 1, side, side), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def lit(x):
    """Gamma, contrast, brightness and light from one side; what is too dark or too bright is lost."""
    n, device = len(x), x.device
    gamma = torch.exp(torch.randn(n, device=device) * 0.35)[:, None, None, None]
    x = 255 * (x / 255).clamp(1e-3, 1) ** gamma
    turn = uniform(n, 0, 2 * math.pi, device)
    line = torch.linspace(-1, 1, x.shape[-1], device=device)
    ramp = torch.cos(turn)[:, None, None] * line[None, None, :] + torch.sin(turn)[:, None, None] * line[None, :, None]
    depth = (uniform(n, 0, 0.6, device) * (torch.rand(n, device=device) < 0.4))[:, None, None]
    x = x * (1 + depth * ramp)[:, None]
    contrast = torch.where(torch.rand(n, device=device) < 0.3, uniform(n, 0.25, 1.0, device), torch.ones(n, device=device))
    room = 255 * (1 - contrast) * torch.rand(n, device=device)
    return (x * contrast[:, None, None, None] + room[:, None, None, None]).clamp(0, 255)


def blurred(x):
    """Out of focus and moving: a Gaussian of its own width along each axis."""
    n, device = len(x), x.device
    reach = torch.arange(-4, 5, device=device)
    for axis in (2, 3):
        sigma = uniform(n, 0.3, 1.6, device)
        kernel = torch.exp(-(reach**2) / (2 * sigma[:, None] ** 2))
        kernel = kernel / kernel.sum(1, keepdim=True)
        shape = (n, 1, 9, 1) if axis == 2 else (n, 1, 1, 9)
        edge = (0, 0, 4, 4) if axis == 2 else (4, 4, 0, 0)
        y = F.conv2d(F.pad(x.transpose(0, 1), edge, mode="replicate"), kernel.reshape(shape), groups=n)
        x = y.transpose(0, 1)
    return x


def coarse(x):
    """A face of few pixels, made big again."""
    side = x.shape[-1]
    small = int(torch.randint(side * 5 // 12, side * 5 // 6, (1,)))
    y = F.interpolate(x, size=(small, small), mode="bilinear", antialias=True)
    return F.interpolate(y, size=(side, side), mode="bilinear")


def noisy(x):
    """Gain noise: even, and growing with the light; sometimes coarser than a pixel."""
    n, device = len(x), x.device
    strength = uniform(n, 2, 15, device)[:, None, None, None]
    noise = torch.randn_like(x)
    soft = F.avg_pool2d(F.pad(noise, (1, 1, 1, 1), mode="replicate"), 3, 1) * 2
    noise = torch.where(some(n, 0.4, device), soft, noise)
    return x + noise * strength * (0.5 + x / 255)


def _cosines(device):
    k = torch.arange(8, device=device)
    matrix = torch.cos(math.pi * (2 * k[None] + 1) * k[:, None] / 16) / 2
    matrix[0] /= math.sqrt(2)
    return matrix


# Table K.1 of ITU-T T.81: the brightness quantisation that nearly every encoder scales.
_TABLE = [
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
]  # fmt: skip


def jpeg(x):
    """JPEG's blocks and quantisation, without its lossless half. The side must be a multiple of 8."""
    n, _, side, _ = x.shape
    device, cosines = x.device, _cosines(x.device)
    blocks = (x - 128).reshape(n, side // 8, 8, side // 8, 8).transpose(2, 3)
    table = torch.tensor(_TABLE, dtype=x.dtype, device=device)
    step = table * torch.exp(uniform(n, -2.0, 0.7, device))[:, None, None, None, None]
    y = cosines @ blocks @ cosines.T
    y = torch.round(y / step) * step
    y = cosines.T @ y @ cosines
    return y.transpose(2, 3).reshape(n, 1, side, side) + 128


def glare(x):
    """The window in a pair of glasses: a bright patch over either eye or both."""
    n, device, side = len(x), x.device, x.shape[-1]
    line = (torch.arange(side, device=device) + 0.5) / side
    for middle in (0.32, 0.68):
        cx, cy = uniform(n, middle - 0.1, middle + 0.1, device), uniform(n, 0.28, 0.48, device)
        rx, ry = uniform(n, 0.04, 0.15, device), uniform(n, 0.03, 0.1, device)
        far = ((line[None] - cx[:, None]) / rx[:, None])[:, None, :] ** 2 + ((line[None] - cy[:, None]) / ry[:, None])[:, :, None] ** 2
        patch = torch.sigmoid((1 - far) * 4)[:, None] * some(n, 0.7, device)
        x = x + patch * uniform(n, 60, 255, device)[:, None, None, None]
    return x


def hidden(x):
    """A hand, hair, the frame's edge: a rectangle of one grey, or the picture cut off at a side."""
    n, device, side = len(x), x.device, x.shape[-1]
    place = torch.arange(side, device=device)
    size = lambda: uniform(n, 0.1, 0.45, device) * side
    low = lambda: uniform(n, -0.15, 0.9, device) * side
    x0, y0, w, h = low(), low(), size(), size()
    across = (place[None] >= x0[:, None]) & (place[None] < (x0 + w)[:, None])
    down = (place[None] >= y0[:, None]) & (place[None] < (y0 + h)[:, None])
    box = (across[:, None, :] & down[:, :, None])[:, None]
    grey = uniform(n, 0, 255, device)[:, None, None, None] + torch.randn_like(x) * uniform(n, 0, 30, device)[:, None, None, None]
    return torch.where(box, grey, x)


def augmented(x, side, strength=1.0):
    """All of it, each fault with its share of the pictures; `strength` 0..=1 is less of everything but mirroring."""
    n, device = len(x), x.device
    sometimes = lambda share: some(n, share * strength, device)
    x = moved(x, side, strength)
    x = torch.where(sometimes(0.25), blurred(x), x)
    x = torch.where(sometimes(0.1), coarse(x), x)
    x = torch.where(sometimes(0.08), glare(x), x)
    x = torch.where(sometimes(0.8), lit(x), x)
    x = torch.where(sometimes(0.25), noisy(x), x)
    x = torch.where(sometimes(0.15), jpeg(x.clamp(0, 255)), x)
    x = torch.where(sometimes(0.4), hidden(x), x)
    return x.clamp(0, 255)
