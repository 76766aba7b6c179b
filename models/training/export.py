"""A trained network -> ONNX, node by node: norms folded into the convolutions, weights kept in half precision.

The file's weights are float16 and a Cast beside each makes them float32, which a runtime does once while loading: half
the size, the same speed. Written by hand instead of traced, so that the graph holds nothing that tract has to guess at.
"""

import argparse
import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from network import EXPRESSIONS, SIDE, EvenBlock, EvenConv, learnt, network


class Graph:
    """Nodes and weights as they are added; every method gives the name of what it made."""

    def __init__(self, half=True):
        self.nodes, self.weights, self.half = [], [], half

    def node(self, kind, *inputs, **attributes):
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value, kind):
        name = f"constant_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def weight(self, tensor):
        value = tensor.detach().numpy()
        if not self.half:
            return self.constant(value, np.float32)
        return self.node("Cast", self.constant(value, np.float16), to=TensorProto.FLOAT)

    def conv(self, x, conv, norm):
        """A convolution without a bias, and the batch norm after it, as one convolution."""
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        bias = norm.bias - norm.running_mean * scale
        weight = conv.weight
        if isinstance(conv, EvenConv):
            # Both halves are written out. From one the other could be made while loading, and the file be half as
            # large; but that takes the worker's time and memory, at each look.
            weight, scale, bias = conv.whole(), scale.repeat(2), bias.repeat(2)
        weight = self.weight(weight * scale[:, None, None, None])
        side, stride = conv.weight.shape[3], getattr(conv, "stride", [1])[0]
        return self.node(
            "Conv", x, weight, self.weight(bias), kernel_shape=[side] * 2, pads=[side // 2] * 4, strides=[stride] * 2
        )

    def linear(self, x, linear, inputs=1, outputs=1):
        """`inputs`, `outputs`: so many copies of each; of the inputs the mean is taken."""
        weight = linear.weight.repeat(outputs, inputs) / inputs
        return self.node("Gemm", x, self.weight(weight), self.weight(linear.bias.repeat(outputs)), transB=1)

    def mean(self, x, keep):
        return self.node("ReduceMean", x, axes=[2, 3], keepdims=int(keep))

    def standardised(self, x):
        x = self.node("Sub", x, self.mean(x, True))
        spread = self.node("Add", self.mean(self.node("Mul", x, x), True), self.constant(1.0, np.float32))
        return self.node("Div", x, self.node("Sqrt", spread))

    def gate(self, x, gate, halves):
        g = self.node("Relu", self.linear(self.mean(x, False), gate.down, inputs=halves))
        g = self.node("Sigmoid", self.linear(g, gate.up, outputs=halves))
        shape = self.constant([1, gate.up.out_features * halves, 1, 1], np.int64)
        return self.node("Mul", x, self.node("Reshape", g, shape))

    def pool(self, kind, x):
        return self.node(kind, x, kernel_shape=[2, 2], strides=[2, 2])

    def block(self, x, block):
        y, rest = x, x
        if isinstance(block, EvenBlock):
            halves = 2
            if block.shrinks:
                y, rest = self.pool("MaxPool", x), self.pool("AveragePool", x)
        else:
            halves = 1
            if not block.same and isinstance(block.shrink, torch.nn.AvgPool2d):
                rest = self.pool("AveragePool", x)
        y = self.node("Relu", self.conv(y, block.first, block.first_norm))
        y = self.gate(self.conv(y, block.second, block.second_norm), block.gate, halves)
        if not block.same:
            rest = self.conv(rest, block.other, block.other_norm)
        return self.node("Relu", self.node("Add", y, rest))


def exported(net, half=True):
    """The ONNX model: `1 x 1 x 48 x 48` of grey 0..=255 -> `1 x 7` probabilities."""
    net = net.float().eval()
    graph = Graph(half)
    x = graph.standardised("face")
    x = graph.node("Relu", graph.conv(x, net.stem, net.stem_norm))
    x = graph.pool("MaxPool", x)
    for block in net.layers:
        x = graph.block(x, block)
    x = graph.node("Softmax", graph.linear(graph.mean(x, False), net.head, inputs=net.halves), axis=1)
    graph.nodes[-1].output[0] = "expressions"
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    made = helper.make_graph(
        graph.nodes,
        "expression",
        [value("face", [1, 1, SIDE, SIDE])],
        [value("expressions", [1, EXPRESSIONS])],
        graph.weights,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="moodlark")
    onnx.checker.check_model(model)
    return model


def differs_by(model, net, faces):
    """The largest difference in probability between onnxruntime's answers and the network's."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = torch.from_numpy(faces).float()[:, None]
    with torch.no_grad():
        theirs = torch.softmax(net.float().eval()(x), 1).numpy()
    ours = np.concatenate([session.run(None, {"face": x[i : i + 1].numpy()})[0] for i in range(len(x))])
    return float(np.abs(ours - theirs).max())


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("checkpoint", help="what train.py left, or with --untrained the name of a size")
    arguments.add_argument("onnx", type=pathlib.Path, help="the file to write")
    arguments.add_argument("--untrained", action="store_true", help="random weights, to measure what a size costs")
    options = arguments.parse_args()
    if options.untrained:
        net = network(options.checkpoint)
    else:
        net = learnt(options.checkpoint)
    model = exported(net)
    faces = np.random.default_rng(0).integers(0, 256, (20, SIDE, SIDE), np.uint8)
    away = differs_by(model, net, faces)
    if away > 0.01:
        raise SystemExit(f"the exported network answers differently, by up to {away}")
    onnx.save(model, options.onnx)
    print(f"{options.onnx}: {options.onnx.stat().st_size:,} bytes, within {away:.1e} of the network")


if __name__ == "__main__":
    main()
