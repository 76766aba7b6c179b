"""Trained networks beside each other on PublicTest: faces as they are and spoilt, each answer under its own temperature, and
whether a difference is more than chance.

    python compare.py DATA NETWORK.pt…      # each beside the first, and the mean of all
"""

import argparse

import numpy as np
import torch

from augment import augmented
from fer import faces
from measure import divergence, figures, line, softmax
from network import SIDE, learnt
from train import answers

TEMPERATURES = np.arange(0.6, 1.8, 0.02)
DRAWS = 3


def difference(ours, theirs, count):
    """The mean of the differences by face with its standard error: several draws of one of the `count` faces are one."""
    by_face = (ours - theirs).reshape(-1, count).mean(0)
    return f"{by_face.mean():+.4f} ± {by_face.std() / count ** 0.5:.4f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("networks", nargs="+", metavar="NETWORK.pt")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = torch.device(options.device)

    split = faces(options.data, "public_test")
    pictures = torch.from_numpy(split.pictures)[:, None].float()
    agreed = split.majority >= 0
    nets = {path: learnt(path, device) for path in options.networks}
    temperatures = {}
    for strength in (0.0, 0.5, 1.0):
        torch.manual_seed(5)
        draws = [augmented(pictures, SIDE, strength).clamp(0, 255) for _ in range(DRAWS)] if strength else [pictures]
        seen, truth = torch.cat(draws), split.times(len(draws))
        print(f"augmentation at {strength}, {len(truth)} pictures" if strength else f"{len(truth)} faces as they are")
        first, together = None, 0
        for path, net in nets.items():
            logits = answers(net, seen, device)
            if not strength:
                temperatures[path] = min(TEMPERATURES, key=lambda t: divergence(softmax(logits / t), truth.shares).mean())
            logits /= temperatures[path]
            p = softmax(logits)
            together = together + p / len(nets)
            right = (p.argmax(1) == truth.majority).reshape(len(draws), -1)[:, agreed].ravel().astype(float)
            found = (divergence(p, truth.shares), len(split)), (right, agreed.sum())
            print(f"  {path}  temperature {temperatures[path]:.2f}  {line(figures(logits, truth))}", flush=True)
            if first is None:
                first = found
            else:
                kl, majority = (difference(ours, theirs, count) for (ours, count), (theirs, _) in zip(found, first))
                print(f"    beside the first: kl {kl}, majority {majority}")
        print(f"  all together  {line(figures(np.log(together), truth))}", flush=True)


if __name__ == "__main__":
    main()
