"""Trains one network on what people voted of FER2013's training split, watched on PublicTest. Goes on where it was cut off.

What is kept is the running mean of the weights (Polyak averaging), which is what is measured and exported. The rate
falls along a cosine; the last quarter of the epochs sees faces at full size and with less done to them, as the network
will be used (Touvron et al. 2019).
"""

import time

BEGUN = time.monotonic()  # loading PyTorch and the faces takes a part of the minutes, too

import argparse
import copy
import json
import math
import os
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

from augment import augmented
from fer import LABELS, faces
from measure import figures, line
from network import EXPRESSIONS, SIDE, EvenNet, learnt, network

TINY = 32  # the side in the very first epochs, where asked for
CALM = 0.25  # the default of --calm


def targets_of(split, label_share, smoothing):
    """`(n, 7)`: what people voted, with so much of FER2013's own label where that is known, smoothed."""
    votes, labels = torch.from_numpy(split.shares).float(), torch.from_numpy(split.labels)
    share = label_share * (labels >= 0).float()[:, None]
    given = (1 - share) * votes + share * F.one_hot(labels.clamp(min=0), EXPRESSIONS).float()
    return given * (1 - smoothing) + smoothing / EXPRESSIONS


def answers(net, pictures, device, batch=512):
    """`(n, 7)` logits for plain pictures, as a NumPy array."""
    net.eval()
    out = []
    with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
        for i in range(0, len(pictures), batch):
            out.append(net(pictures[i : i + batch].to(device).float()).float().cpu())
    return torch.cat(out).numpy()


class Teachers:
    """Trained networks that answer the very picture the student sees, spoilt and mixed as it is: on faces of the split
    alone they would tell what they know by heart (Beyer et al. 2022, "A good teacher is patient and consistent")."""

    def __init__(self, paths, device):
        self.nets = [learnt(path, device).to(memory_format=torch.channels_last) for path in paths]

    @torch.no_grad()
    def say(self, x, device):
        """`(n, 7)`: their mean probability; of one that is not even, over the picture and its mirror image."""
        said = []
        with torch.autocast(device.type, dtype=torch.bfloat16):
            for net in self.nets:
                views = [net(x)] if isinstance(net, EvenNet) else [net(x), net(x.flip(3))]
                said.append(sum(view.float().softmax(1) for view in views) / len(views))
        return sum(said) / len(said)


class Mean:
    """The running mean of a network's weights and of its norms' statistics."""

    def __init__(self, net, keep):
        self.net, self.keep, self.steps = copy.deepcopy(net).eval(), keep, 0

    @torch.no_grad()
    def add(self, net):
        # Young, it forgets faster: the first weights are noise.
        self.steps += 1
        keep = min(self.keep, (1 + self.steps) / (10 + self.steps))
        pairs = list(zip(self.net.state_dict().values(), net.state_dict().values()))
        # All in one call: on a graphics card hundreds of small ones would take longer than the step.
        means, nows = zip(*(pair for pair in pairs if pair[0].dtype.is_floating_point))
        torch._foreach_lerp_(means, nows, 1 - keep)
        for mean, now in pairs:
            if not mean.dtype.is_floating_point:
                mean.copy_(now)


def rate(done, warm, peak):
    """The learning rate when so much of the training is done, 0..=1: up along a line, down along a cosine."""
    if done < warm:
        return peak * (done + 1e-3) / warm
    return peak * 0.5 * (1 + math.cos(math.pi * (done - warm) / max(1e-9, 1 - warm)))


class Progress:
    """How much of a training is done, 0..=1: by its epochs, or by the clock where it has only so many minutes."""

    def __init__(self, epochs, minutes, spent=0.0):
        self.epochs, self.seconds = epochs, minutes and minutes * 60
        self.begun = BEGUN - spent

    @property
    def spent(self):
        return time.monotonic() - self.begun

    def at(self, epoch):
        """`epoch` counts parts of one, too."""
        return min(1.0, self.spent / self.seconds if self.seconds else epoch / self.epochs)


def decayed(net, weight_decay):
    """Weights decay; norms and biases don't."""
    flat = [p for p in net.parameters() if p.ndim < 2]
    deep = [p for p in net.parameters() if p.ndim >= 2]
    return [{"params": deep, "weight_decay": weight_decay}, {"params": flat, "weight_decay": 0.0}]


def saved(path, what):
    """Written beside and moved into place: a cut-off run leaves the last whole one."""
    torch.save(what, f"{path}.new")
    os.replace(f"{path}.new", path)


