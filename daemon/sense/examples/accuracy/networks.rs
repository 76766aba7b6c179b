//! Each network alone and all of them together, to choose by accuracy and cost.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use moodlark_models::{ExpressionNetwork, ExpressionSpec, LABELS, NetworkInput, weights};
use moodlark_sense::expression::Expression;

use crate::{
    cpu::cpu_ms,
    faults::whole,
    figures::{Raw, accuracy, four_ways, macro_f1, normalised, probabilities, surest, three_ways},
    npz::Voted,
    votes,
};

/// What the embedded networks' names begin with beside one from a file.
const SHIPPED: &str = "shipped ";

/// The networks to be measured: those that are embedded, and one from a file that may take their place.
pub(crate) struct Bench {
    candidate: Option<(ExpressionNetwork, Vec<u8>)>,
    embedded: Vec<ExpressionNetwork>,
}

impl Bench {
    /// The specification's own networks, and the one in a file: it takes grey of 48 pixels as it is and answers in
    /// the order of [`LABELS`], as `models/training/export.py` writes it.
    pub(crate) fn new(spec: &ExpressionSpec, candidate: Option<&Path>) -> Result<Self> {
        let read = |path: &Path| {
            let name = path.file_stem().and_then(|name| name.to_str());
            let network = ExpressionNetwork {
                name: name.context("the network's file has no name")?.to_owned(),
                input: NetworkInput {
                    side: 48,
                    channels: 1,
                    scale: 1.0,
                    offset: 0.0,
                },
                output: LABELS.map(ToOwned::to_owned),
            };
            let bytes =
                fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok::<_, anyhow::Error>((network, bytes))
        };
        let candidate = candidate.map(read).transpose()?;
        let mut embedded = spec.networks.clone();
        if candidate.is_some() {
            // The file's name is mostly that of the network which it is to replace.
            let shipped = |network: &mut ExpressionNetwork| network.name.insert_str(0, SHIPPED);
            embedded.iter_mut().for_each(shipped);
        }
        Ok(Self {
            candidate,
            embedded,
        })
    }

    /// What is to be measured in full: the file's network alone, or all that are embedded.
    fn chosen(&self) -> Vec<ExpressionNetwork> {
        match &self.candidate {
            Some((network, _)) => vec![network.clone()],
            None => self.embedded.clone(),
        }
    }

    fn all(&self) -> Vec<ExpressionNetwork> {
        let candidate = self.candidate.iter().map(|(network, _)| network);
        candidate.chain(&self.embedded).cloned().collect()
    }

    /// The networks of a specification, loaded.
    pub(crate) fn load(&self, spec: &ExpressionSpec) -> Result<Expression> {
        Expression::with_weights(spec.clone(), |name| match &self.candidate {
            Some((network, bytes)) if network.name == name => Some(bytes),
            _ => weights::expression_network(name.strip_prefix(SHIPPED).unwrap_or(name)),
        })
    }
}

/// What the networks of a specification answer for each face of a set, before the temperature.
fn answers(set: &Voted, expression: &Expression) -> Result<Vec<Raw>> {
    set.faces
        .iter()
        .map(|face| expression.of_crops(|side| whole(face, side)))
        .collect()
}

/// Prints how each group of the networks does, plain and with the mirrored face too; answers the specification of what is
/// chosen, with its figures, temperature and confusion, and its answers.
pub(crate) fn compared(
    set: &Voted,
    bench: &Bench,
    spec: &ExpressionSpec,
) -> Result<(ExpressionSpec, Vec<Raw>)> {
    println!(
        "{:<36} majority  macro-F1  neg/neu/hap  surest half  ranking     KL    ECE  temperature  label  ms/face",
        "networks"
    );
    let (all, wanted) = (bench.all(), bench.chosen());
    let mut chosen = None;
    for mirrored in [false, true] {
        for group in 1..1usize << all.len() {
            let members = (0..all.len()).filter(|i| group >> i & 1 == 1);
            let mut one = spec.clone();
            one.networks = members.map(|i| all[i].clone()).collect();
            one.mirrored = mirrored;
            let names: Vec<&str> = one.networks.iter().map(|n| n.name.as_str()).collect();
            let name = names.join(" + ") + if mirrored { ", mirrored" } else { "" };
            let expression = bench.load(&one)?;
            let start = cpu_ms();
            let raw = answers(set, &expression)?;
            let each = (cpu_ms() - start) / set.faces.len() as f64;
            describe(&mut one, &raw, set);
            let m = &one.measured;
            println!(
                "{name:<36} {:>8.4}  {:>8.4}  {:>11.4}  {:>11.4}  {:>7.4}  {:>5.3}  {:>5.3}  {:>11.3}  {:>5.3}  {each:>7.2}",
                m.majority,
                m.macro_f1,
                m.three_way,
                m.surest_half,
                m.ranking,
                m.divergence,
                m.ece,
                one.temperature,
                m.label
            );
            if mirrored == spec.mirrored && one.networks == wanted {
                chosen = Some((one, raw));
            }
        }
    }
    chosen.context("none of the groups is what was to be measured")
}

/// Puts the figures of the answers into a specification, rounded to four digits.
fn describe(spec: &mut ExpressionSpec, raw: &[Raw], set: &Voted) {
    let round = |value: f64| (value * 1e4).round() / 1e4;
    let shares = set.shares();
    spec.temperature = (votes::fitted(raw, &shares) * 1e3).round() / 1e3;
    let calibrated = votes::crossed(raw, &shares);
    let (agreed, sure) = (set.of_agreed(raw), set.of_agreed(&calibrated));
    let labels = set.agreed().labels;
    let (of_known, known): (Vec<Raw>, Vec<usize>) = raw
        .iter()
        .zip(&set.labels)
        .filter_map(|(p, label)| Some((*p, (*label)?)))
        .unzip();
    let m = &mut spec.measured;
    m.faces = raw.len();
    m.agreed = agreed.len();
    m.majority = round(accuracy(&agreed, &labels));
    m.macro_f1 = round(macro_f1(&agreed, &labels));
    m.four_way = round(four_ways(&sure, &labels));
    m.three_way = round(three_ways(&sure, &labels));
    m.surest_half = round(surest(&sure, &labels, 50).0);
    m.ranking = round(votes::mean_ranking(&agreed, &labels));
    m.divergence = round(votes::divergence(&calibrated, &shares));
    m.ece_raw = round(votes::calibration_error(&probabilities(raw, 1.0), &shares));
    m.ece = round(votes::calibration_error(&calibrated, &shares));
    m.label = round(accuracy(&of_known, &known));
    spec.confusion = votes::confusion(raw, &set.votes).map(|row| normalised(&row).map(round));
    spec.class_prior = votes::mean_share(&set.votes, |_| true).map(round);
    spec.resting =
        votes::mean_share(&set.votes, |v| votes::majority(v) == Some(crate::NEUTRAL)).map(round);
}
