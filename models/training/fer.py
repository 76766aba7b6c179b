"""FER2013 from any copy of it: NumPy files, or the CSV file that it was published as."""

import csv
import pathlib

import numpy as np

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
USAGE = {"train": "Training", "public_test": "PublicTest"}


def faces(path, split):
    """`(n, 48, 48)` bytes and `(n,)` labels of a split: `train` or `public_test`.

    `path` is a folder that holds `train.npz` and `public_test.npz` (arrays `X` and `Y`), or a CSV file with the columns
    `emotion`, `pixels` and `Usage`. PrivateTest cannot be asked for here: nothing may be chosen on it.
    """
    path = pathlib.Path(path)
    if split not in USAGE:
        raise ValueError(f"no split named {split!r}; there are {', '.join(USAGE)}")
    if path.is_dir():
        with np.load(path / f"{split}.npz") as data:
            pictures, labels = data["X"], data["Y"]
    elif path.suffix == ".csv":
        with path.open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["Usage"] == USAGE[split]]
        pictures = np.array([np.array(row["pixels"].split(), np.uint8).reshape(48, 48) for row in rows])
        labels = np.array([int(row["emotion"]) for row in rows])
    else:
        raise SystemExit(f"{path}: neither a folder with {split}.npz nor a .csv file")
    if pictures.shape[1:] != (48, 48) or pictures.dtype != np.uint8 or len(pictures) != len(labels):
        raise SystemExit(f"{path}: {split} is not n pictures of 48x48 bytes with n labels: {pictures.shape}, {labels.shape}")
    if not ((0 <= labels) & (labels < len(LABELS))).all():
        raise SystemExit(f"{path}: a label of {split} is not 0..=6")
    return pictures, labels.astype(np.int64)
