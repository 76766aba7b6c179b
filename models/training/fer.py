"""FER2013's faces with their labels and FER+'s votes, from any copy of them: CSV files as they were published, or mosaics.

FER+ (E. Barsoum et al. 2016, "Training deep networks for facial expression recognition with crowd-sourced label
distribution", ICMI) showed each face of FER2013 to ten people; each chose one of eight expressions, `unknown` or
`no face`. What of it is a target is decided here, in `shares`.
"""

import csv
import dataclasses
import pathlib

import numpy as np

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
USAGE = {"train": "Training", "public_test": "PublicTest"}
MOSAICS = {"train": "ferplus_train", "public_test": "ferplus_valid"}
SIDE = 48

# The order of the columns in fer2013new.csv, and what of it has a place among the seven.
VOTED = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
PLACES = {"neutral": 6, "happiness": 3, "surprise": 5, "sadness": 4, "anger": 0, "disgust": 1, "fear": 2}
# Below so many votes for the seven a face says too little: most people saw contempt, nothing that they could name, or no face.
FEWEST = 5


@dataclasses.dataclass(frozen=True)
class Faces:
    """One split. `labels` are FER2013's own, -1 where they are not known."""

    pictures: np.ndarray  # (n, 48, 48) bytes
    labels: np.ndarray  # (n,)
    votes: np.ndarray  # (n, 7): how many of ten people saw each expression, in the order of LABELS

    def __len__(self):
        return len(self.pictures)

    def first(self, count):
        """So many of them; all where `count` is None."""
        return Faces(self.pictures[:count], self.labels[:count], self.votes[:count])

    def times(self, count):
        """All of them so many times over."""
        return Faces(*(np.concatenate([a] * count) for a in (self.pictures, self.labels, self.votes)))

    @property
    def shares(self):
        """`(n, 7)`: the votes as a distribution. Contempt, unknown and no face have no share."""
        return self.votes / self.votes.sum(1, keepdims=True)

    @property
    def majority(self):
        """`(n,)`: the expression that more than half of the ten saw, or -1."""
        top = self.votes.argmax(1)
        return np.where(self.votes.max(1) > 5, top, -1)


def kept(pictures, labels, votes):
    """The faces that people could name: at least `FEWEST` votes for the seven expressions."""
    seven = np.zeros((len(votes), len(LABELS)), np.int64)
    for name, place in PLACES.items():
        seven[:, place] = votes[:, VOTED.index(name)]
    named = seven.sum(1) >= FEWEST
    return Faces(pictures[named], labels[named], seven[named])


def faces(path, split):
    """The `Faces` of a split: `train` or `public_test`.

    `path` is a folder with FER2013's `fer2013.csv` (columns `emotion`, `pixels`, `Usage`) and FER+'s `fer2013new.csv`, whose
    rows are the same; or with the mosaics `ferplus_train.png` and `ferplus_valid.png` and the `_labels.npz` beside them.
    PrivateTest cannot be asked for here: nothing may be chosen on it.
    """
    path = pathlib.Path(path)
    if split not in USAGE:
        raise ValueError(f"no split named {split!r}; there are {', '.join(USAGE)}")
    mosaic = path / f"{MOSAICS[split]}.png"
    if mosaic.exists():
        found = of_mosaic(mosaic, path / f"{MOSAICS[split]}_labels.npz")
    elif (path / "fer2013.csv").exists() and (path / "fer2013new.csv").exists():
        found = of_csv(path / "fer2013.csv", path / "fer2013new.csv", USAGE[split])
    else:
        raise SystemExit(f"{path}: neither {mosaic.name} nor both fer2013.csv and fer2013new.csv are there")
    pictures, labels, votes = found
    if pictures.shape != (len(labels), SIDE, SIDE) or pictures.dtype != np.uint8 or votes.shape != (len(labels), len(VOTED)):
        raise SystemExit(f"{path}: {split} is not n faces, n labels, n x 10 votes: {pictures.shape}, {labels.shape}, {votes.shape}")
    if not ((-1 <= labels) & (labels < len(LABELS))).all() or (votes < 0).any():
        raise SystemExit(f"{path}: {split} has a label that is not -1..=6, or a vote below 0")
    return kept(pictures, labels.astype(np.int64), votes.astype(np.int64))


def of_mosaic(picture, labels):
    """A square of faces, row by row; what is left over at its end is black."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    with np.load(labels) as data:
        votes, given = data["votes"], data["fer_label"]
    grey = np.array(Image.open(picture))
    a_row = grey.shape[1] // SIDE
    cells = grey.reshape(-1, SIDE, a_row, SIDE).transpose(0, 2, 1, 3).reshape(-1, SIDE, SIDE)
    return np.ascontiguousarray(cells[: len(votes)]), given, votes


def of_csv(pixels, votes, usage):
    """FER2013's rows of that usage, and FER+'s beside them."""
    with pixels.open(newline="") as file:
        theirs = list(csv.DictReader(file))
    with votes.open(newline="") as file:
        voted = list(csv.DictReader(file))
    if len(theirs) != len(voted):
        raise SystemExit(f"{votes} has {len(voted)} rows, {pixels} {len(theirs)}: they do not belong together")
    rows = [(a, b) for a, b in zip(theirs, voted) if a["Usage"] == usage]
    pictures = np.array([np.array(a["pixels"].split(), np.uint8).reshape(SIDE, SIDE) for a, _ in rows])
    labels = np.array([int(a["emotion"]) for a, _ in rows])
    return pictures, labels, np.array([[int(b[name]) for name in VOTED] for _, b in rows])


def main():
    """Writes a split as the accuracy example of moodlark-sense reads it."""
    import sys

    if len(sys.argv) != 4:
        raise SystemExit("usage: fer.py DATA train|public_test FACES.npz")
    split = faces(sys.argv[1], sys.argv[2])
    np.savez(sys.argv[3], X=split.pictures, V=split.votes, Y=split.labels)


if __name__ == "__main__":
    main()