def train(options):
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision("high")
    device = torch.device(options.device)
    learnt_from, watched = (faces(options.data, split).first(options.faces) for split in ("train", "public_test"))
    pictures = torch.from_numpy(learnt_from.pictures)[:, None].to(device)
    unseen = torch.from_numpy(watched.pictures)[:, None]
    targets = targets_of(learnt_from, options.labels, options.smoothing).to(device)
    teachers = Teachers(options.teachers, device) if options.teachers else None

    net = network(options.size).to(device).to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(decayed(net, options.decay), lr=options.rate, momentum=0.9, nesterov=True)
    mean, begun, spent = Mean(net, options.keep), 0, 0.0
    checkpoint = options.out / "checkpoint.pt"
    if checkpoint.exists():
        kept = torch.load(checkpoint, map_location=device)
        net.load_state_dict(kept["net"])
        mean.net.load_state_dict(kept["mean"])
        optimiser.load_state_dict(kept["optimiser"])
        mean.steps, begun, spent = kept["steps"], kept["epoch"], kept["spent"]
        print(f"going on after epoch {begun}", flush=True)
    elif options.begin and options.begin.endswith(".pth"):
        net.pretrained(options.begin)
        mean = Mean(net, options.keep)
    elif options.begin:
        kept = torch.load(options.begin, map_location=device)
        net.load_state_dict(kept["mean"])
        mean.net.load_state_dict(kept["mean"])

    fast = torch.compile(net) if options.compile else net
    shares = np.random.default_rng(options.seed + begun)
    each = len(pictures) // options.batch
    log = (options.out / "log.jsonl").open("a")
    progress, epoch = Progress(options.epochs, options.minutes, spent), begun
    while (done := progress.at(epoch)) < 1:
        if done >= 1 - options.calm:
            side, strength = SIDE, options.strength * 0.5
        else:
            side, strength = TINY if done < options.tiny else options.small, options.strength
        started, loss_sum = time.time(), torch.zeros((), device=device)
        net.train()
        order = torch.randperm(len(pictures), device=device)
        for i in range(each):
            if (done := progress.at(epoch + i / each)) >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = rate(done, options.warm / options.epochs, options.rate)
            chosen = order[i * options.batch : (i + 1) * options.batch]
            x, t = augmented(pictures[chosen].float(), side, strength), targets[chosen]
            if options.mixup > 0:
                share = float(shares.beta(options.mixup, options.mixup))
                other = torch.randperm(len(x), device=device)
                x, t = share * x + (1 - share) * x[other], share * t + (1 - share) * t[other]
            x = x.contiguous(memory_format=torch.channels_last)
            if teachers:
                t = options.hard * t + (1 - options.hard) * teachers.say(x, device)
            with torch.autocast(device.type, dtype=torch.bfloat16):
                logits = fast(x)
            loss = F.cross_entropy(logits.float(), t)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            mean.add(net)
            loss_sum += loss.detach()  # not .item(): a graphics card would wait for it
        epoch += 1
        row = {"epoch": epoch, "loss": loss_sum.item() / (i + 1), "seconds": time.time() - started, "side": side}
        if epoch % options.every == 0 or progress.at(epoch) >= 1:
            row |= figures(answers(mean.net, unseen, device), watched)
        log.write(json.dumps(row) + "\n")
        log.flush()
        print(line(row), flush=True)
        kept = {"net": net.state_dict(), "mean": mean.net.state_dict(), "optimiser": optimiser.state_dict()}
        kept |= {"epoch": epoch, "steps": mean.steps, "size": options.size, "spent": progress.spent}
        saved(checkpoint, kept)
        # Usable at any time, so that a run that is cut short has not been for nothing.
        so_far = "network.pt" if progress.at(epoch) >= 1 else "so-far.pt"
        saved(options.out / so_far, {"mean": mean.net.state_dict(), "size": options.size})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("data", help="the folder with the faces and their votes, as fer.py reads it")
    add("out", type=pathlib.Path, help="the folder for log.jsonl, checkpoint.pt, so-far.pt and, at the end, network.pt")
    add("--size", default="student")
    add("--epochs", type=int, default=60)
    add("--minutes", type=float, help="end after so long, wherever it is; the rate falls by the clock")
    add("--batch", type=int, default=128)
    add("--rate", type=float, default=0.1, help="the learning rate at its peak")
    add("--warm", type=float, default=2, help="epochs until the peak")
    add("--decay", type=float, default=5e-4, help="weight decay")
    add("--smoothing", type=float, default=0.0, help="so much of the votes goes evenly to all expressions")
    add("--mixup", type=float, default=0.2, help="0: none")
    add("--strength", type=float, default=1.0, help="of the augmentation, 0..=1")
    add("--small", type=int, default=40, help="the side of the faces before the calm; 8 divides it, as JPEG's blocks want")
    add("--tiny", type=float, default=0.0, help="so great a share of the epochs begins with faces of 32 pixels: quicker")
    add("--keep", type=float, default=0.998, help="the running mean of the weights keeps so much a step")
    add("--labels", type=float, default=0.0, help="the share of FER2013's own labels in what counts as votes")
    add("--teachers", nargs="*", help="the network.pt of each: asked at every step")
    add("--hard", type=float, default=0.4, help="the votes' share of the target where there are teachers")
    add("--begin", help="a network.pt to begin from; for `lite` ImageNet's weights, .pth")
    add("--calm", type=float, default=CALM, help="the share of the epochs at the end that see whole faces with less done to them")
    add("--faces", type=int, help="learn from and measure on so many alone: to try things out")
    add("--every", type=int, default=2, help="measure after so many epochs")
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=os.cpu_count())
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add("--compile", action="store_true", help="a fifth faster; needs a C++ compiler")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "options.json").write_text(json.dumps(vars(options), default=str, indent=1) + "\n")
    print(f"{options.size} on {options.device}, {len(LABELS)} expressions, {options.epochs} epochs", flush=True)
    train(options)


if __name__ == "__main__":
    main()
