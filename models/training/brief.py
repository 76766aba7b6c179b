"""Teachers and students within a given time on one graphics card: for whoever has one for a quarter of an hour.

    python brief.py pack DATA PACK [--lite EFFICIENTNET.pth]   # here: the faces and ImageNet's weights, small enough to travel
    python brief.py run PACK OUT [--minutes 13]               # there: several teachers at once, then the students taught by them

A pack holds the faces as lossy WebP (a grey level of 255 off in the mean), their labels and votes, the network that is shipped to
go on from, and ImageNet's weights in half precision. There are two students: one goes on from what is shipped, a fresh
one learns from the votes alone while the teachers do. `run` leaves OUT/student-last/network.pt and OUT/fresh-student-last/network.pt,
which `export.py` makes ONNX of, beside them each teacher's, and a so-far.pt after each epoch of each. The network in models/ is a
fresh student of 13 minutes on an H200.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

import numpy as np
import torch

from fer import MOSAICS, faces
from measure import figures, line, softmax
from network import learnt
from train import answers

PACKED = ("begin.pt",)
HERE = pathlib.Path(__file__).parent
# The shares of the time: the teachers learn, the students learn from all of them, and what is left from the best two alone.
TEACHING, TAUGHT_BY_ALL = 0.46, 0.39
BEST = 2
# name -> what train.py is told besides the time
TEACHERS = {
    "even-a": ["--size", "even-teacher", "--seed", "1", "--mixup", "0.3", "--strength", "0.7"],
    "even-b": ["--size", "even-teacher", "--seed", "2", "--mixup", "0.2", "--strength", "0.5", "--decay", "0.001"],
    "lite-a": ["--size", "lite", "--seed", "3", "--rate", "0.04", "--mixup", "0.2", "--strength", "0.6", "--small", "48"],
    "lite-b": ["--size", "lite", "--seed", "4", "--rate", "0.02", "--mixup", "0.4", "--strength", "0.5", "--small", "48"],
}
TAUGHT = ["--small", "48", "--hard", "0.2", "--mixup", "0.4", "--rate", "0.05", "--strength", "0.6", "--decay", "0.001", "--seed", "5"]
# name -> what to go on from: a file of the pack, or what was trained beside the teachers. What says its own shape.
STUDENTS = {
    "student": "begin.pt",
    "fresh-student": "fresh",
}
# The last round, from the students' own weights: milder in all.
LAST = ["--small", "48", "--hard", "0.3", "--mixup", "0.2", "--rate", "0.02", "--strength", "0.4", "--decay", "0.001", "--seed", "7", "--calm", "0.4"]
# Trained beside the teachers without being one.
BESIDE = {"fresh": ["--size", "even-slim", "--seed", "6", "--mixup", "0.3", "--strength", "0.6", "--decay", "0.001", "--small", "40"]}
SHARED = ["--batch", "256", "--epochs", "100", "--warm", "3", "--every", "5"]  # the epochs only say how long the rate rises


def pack(options):
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    options.pack.mkdir(parents=True, exist_ok=True)
    for name in MOSAICS.values():
        Image.open(options.data / f"{name}.png").save(options.pack / f"{name}.webp", quality=95, method=4)
        shutil.copy(options.data / f"{name}_labels.npz", options.pack)
    shutil.copy(options.begin, options.pack / "begin.pt")
    if options.lite:
        kept = torch.load(options.lite, map_location="cpu")
        torch.save({name: value.half() if value.is_floating_point() else value for name, value in kept.items()}, options.pack / "lite.pth")
    for file in sorted(options.pack.iterdir()):
        print(f"{file.stat().st_size / 2**20:6.1f} MiB  {file.name}")


def unpacked(where, out):
    """The pack as fer.py reads it."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    data = out / "faces"
    data.mkdir(parents=True, exist_ok=True)
    for name in MOSAICS.values():
        Image.open(where / f"{name}.webp").convert("L").save(data / f"{name}.png", compress_level=0)
        shutil.copy(where / f"{name}_labels.npz", data)
    return data


def training(data, out, minutes, *options):
    command = [sys.executable, HERE / "train.py", data, out, "--minutes", f"{minutes:.3f}", *SHARED, *options]
    out.mkdir(parents=True, exist_ok=True)
    print(f"{out.name}: {minutes:.1f} min", flush=True)
    return subprocess.Popen([str(c) for c in command], stdout=(out / "log").open("w"), stderr=subprocess.STDOUT)


