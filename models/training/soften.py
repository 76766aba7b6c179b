"""What trained networks say of the training split, for another to learn from: probabilities, averaged over them."""

import argparse

import numpy as np
import torch

from augment import augmented
from fer import faces
from measure import figures, line, softmax
from network import SIDE, learnt
from train import answers


def said(net, pictures, device, views, temperature):
    """The mean probability over the plain picture, its mirror image, and `views` slightly spoilt ones."""
    seen = [pictures, pictures.flip(3)]
    torch.manual_seed(0)
    for _ in range(views):
        batches = [augmented(pictures[i : i + 512].float(), SIDE, 0.3) for i in range(0, len(pictures), 512)]
        seen.append(torch.cat(batches))
    return np.mean([softmax(answers(net, x, device) / temperature) for x in seen], axis=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data")
    parser.add_argument("soft", help="the .npy to write")
    parser.add_argument("networks", nargs="+", help="network.pt of each")
    parser.add_argument("--views", type=int, default=2)
    parser.add_argument("--temperature", type=float, default=1.0, help="above 1 makes softer targets")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    device = torch.device(options.device)
    splits = {name: faces(options.data, name) for name in ("train", "public_test")}
    means = {}
    for path in options.networks:
        net = learnt(path, device)
        for name, (pictures, truth) in splits.items():
            x = torch.from_numpy(pictures)[:, None]
            p = said(net, x, device, options.views if name == "train" else 0, options.temperature)
            means[name] = means.get(name, 0) + p / len(options.networks)
            print(path, name, line(figures(np.log(p), truth)), flush=True)
    for name, p in means.items():
        print("all of them,", name, line(figures(np.log(p), splits[name][1])))
    np.save(options.soft, means["train"].astype(np.float32))


if __name__ == "__main__":
    main()
