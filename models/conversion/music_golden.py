"""What the reference chain says of generated sound: daemon/listen/tests/data/golden.json, which a test of the worker is held to.

numpy and onnxruntime alone, written from the definitions (librosa's frames and Slaney's mel bands, Krumhansl's profiles), so that
it shares no code with the program. Run with the packages of requirements.txt, anywhere; it writes the file."""
import json, pathlib

import numpy as np
import onnxruntime

HERE = pathlib.Path(__file__).parent
MODEL = HERE.parent / "weights" / "msd_musicnn.onnx"
GOLDEN = HERE.parent.parent / "daemon" / "listen" / "tests" / "data" / "golden.json"
RATE, SECONDS = 16000, 29.2
MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]


def noise(n):
    """The same numbers as in the test: a linear congruential generator, −1..1."""
    state, out = 1, np.empty(n)
    for i in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = state / 2**31 - 1
    return out


def sounds():
    n = int(RATE * SECONDS)
    t = np.arange(n) / RATE
    tone = lambda hz: np.sin(2 * np.pi * hz * t)
    pad = sum(tone(hz) for hz in (261.63, 329.63, 392.0)) / 6 * (0.7 + 0.3 * np.sin(2 * np.pi * 0.25 * t))
    hiss = noise(n)
    beat = (t * 2.5) % 1
    drums = 0.6 * hiss * np.exp(-12 * beat) + 0.4 * np.sign(tone(55.0)) * np.exp(-4 * beat)
    step = (t * 6).astype(int) % 4
    notes = np.array([220.0, 261.63, 329.63, 440.0])[step]
    arpeggio = 0.3 * np.sin(2 * np.pi * notes * (t % (1 / 6))) + 0.02 * hiss
    return {"pad": pad, "drums": drums, "arpeggio": arpeggio}


def powers(x, size, hop):
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[::hop]
    return np.abs(np.fft.rfft(frames * window, axis=1)) ** 2


def mel_bands(size=512, bands=96):
    to_mel = lambda f: np.where(f < 1000, f / (200 / 3), 15 + np.log(np.maximum(f, 1) / 1000) / (np.log(6.4) / 27))
    to_hz = lambda m: np.where(m < 15, m * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (m - 15)))
    edges = to_hz(np.linspace(0, to_mel(np.float64(RATE / 2)), bands + 2))
    bins = np.linspace(0, RATE / 2, size // 2 + 1)
    weights = np.zeros((bands, len(bins)))
    for i in range(bands):
        low, middle, high = edges[i : i + 3]
        triangle = np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle))
        weights[i] = np.maximum(0, triangle) * 2 / (high - low)
    return weights


def mode(x):
    power = powers(x, 4096, 2048)
    hz = np.arange(power.shape[1]) * RATE / 4096
    chroma = np.zeros(12)
    for k in np.flatnonzero((hz >= 65) & (hz <= 2100)):
        chroma[int(round(69 + 12 * np.log2(hz[k] / 440))) % 12] += np.sqrt(power[:, k]).sum()
    best = lambda profile: max(np.corrcoef(chroma, np.roll(profile, key))[0, 1] for key in range(12))
    return best(MAJOR) - best(MINOR)


def main():
    session = onnxruntime.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    bands, golden = mel_bands(), {}
    for name, sound in sounds().items():
        x = sound.astype(np.float32).astype(np.float64)
        power = powers(x, 512, 256)
        mel = np.log10(1e4 * power @ bands.T + 1).astype(np.float32)
        room = len(mel) - 187
        patches = np.stack([mel[s : s + 187] for s in (room * (2 * i + 1) // 6 for i in range(3))])
        results = [session.run(["tags", "emb200"], {"mel": patch[None]}) for patch in patches]
        p = np.clip(np.array([r[0][0] for r in results], dtype=np.float64), 1e-7, 1 - 1e-7)
        magnitude = np.sqrt(power)
        flux = np.maximum(0, np.diff(magnitude, axis=0)).sum() / magnitude[1:].sum()
        golden[name] = {
            "logits": [round(float(v), 5) for v in np.log(p / (1 - p)).mean(axis=0)],
            "embedding": [round(float(v), 5) for v in np.mean([r[1][0] for r in results], axis=0)],
            "flux": round(float(np.log10(flux)), 5),
            "mode": round(float(mode(x)), 5),
        }
    GOLDEN.write_text("{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in golden.items()) + "\n}\n")


main()
