//! Figures of a set of answers against one right one each: accuracy, F1, and how far chance moves any figure.

pub(crate) use moodlark_models::EXPRESSIONS;
use moodlark_sense::expression::tempered;

/// The probabilities of a face, in FER2013's order.
pub(crate) type Raw = [f64; EXPRESSIONS];
/// Rows are the true expression, columns the predicted one.
pub(crate) type Matrix = [[f64; EXPRESSIONS]; EXPRESSIONS];

/// Resamples of the bootstrap (B. Efron and R. Tibshirani 1993: a thousand do for a 95 % interval).
const RESAMPLES: usize = 1000;
const HAPPY: usize = 3;
const SURPRISE: usize = 5;
const NEUTRAL: usize = 6;

pub(crate) fn top(p: &Raw) -> usize {
    (0..EXPRESSIONS).fold(0, |best, i| if p[i] > p[best] { i } else { best })
}

pub(crate) fn accuracy(raw: &[Raw], labels: &[usize]) -> f64 {
    let right = raw
        .iter()
        .zip(labels)
        .filter(|(p, label)| top(p) == **label)
        .count();
    right as f64 / raw.len().max(1) as f64
}

/// The likeliest of groups of expressions against the group of the label; a group of `None` is left out.
fn grouped<const N: usize>(
    raw: &[Raw],
    labels: &[usize],
    group: impl Fn(usize) -> Option<usize>,
) -> f64 {
    let (mut right, mut all) = (0, 0);
    for (p, label) in raw.iter().zip(labels) {
        let Some(truth) = group(*label) else { continue };
        let mut sums = [0.0; N];
        for (i, p) in p.iter().enumerate() {
            if let Some(g) = group(i) {
                sums[g] += p;
            }
        }
        let said = (0..N).fold(0, |best, i| if sums[i] > sums[best] { i } else { best });
        all += 1;
        right += usize::from(said == truth);
    }
    right as f64 / f64::from(all).max(1.0)
}

/// Negative, happy, surprised, neutral.
pub(crate) fn four_ways(raw: &[Raw], labels: &[usize]) -> f64 {
    grouped::<4>(raw, labels, |i| Some([0, 0, 0, 1, 0, 2, 3][i]))
}

/// Negative, neutral, happy, over the faces that are one of these; what goes to surprise does not count.
pub(crate) fn three_ways(raw: &[Raw], labels: &[usize]) -> f64 {
    grouped::<3>(raw, labels, |i| match i {
        SURPRISE => None,
        HAPPY => Some(1),
        NEUTRAL => Some(2),
        _ => Some(0),
    })
}

pub(crate) fn confusion(raw: &[Raw], labels: &[usize]) -> Matrix {
    let mut matrix = Matrix::default();
    for (p, label) in raw.iter().zip(labels) {
        matrix[*label][top(p)] += 1.0;
    }
    matrix
}

pub(crate) fn normalised(row: &Raw) -> Raw {
    let sum: f64 = row.iter().sum();
    row.map(|n| n / sum.max(1.0))
}

/// Precision, recall and F1 of an expression.
pub(crate) fn scores(counts: &Matrix, i: usize) -> [f64; 3] {
    let truly: f64 = counts[i].iter().sum();
    let said: f64 = counts.iter().map(|row| row[i]).sum();
    let part = |of: f64| {
        if of > 0.0 { counts[i][i] / of } else { 0.0 }
    };
    [part(said), part(truly), part((truly + said) / 2.0)]
}

pub(crate) fn macro_f1(raw: &[Raw], labels: &[usize]) -> f64 {
    let counts = confusion(raw, labels);
    (0..EXPRESSIONS).map(|i| scores(&counts, i)[2]).sum::<f64>() / EXPRESSIONS as f64
}

pub(crate) fn probabilities(raw: &[Raw], temperature: f64) -> Vec<Raw> {
    raw.iter()
        .map(|p| *tempered(p, temperature).as_array())
        .collect()
}

/// How right the surest part is, and how sure the least sure of it is.
pub(crate) fn surest(p: &[Raw], labels: &[usize], percent: usize) -> (f64, f64) {
    let mut sure: Vec<(f64, bool)> = p
        .iter()
        .zip(labels)
        .map(|(p, label)| (p[top(p)], top(p) == *label))
        .collect();
    sure.sort_by(|a, b| b.0.total_cmp(&a.0));
    let kept = &sure[..sure.len() * percent / 100];
    let right = kept.iter().filter(|s| s.1).count() as f64;
    (
        right / kept.len().max(1) as f64,
        kept.last().map_or(0.0, |s| s.0),
    )
}

/// A figure, and between which values 95 % of the resamples of the faces lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interval {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { value, low, high } = self;
        write!(f, "{value:.3} ({low:.3}–{high:.3})")
    }
}

/// A figure of the set with its bootstrap interval. The same faces give the same interval every time.
/// `truths` is what each answer is held against.
pub(crate) fn interval<T: Copy>(
    raw: &[Raw],
    truths: &[T],
    figure: impl Fn(&[Raw], &[T]) -> f64,
) -> Interval {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        // xorshift64 (G. Marsaglia 2003): enough to draw faces.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn: Vec<usize> = raw.iter().map(|_| random(raw.len())).collect();
            let (p, t): (Vec<Raw>, Vec<T>) = drawn.iter().map(|i| (raw[*i], truths[*i])).unzip();
            figure(&p, &t)
        })
        .collect();
    resampled.sort_by(f64::total_cmp);
    Interval {
        value: figure(raw, truths),
        low: resampled[RESAMPLES * 25 / 1000],
        high: resampled[RESAMPLES * 975 / 1000 - 1],
    }
}
