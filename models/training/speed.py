"""What a network takes in onnxruntime, one face on one core: to hold tract against.

    python speed.py NETWORK.onnx      # beside: cargo run --release -p moodlark-sense --example network_speed -- 48 NETWORK.onnx
"""

import sys
import time

import numpy as np
import onnxruntime


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: speed.py NETWORK.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
    face = np.random.default_rng(0).integers(0, 256, session.get_inputs()[0].shape).astype(np.float32)
    times = []
    for _ in range(300):
        began = time.process_time()
        session.run(None, {"face": face})
        times.append(1e3 * (time.process_time() - began))
    low, middle, high = np.percentile(times[50:], [5, 50, 95])
    print(f"{sys.argv[1]}: {middle:.2f} ms of processor time a face (5 % {low:.2f}, 95 % {high:.2f}), onnxruntime {onnxruntime.__version__}")


if __name__ == "__main__":
    main()
