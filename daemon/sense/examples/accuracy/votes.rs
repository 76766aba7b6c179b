//! Figures against what people saw: how the votes are spread, what most of them said, and who is ranked before whom.

use crate::figures::{EXPRESSIONS, Matrix, Raw, probabilities, top};

/// A face's votes as a distribution.
pub(crate) fn share(votes: &Raw) -> Raw {
    let all: f64 = votes.iter().sum();
    votes.map(|v| v / all.max(1.0))
}

/// The expression that more than half of ten people saw.
pub(crate) fn majority(votes: &Raw) -> Option<usize> {
    let most = top(votes);
    (votes[most] > 5.0).then_some(most)
}

/// How far the answers are from the distribution of the votes: the mean Kullback-Leibler divergence in nats.
pub(crate) fn divergence(p: &[Raw], shares: &[Raw]) -> f64 {
    let of = |(p, shares): (&Raw, &Raw)| -> f64 {
        p.iter()
            .zip(shares)
            .filter(|(_, share)| **share > 0.0)
            .map(|(p, share)| share * (share / p.max(1e-9)).ln())
            .sum()
    };
    p.iter().zip(shares).map(of).sum::<f64>() / p.len().max(1) as f64
}

/// The gap between how sure the likeliest answer is and the share of people who saw it, in 15 bins of equal width.
pub(crate) fn calibration_error(p: &[Raw], shares: &[Raw]) -> f64 {
    let mut bins = [(0.0, 0.0); 15];
    for (p, shares) in p.iter().zip(shares) {
        let said = top(p);
        let bin = &mut bins[((p[said] * 15.0) as usize).min(14)];
        bin.0 += p[said];
        bin.1 += shares[said];
    }
    let gaps: f64 = bins.iter().map(|(sure, saw)| (sure - saw).abs()).sum();
    gaps / p.len().max(1) as f64
}

/// The temperature of the least divergence, by golden section.
pub(crate) fn fitted(raw: &[Raw], shares: &[Raw]) -> f64 {
    let loss = |t: f64| divergence(&probabilities(raw, t), shares);
    let (mut low, mut high) = (0.3f64, 5.0f64);
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    while high - low > 1e-4 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if loss(a) < loss(b) { high = b } else { low = a }
    }
    f64::midpoint(low, high)
}

/// Each half (every second face) under the temperature of the other, put together again in the order of the set.
pub(crate) fn crossed(raw: &[Raw], shares: &[Raw]) -> Vec<Raw> {
    let half = |of: &[Raw], which: usize| -> Vec<Raw> {
        of.iter().skip(which).step_by(2).copied().collect()
    };
    let temperatures = [1, 0].map(|other| fitted(&half(raw, other), &half(shares, other)));
    raw.iter()
        .enumerate()
        .map(|(i, p)| probabilities(&[*p], temperatures[i % 2])[0])
        .collect()
}

/// What is answered when a person sees an expression: rows are what the person says, columns the likeliest answer. Each
/// vote counts, so a face that people disagree about is in several rows.
pub(crate) fn confusion(raw: &[Raw], votes: &[Raw]) -> Matrix {
    let mut matrix = Matrix::default();
    for (p, votes) in raw.iter().zip(votes) {
        for (row, count) in matrix.iter_mut().zip(votes) {
            row[top(p)] += count;
        }
    }
    matrix
}

/// The mean share of the votes that each expression has, over the faces that `counts` lets in.
pub(crate) fn mean_share(votes: &[Raw], counts: impl Fn(&Raw) -> bool) -> Raw {
    let mut sum = [0.0; EXPRESSIONS];
    let mut n = 0.0f64;
    for votes in votes.iter().filter(|v| counts(v)) {
        n += 1.0;
        for (sum, share) in sum.iter_mut().zip(share(votes)) {
            *sum += share;
        }
    }
    sum.map(|s| s / n.max(1.0))
}

/// The area under the ROC curve of one expression against all others: how often a face on which it was seen gets a higher
/// probability of it than a face on which another was. 0.5 is chance, whatever is common and whatever is rare.
pub(crate) fn ranking(raw: &[Raw], labels: &[usize], expression: usize) -> f64 {
    let mut order: Vec<(f64, bool)> = raw
        .iter()
        .zip(labels)
        .map(|(p, label)| (p[expression], *label == expression))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ours = order.iter().filter(|o| o.1).count() as f64;
    let others = order.len() as f64 - ours;
    // Ties share their places.
    let (mut place, mut sum) = (0, 0.0);
    for tied in order.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let mean = place as f64 + (tied.len() as f64 + 1.0) / 2.0;
        sum += mean * tied.iter().filter(|o| o.1).count() as f64;
        place += tied.len();
    }
    (sum - ours * (ours + 1.0) / 2.0) / (ours * others).max(1.0)
}

/// The mean of all expressions' rankings.
pub(crate) fn mean_ranking(raw: &[Raw], labels: &[usize]) -> f64 {
    let sum: f64 = (0..EXPRESSIONS).map(|e| ranking(raw, labels, e)).sum();
    sum / EXPRESSIONS as f64
}