def finished(process, name, seconds):
    """Whether it ended well; one that hangs is stopped, so that the student has its time."""
    try:
        code = process.wait(max(1, seconds))
    except subprocess.TimeoutExpired:
        process.kill()
        code = "too late"
    print(f"{name}: {'done' if code == 0 else f'failed ({code})'}", flush=True)
    return code == 0


def ordered(teachers, data):
    """The teachers, the one nearest to the votes on PublicTest first. Prints what each answers to its faces, and all together:
    what a student can hope for."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    watched = faces(data, "public_test")
    pictures = torch.from_numpy(watched.pictures)[:, None].float()
    said = [softmax(answers(learnt(path, device), pictures, device)) for path in teachers]
    measured = [figures(np.log(p.clip(1e-9)), watched) for p in (*said, np.mean(said, 0))]
    for name, row in zip((*(path.parent.name for path in teachers), "together"), measured):
        print(f"{name}: {line(row)}", flush=True)
    return [path for _, path in sorted(zip((row["kl"] for row in measured), teachers))]


def usable(folder):
    return next((folder / name for name in ("network.pt", "so-far.pt") if (folder / name).exists()), None)


def run(options):
    began = time.monotonic()
    spent = lambda: (time.monotonic() - began) / 60
    left = lambda: options.minutes - spent()
    data = unpacked(options.pack, options.out)
    weights = options.pack / "lite.pth"
    teaching = options.minutes * TEACHING - spent()
    wanted = {name: opts for name, opts in TEACHERS.items() if not name.startswith("lite") or weights.exists()}
    processes = {}
    for name, opts in (wanted | BESIDE).items():
        begin = ["--begin", weights] if name.startswith("lite") else []
        processes[name] = training(data, options.out / name, teaching, *opts, *begin, *options.extra)
    until = options.minutes * TEACHING + 0.5
    for name, process in processes.items():
        finished(process, name, (until - spent()) * 60)
    teachers = [found for name in wanted if (found := usable(options.out / name))]
    if not teachers:
        raise SystemExit(f"no teacher learnt anything; see {options.out}/*/log")
    until = options.minutes * (TEACHING + TAUGHT_BY_ALL)
    begun, last, sizes = {}, {}, {}
    for name, source in STUDENTS.items():
        begin = options.pack / source if source in PACKED else usable(options.out / source)
        if begin is None:
            continue
        sizes[name] = ["--size", torch.load(begin, map_location="cpu")["size"]]
        more = [*sizes[name], *TAUGHT, "--begin", begin, "--teachers", *teachers]
        begun[name] = training(data, options.out / name, until - spent(), *more, *options.extra)
    best = ordered(teachers, data)[:BEST]
    for name, process in begun.items():
        finished(process, name, (until - spent() + options.spare) * 60)
    for name in begun:
        if begin := usable(options.out / name):
            more = [*sizes[name], *LAST, "--begin", begin, "--teachers", *best]
            last[f"{name}-last"] = training(data, options.out / f"{name}-last", left() - options.spare, *more, *options.extra)
    for name, process in last.items():
        finished(process, name, left() * 60)
    for name in (*processes, *begun, *last):
        lines = (options.out / name / "log").read_text().splitlines()
        print(name, lines[-1] if lines else "said nothing")
    if not any(usable(options.out / name) for name in last):
        raise SystemExit("no student learnt anything")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    one = verbs.add_parser("pack")
    one.add_argument("data", type=pathlib.Path, help="the folder with the mosaics")
    one.add_argument("pack", type=pathlib.Path)
    one.add_argument("--begin", type=pathlib.Path, required=True, help="the student's network.pt to go on from (begin.py makes it)")
    one.add_argument("--lite", type=pathlib.Path, help="efficientnet-lite0-57934424.pth of the package")
    one.set_defaults(do=pack)
    two = verbs.add_parser("run")
    two.add_argument("pack", type=pathlib.Path)
    two.add_argument("out", type=pathlib.Path)
    two.add_argument("--minutes", type=float, default=13.0, help="in all, from start to end")
    two.add_argument("--spare", type=float, default=0.2, help="minutes kept for ending")
    two.add_argument("--extra", nargs=argparse.REMAINDER, default=[], help="more for each train.py: --faces 256 to try it without a card")
    two.set_defaults(do=run)
    options = parser.parse_args()
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
    options.do(options)


if __name__ == "__main__":
    main()
