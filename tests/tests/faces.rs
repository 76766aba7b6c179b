//! Real pictures of each emotion through the real worker: each moves the mood the right way.

use anyhow::{Context, Result};
use moodlark_core::{Affect, Emotion, filter::PRIOR};
use moodlark_tests::{rig, session::Session};

/// Pictures named `happy-1.jpg` and so on; not part of the repository.
const FACES: &str = "../shared/data/faces";

#[tokio::test]
async fn each_emotions_pictures_move_the_mood_the_right_way() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-sense", "sox"]) {
        return Ok(());
    }
    let Some(faces) = rig::optional_data(FACES) else {
        return Ok(());
    };
    let session = Session::start().await?;
    let mut report = String::new();
    let mut wrong = Vec::new();
    for emotion in Emotion::ALL {
        let mut rose = 0;
        let mut pleasant = 0.0;
        for number in 1..=3 {
            // A new service each time: nothing of the last face is left.
            let setup = session.service_in(&format!("{emotion}-{number}"))?;
            let picture = faces.join(format!("{emotion}-{number}.jpg"));
            let picture = format!("pictures = \"{}\"", picture.display());
            setup.configure(&session.config(&[
                ("pictures", &picture),
                ("interval", "interval = \"1h\""),
                ("only-while-playing", "only-while-playing = false"),
            ]))?;
            let service = setup.start().await?;
            let reading = service
                .reads("face")
                .await
                .with_context(|| picture.clone())?;
            let mood = service.mood().await?;
            let now = *mood
                .distribution()
                .await?
                .get(emotion.name())
                .context("no such emotion")?;
            let before = PRIOR[emotion.index()];
            if now > before {
                rose += 1;
            }
            let valence = mood.valence().await?;
            pleasant += valence / 3.0;
            report += &format!(
                "{emotion}-{number}: {before:.2} -> {now:.2}, valence {valence:+.2}, label {}, seen {}\n",
                mood.label().await?,
                reading["distribution"]
            );
        }
        if rose < 2 {
            wrong.push(format!(
                "{emotion}: the belief rose for {rose} of 3 pictures"
            ));
        }
        let aim = Affect::of(emotion).valence;
        if emotion != Emotion::Surprise && aim.abs() > 0.3 && pleasant * aim < 0.0 {
            wrong.push(format!(
                "{emotion}: valence {pleasant:+.2}, not towards {aim:+.2}"
            ));
        }
    }
    println!("{report}");
    assert!(wrong.is_empty(), "{wrong:#?}\n{report}");
    Ok(())
}
