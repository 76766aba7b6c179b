"""human_emotion.onnx from npm `@vladmandic/human`: a TensorFlow.js graph.  python human_emotion.py [--write]

The graph has nine kinds of nodes, and newer TensorFlow refuses to import it; so it is translated node by node, and compared
with the same graph run by TensorFlow's own operations.
"""
import base64, json

import numpy as np
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper

import common

text, data = common.from_npm("@vladmandic/human@3.3.6", ["models/emotion.json", "models/emotion.bin"], "927ac822")
graph = json.loads(text)
weights, at = {}, 0
for entry in graph["weightsManifest"][0]["weights"]:
    size = int(np.prod(entry["shape"]))
    weights[entry["name"]] = np.frombuffer(data, entry["dtype"], size, at).reshape(entry["shape"])
    at += 4 * size
nodes = [n for n in graph["modelTopology"]["node"] if n["op"] != "Const"]


def strings(attribute):
    values = attribute.get("list", {}).get("s", []) if "list" in attribute else [attribute["s"]]
    return [base64.b64decode(v).decode() for v in values]


def ints(node, name):
    return [int(i) for i in node["attr"][name]["list"]["i"]][1:3]


def original(value):
    """The graph by TensorFlow's operations."""
    known = {**weights}
    for node in nodes:
        op, attr = node["op"], node.get("attr", {})
        x = [known[i] for i in node.get("input", [])]
        padding = strings(attr["padding"])[0] if "padding" in attr else None
        if op == "Placeholder":
            y = tf.constant(value.transpose(0, 2, 3, 1))
        elif op == "_FusedConv2D":
            y = tf.nn.conv2d(x[0], x[1], ints(node, "strides"), padding) + x[2]
            y = tf.nn.relu(y) if "Relu" in strings(attr["fused_ops"]) else y
        elif op == "DepthwiseConv2dNative":
            y = tf.nn.depthwise_conv2d(x[0], x[1], [1, *ints(node, "strides"), 1], padding)
        elif op == "MaxPool":
            y = tf.nn.max_pool2d(x[0], ints(node, "ksize"), ints(node, "strides"), padding)
        else:
            y = {
                "AddV2": lambda: x[0] + x[1],
                "Relu": lambda: tf.nn.relu(x[0]),
                "Mean": lambda: tf.reduce_mean(x[0], [1, 2]),
                "Softmax": lambda: tf.nn.softmax(x[0]),
                "Identity": lambda: x[0],
            }[op]()
        known[node["name"]] = y
    return [y.numpy()]


made, constants, names = [], [], {}


def add(op, inputs, output, **attributes):
    made.append(helper.make_node(op, inputs, [output], **attributes))


def constant(name, value):
    constants.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name))
    return name


for number, node in enumerate(nodes):
    op, attr, out = node["op"], node.get("attr", {}), f"n{number}"
    names[node["name"]] = out
    x = [names.get(i, i) for i in node.get("input", [])]
    # TensorFlow's SAME pads below and on the right first, as SAME_UPPER does.
    pad = {"SAME": "SAME_UPPER", "VALID": "VALID"}[strings(attr["padding"])[0]] if "padding" in attr else None
    if op == "Placeholder":
        names[node["name"]] = "input"
    elif op == "_FusedConv2D":
        kernel = constant(f"{out}_w", weights[x[1]].transpose(3, 2, 0, 1))
        bias = constant(f"{out}_b", weights[x[2]])
        relu = "Relu" in strings(attr["fused_ops"])
        add("Conv", [x[0], kernel, bias], f"{out}_c" if relu else out, strides=ints(node, "strides"), auto_pad=pad)
        if relu:
            add("Relu", [f"{out}_c"], out)
    elif op == "DepthwiseConv2dNative":
        kernel = weights[x[1]]
        assert kernel.shape[3] == 1
        add("Conv", [x[0], constant(f"{out}_w", kernel.transpose(2, 3, 0, 1))], out,
            strides=ints(node, "strides"), auto_pad=pad, group=kernel.shape[2])
    elif op == "MaxPool":
        add("MaxPool", [x[0]], out, kernel_shape=ints(node, "ksize"), strides=ints(node, "strides"), auto_pad=pad)
    elif op == "Mean":
        add("ReduceMean", [x[0]], out, axes=[2, 3], keepdims=0)
    elif op == "Softmax":
        add("Softmax", [x[0]], "output", axis=1)
        names[node["name"]] = "output"
    elif op == "Identity":
        names[node["name"]] = x[0]
    else:
        add({"AddV2": "Add", "Relu": "Relu"}[op], x, out)

model = helper.make_model(
    helper.make_graph(
        made,
        "human_emotion",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 1, 64, 64])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 7])],
        constants,
    ),
    opset_imports=[helper.make_opsetid("", 13)],
    ir_version=8,
)
common.finish("human_emotion", model, original, (1, 1, 64, 64), -1.0, 1.0)
