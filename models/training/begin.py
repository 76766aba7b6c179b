"""A network that export.py wrote -> a network.pt to go on training from: its norms are found anew from the training split.

In the file each norm is folded into its convolution. Taken apart again, a norm gets the mean and the deviation that the
convolution's output has on the faces as they are, and the scale and bias that leave the answers what they were.
"""

import argparse
import pathlib

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from export import differs_by
from fer import faces
from network import EvenBlock, EvenConv, network

CALIBRATED_ON = 2048  # faces


class Weights:
    """The file's weights in the order in which export.py writes them."""

    def __init__(self, path):
        self.model = onnx.load(path)
        kept = {w.name: numpy_helper.to_array(w) for w in self.model.graph.initializer}
        cast = {n.output[0]: n.input[0] for n in self.model.graph.node if n.op_type == "Cast"}
        arrays = [
            kept[cast.get(name, name)].astype(np.float32)
            for n in self.model.graph.node
            if n.op_type in ("Conv", "Gemm")
            for name in n.input[1:]
        ]
        self.left = [torch.from_numpy(a.copy()) for a in arrays]

    def next(self):
        return self.left.pop(0)

    @torch.no_grad()
    def conv(self, conv, norm):
        weight, bias = self.next(), self.next()
        if isinstance(conv, EvenConv):
            weight, bias = weight.chunk(2)[0], bias.chunk(2)[0]
        conv.weight.copy_(weight)
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)
        norm.weight.fill_(1)
        norm.bias.copy_(bias)

    @torch.no_grad()
    def linear(self, linear, inputs=1, outputs=1):
        weight, bias = self.next(), self.next()
        linear.weight.copy_(weight.chunk(outputs)[0].chunk(inputs, 1)[0] * inputs)
        linear.bias.copy_(bias.chunk(outputs)[0])


def read(path, size):
    """The network of a file, its norms still folded."""
    net, weights = network(size).eval(), Weights(path)
    weights.conv(net.stem, net.stem_norm)
    for block in net.layers:
        halves = 2 if isinstance(block, EvenBlock) else 1
        weights.conv(block.first, block.first_norm)
        weights.conv(block.second, block.second_norm)
        weights.linear(block.gate.down, inputs=halves)
        weights.linear(block.gate.up, outputs=halves)
        if not block.same:
            weights.conv(block.other, block.other_norm)
    weights.linear(net.head, inputs=net.halves)
    if weights.left:
        raise SystemExit(f"{path} has {len(weights.left)} weights more than `{size}`")
    return net, weights.model


@torch.no_grad()
def unfolded_norms(net, pictures):
    """Gives each norm the statistics of what it sees."""
    seen = {}
    note = lambda norm, given: seen.setdefault(norm, []).append(
        (given[0].mean((0, 2, 3)), given[0].pow(2).mean((0, 2, 3)))
    )
    hooks = [m.register_forward_pre_hook(note) for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for batch in pictures.split(256):
        net(batch)
    for hook in hooks:
        hook.remove()
    for norm, parts in seen.items():
        mean, square = (torch.stack([p[i] for p in parts]).mean(0) for i in (0, 1))
        spread = square - mean**2
        norm.bias.add_(mean)
        norm.weight.copy_((spread + norm.eps).sqrt())
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(spread)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="the folder with the faces, as fer.py reads it")
    parser.add_argument("onnx", type=pathlib.Path)
    parser.add_argument("network", type=pathlib.Path, help="the network.pt to write")
    parser.add_argument("--size", default="even-slim")
    options = parser.parse_args()
    net, model = read(options.onnx, options.size)
    chosen = np.random.default_rng(0).permutation(len(faces(options.data, "train")))[:CALIBRATED_ON]
    pictures = faces(options.data, "train").pictures[np.sort(chosen)]
    unfolded_norms(net, torch.from_numpy(pictures)[:, None].float())
    away = differs_by(model, net, pictures[:50])
    if away > 0.01:
        raise SystemExit(f"the network answers differently from {options.onnx}, by up to {away}")
    options.network.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"mean": net.state_dict(), "size": options.size}, options.network)
    print(f"{options.network}: within {away:.1e} of {options.onnx}")


if __name__ == "__main__":
    main()
