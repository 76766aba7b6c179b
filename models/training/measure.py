"""Quick figures while training. What is published is measured in tract by the accuracy example of moodlark-sense."""

import numpy as np

NEUTRAL, SURPRISE, GROUPS = 6, 5, np.array([0, 0, 0, 1, 0, 3, 2])  # negative, happy, neutral; surprise apart


def softmax(logits):
    p = np.exp(logits - logits.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)


def macro_f1(said, truth, n=7):
    scores = []
    for i in range(n):
        right = ((said == i) & (truth == i)).sum()
        scores.append(2 * right / max(1, (said == i).sum() + (truth == i).sum()))
    return float(np.mean(scores))


def three_way(p, truth):
    """Negative, neutral or happy, over the faces that are one of these."""
    kept = truth != SURPRISE
    sums = np.stack([p[:, [0, 1, 2, 4]].sum(1), p[:, 3], p[:, NEUTRAL]], 1)
    return float((sums[kept].argmax(1) == GROUPS[truth[kept]]).mean())


def surest(p, truth, part):
    """The accuracy of the surest part."""
    order = np.argsort(-p.max(1))[: int(len(p) * part)]
    return float((p[order].argmax(1) == truth[order]).mean())


def losses(p, truth):
    """−log of what each right expression was given."""
    return -np.log(p[np.arange(len(p)), truth].clip(1e-9))


def figures(logits, truth):
    p = softmax(logits)
    said = p.argmax(1)
    return {
        "accuracy": float((said == truth).mean()),
        "macro_f1": macro_f1(said, truth),
        "three_way": three_way(p, truth),
        "half": surest(p, truth, 0.5),
        "nll": float(losses(p, truth).mean()),
    }


def line(row):
    return "  ".join(f"{key} {value:.4f}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items())
