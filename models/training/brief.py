"""Teachers and a student within a given time on one graphics card: for whoever has one for a quarter of an hour.

    python brief.py pack DATA PACK [--lite EFFICIENTNET.pth]   # here: the faces and ImageNet's weights, small enough to travel
    python brief.py run PACK OUT [--minutes 9.5]               # there: several teachers at once, then a student taught by them

A pack holds the faces as lossy WebP (a grey level of 255 off in the mean), their labels and votes, the network that is shipped to
go on from, and ImageNet's weights in half precision. `run` leaves OUT/student/so-far.pt after each epoch and
OUT/student/network.pt at the end, which `export.py` makes ONNX of, and beside them each teacher's.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

import torch

from fer import MOSAICS

HERE = pathlib.Path(__file__).parent
TEACHING = 0.55  # the teachers' share of the time
# name -> what train.py is told besides the time
TEACHERS = {
    "even-a": ["--size", "even-teacher", "--seed", "1", "--mixup", "0.3", "--strength", "0.7"],
    "even-b": ["--size", "even-teacher", "--seed", "2", "--mixup", "0.2", "--strength", "0.5", "--decay", "0.001"],
    "lite-a": ["--size", "lite", "--seed", "3", "--rate", "0.04", "--mixup", "0.2", "--strength", "0.6", "--small", "48"],
    "lite-b": ["--size", "lite", "--seed", "4", "--rate", "0.02", "--mixup", "0.4", "--strength", "0.5", "--small", "48"],
}
STUDENT = ["--size", "even", "--small", "48", "--hard", "0.2", "--mixup", "0.4", "--rate", "0.05", "--strength", "0.6", "--decay", "0.001", "--seed", "5"]
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


def usable(folder):
    return next((folder / name for name in ("network.pt", "so-far.pt") if (folder / name).exists()), None)


def run(options):
    began = time.monotonic()
    left = lambda: options.minutes - (time.monotonic() - began) / 60
    data = unpacked(options.pack, options.out)
    weights = options.pack / "lite.pth"
    teaching = options.minutes * TEACHING - (options.minutes - left())
    wanted = {name: opts for name, opts in TEACHERS.items() if not name.startswith("lite") or weights.exists()}
    processes = {}
    for name, opts in wanted.items():
        begin = ["--begin", weights] if name.startswith("lite") else []
        processes[name] = training(data, options.out / name, teaching, *opts, *begin, *options.extra)
    for name, process in processes.items():
        finished(process, name, (teaching - (options.minutes - left())) * 60 + 30)
    teachers = [found for name in wanted if (found := usable(options.out / name))]
    if not teachers:
        raise SystemExit(f"no teacher learnt anything; see {options.out}/*/log")
    student = training(
        data, options.out / "student", left() - options.spare, *STUDENT, "--begin", options.pack / "begin.pt",
        "--teachers", *teachers, *options.extra,
    )  # fmt: skip
    finished(student, "student", left() * 60)
    for name in (*wanted, "student"):
        lines = (options.out / name / "log").read_text().splitlines()
        print(name, lines[-1] if lines else "said nothing")
    if not usable(options.out / "student"):
        raise SystemExit("the student learnt nothing")


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
    two.add_argument("--minutes", type=float, default=9.5, help="in all, from start to end")
    two.add_argument("--spare", type=float, default=0.2, help="minutes kept for ending")
    two.add_argument("--extra", nargs=argparse.REMAINDER, default=[], help="more for each train.py: --faces 256 to try it without a card")
    two.set_defaults(do=run)
    options = parser.parse_args()
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
    options.do(options)


if __name__ == "__main__":
    main()
