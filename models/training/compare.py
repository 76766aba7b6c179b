"""Trained networks beside each other on PublicTest: faces as they are and spoilt, each answer under its own temperature, and
whether a difference is more than chance.

    python compare.py DATA NETWORK.pt…      # each beside the first, and the mean of all
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from augment import augmented
from fer import faces
from measure import figures, line, softmax
from network import learnt

TEMPERATURES = np.arange(0.6, 1.8, 0.02)
DRAWS = 3


def answers(net, pictures):
    """Logits, n×7."""
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        parts = [net(part.contiguous(memory_format=torch.channels_last)).float() for part in pictures.split(512)]
    return torch.cat(parts).numpy()


def losses(logits, truth):
    return -np.log(softmax(logits)[np.arange(len(truth)), truth].clip(1e-9))


def difference(ours, theirs, faces):
    """The mean of the differences by face with its standard error: several draws of a face are one face."""
    by_face = (ours - theirs).reshape(-1, faces).mean(0)
    return f"{by_face.mean():+.4f} ± {by_face.std() / len(by_face) ** 0.5:.4f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("networks", nargs="+", metavar="NETWORK.pt")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    pictures, truth = faces(options.data, "public_test")
    pictures = torch.from_numpy(pictures)[:, None].float()
    nets = {Path(path).parent.name: learnt(path).to(memory_format=torch.channels_last) for path in options.networks}
    temperatures = {}
    for strength in (0.0, 0.5, 1.0):
        torch.manual_seed(5)
        draws = [augmented(pictures, 48, strength).clamp(0, 255) for _ in range(DRAWS)] if strength else [pictures]
        seen, labels = torch.cat(draws), np.tile(truth, len(draws))
        print(f"augmentation at {strength}, {len(labels)} pictures" if strength else f"{len(labels)} faces as they are")
        first, together = None, 0
        for name, net in nets.items():
            logits = answers(net, seen)
            if not strength:
                temperatures[name] = min(TEMPERATURES, key=lambda t: losses(logits / t, truth).mean())
            logits /= temperatures[name]
            together = together + softmax(logits) / len(nets)
            loss, right = losses(logits, labels), (logits.argmax(1) == labels).astype(float)
            first = first or (loss, right)
            print(f"  {name}  temperature {temperatures[name]:.2f}  {line(figures(logits, labels))}", flush=True)
            if first[0] is not loss:
                nll, accuracy = (difference(ours, theirs, len(truth)) for ours, theirs in zip((loss, right), first))
                print(f"    beside the first: nll {nll}, accuracy {accuracy}")
        print(f"  all together  {line(figures(np.log(together), labels))}", flush=True)


if __name__ == "__main__":
    main()
