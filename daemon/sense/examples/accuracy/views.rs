//! What five frames of one second are worth: five views of one face, made from it, against one, and against five facts.

use anyhow::Result;
use moodlark_sense::{expression::Expression, face::FaceBox, luma::Luma};

use crate::{
    faults::Random,
    figures::{Raw, accuracy, probabilities, top},
    npz::Set,
    votes::{divergence, fitted},
};

/// Frames in a burst.
const VIEWS: usize = 5;

/// Accuracy, and how well the certainty fits, for one view, the mean of five, and five multiplied as if independent.
pub(crate) fn table(set: &Set, expression: &Expression) -> Result<String> {
    let (mut one, mut mean, mut product) = (Vec::new(), Vec::new(), Vec::new());
    let (mut agree, mut pairs) = (0.0, 0.0);
    let labels: Vec<usize> = set.labels.iter().step_by(3).copied().collect();
    for (number, face) in set.faces.iter().step_by(3).enumerate() {
        let mut random = Random(number as u64);
        let views = (0..VIEWS)
            .map(|_| {
                let (shown, place) = (view(face, &mut random), jittered(face, &mut random));
                expression.of_crops(|side| shown.crop(&place, 1.0, side))
            })
            .collect::<Result<Vec<Raw>>>()?;
        one.push(views[0]);
        let of = |join: &dyn Fn(usize) -> f64| -> Raw { std::array::from_fn(join) };
        mean.push(of(&|i| {
            views.iter().map(|v| v[i]).sum::<f64>() / VIEWS as f64
        }));
        let logs = of(&|i| views.iter().map(|v| v[i].max(1e-6).ln()).sum::<f64>());
        let most = logs.iter().copied().fold(f64::MIN, f64::max);
        let total: f64 = logs.iter().map(|l| (l - most).exp()).sum();
        product.push(logs.map(|l| (l - most).exp() / total));
        for pair in views.windows(2) {
            let right = |p: &Raw| top(p) == labels[number];
            agree += f64::from(right(&pair[0]) == right(&pair[1]));
            pairs += 1.0;
        }
    }
    let mut text = String::from(
        "Five views of a face, as in the five frames of a look: the box moved by 3 %, its size by 3 %, its tilt by 3° (deviations), gain noise \
         of 6 of 255, the light by 5 % (every third face). Loss is the negative log-likelihood; a temperature above that of one view says that \
         the joined answer must be made less sure:\n\n\
         | | accuracy | best temperature | loss at that | loss at one view's |\n|---|---|---|---|---|\n",
    );
    // From an answer that is certain, the divergence is the negative log-likelihood.
    let certain = |label: &usize| std::array::from_fn(|e| f64::from(u8::from(e == *label)));
    let truths: Vec<Raw> = labels.iter().map(certain).collect();
    let loss = |raw: &[Raw], temperature| divergence(&probabilities(raw, temperature), &truths);
    let single = fitted(&one, &truths);
    for (name, raw) in [
        ("one view", &one),
        ("the mean of five", &mean),
        ("five multiplied, as if each were a fact", &product),
    ] {
        let best = fitted(raw, &truths);
        text += &format!(
            "| {name} | {:.3} | {best:.2} | {:.3} | {:.3} |\n",
            accuracy(raw, &labels),
            loss(raw, best),
            loss(raw, single)
        );
    }
    text += &format!(
        "\nOf two views of a face, both are right or both wrong in {:.3}.\n",
        agree / pairs
    );
    Ok(text)
}

/// The face as another frame has it: with noise and a little more or less light.
fn view(face: &Luma, random: &mut Random) -> Luma {
    let light = 1.0 + random.normal() * 0.05;
    let pixel = |p: &u8| (f32::from(*p) * light + random.normal() * 6.0).clamp(0.0, 255.0) as u8;
    let data = face.as_bytes().iter().map(pixel).collect();
    Luma::new(face.width(), face.height(), data).unwrap_or_else(|| face.clone())
}

/// The box as a detector gives it in another frame, around the set's own crop.
fn jittered(face: &Luma, random: &mut Random) -> FaceBox {
    let side = face.width() as f32;
    let scaled = side * (1.0 + random.normal() * 0.03);
    let place = |random: &mut Random| (side - scaled) / 2.0 + random.normal() * 0.03 * side;
    FaceBox {
        x: place(random),
        y: place(random),
        width: scaled,
        height: scaled,
        roll: random.normal() * 3f32.to_radians(),
        ..FaceBox::default()
    }
}
