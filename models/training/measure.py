"""Quick figures while training, against people's votes. What is published is measured in tract by the accuracy example of
moodlark-sense."""

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


def divergence(p, shares):
    """Kullback-Leibler, in nats, of each answer from the distribution of the votes: 0 where they are the same."""
    logs = np.log(np.where(shares > 0, shares, 1)) - np.log(p.clip(1e-9))
    return (shares * logs).sum(1)


def ranking(p, truth):
    """The mean over the expressions of the area under the ROC curve against all others."""
    areas = []
    for i in range(p.shape[1]):
        order = np.argsort(p[:, i], kind="stable")
        ranks = np.empty(len(p))
        ranks[order] = np.arange(1, len(p) + 1)
        ours = truth == i
        n, m = ours.sum(), (~ours).sum()
        areas.append((ranks[ours].sum() - n * (n + 1) / 2) / max(1, n * m))
    return float(np.mean(areas))


def figures(logits, faces):
    """Of `Faces`: the divergence over all of them, the rest over those that a majority agrees about; `label` is how often
    FER2013's own label is met."""
    p = softmax(logits)
    agreed, known = faces.majority >= 0, faces.labels >= 0
    truth, q = faces.majority[agreed], p[agreed]
    return {
        "majority": float((q.argmax(1) == truth).mean()),
        "macro_f1": macro_f1(q.argmax(1), truth),
        "three_way": three_way(q, truth),
        "half": surest(q, truth, 0.5),
        "auc": ranking(q, truth),
        "kl": float(divergence(p, faces.shares).mean()),
        "label": float((p.argmax(1) == faces.labels)[known].mean()),
    }


def line(row):
    return "  ".join(f"{key} {value:.4f}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items())
