//! Where to look for a face next: the order of the search, and what is believed at once. Pure; [`crate::eye`] does the looking.
//!
//! The whole picture by BlazeFace finds a face at a desk in 3 ms. What it misses is small or distant: rustface looks for that,
//! and then BlazeFace in tiles of the picture, where such a face is larger for it. Once a face is known, the next frame of the
//! burst is searched around it alone, and the whole picture again when it is gone from there.

use crate::{
    burst::SeveralFaces,
    face::{FaceBox, largest},
    window::Window,
};

/// A part of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// BlazeFace on a window around the face of the frame before.
    Around,
    /// BlazeFace on the whole picture.
    Whole,
    /// rustface on the whole picture.
    Small,
    /// BlazeFace on tiles of the picture.
    Tiles,
}

/// The search through the frames of a look.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Whether every face is to be counted, the small ones too.
    every: bool,
    /// The face of the frame before.
    known: Option<FaceBox>,
    /// How many faces the last search of the whole picture found.
    faces: usize,
    /// Whether all of the search was done in vain in the frame before.
    in_vain: bool,
}

impl Search {
    /// A search that has seen nothing yet.
    #[must_use]
    pub fn new(several: SeveralFaces) -> Self {
        Self {
            every: several == SeveralFaces::None,
            ..Self::default()
        }
    }

    /// The face that the next frame is searched around.
    #[must_use]
    pub const fn known(&self) -> Option<&FaceBox> {
        self.known.as_ref()
    }

    /// How many faces there are, as the last search of the whole picture saw it.
    #[must_use]
    pub const fn faces(&self) -> usize {
        self.faces
    }

    /// What to do after `last` in the same frame, `None` at its start; `found` is whether there is a face already.
    /// Answers `None` when the frame is done with.
    ///
    /// A search of the whole that was in vain is not done in full again in the very next frame: nothing new is there to be
    /// found a quarter of a second later, and a face that leans in is large.
    #[must_use]
    pub const fn next(&self, last: Option<Step>, found: bool) -> Option<Step> {
        match last {
            None if self.known.is_some() => Some(Step::Around),
            None => Some(Step::Whole),
            Some(Step::Around) if !found => Some(Step::Whole),
            Some(Step::Whole) if self.every && !self.in_vain => Some(Step::Small),
            Some(Step::Whole) if !found && !self.in_vain => Some(Step::Small),
            Some(Step::Small) if !found => Some(Step::Tiles),
            _ => None,
        }
    }

    /// Remembers what the frame showed; `last` is the step that the search ended with.
    pub fn seen(&mut self, last: Step, faces: &[FaceBox]) {
        if last != Step::Around {
            self.faces = faces.len();
        }
        self.known = largest(faces).copied();
        self.in_vain = faces.is_empty() && !self.in_vain;
    }
}

/// What a find is worth by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A face.
    Face,
    /// A second opinion has to decide.
    Unsure,
    /// None.
    Nothing,
}

/// A window around a face is so many times the longer side of its box: a face half as wide as its window is what BlazeFace is
/// surest of, and it may move by a quarter of its width until the next frame.
pub const AROUND: f32 = 2.2;
/// The most finds in tiles that are looked at again, the surest first: each costs a few milliseconds.
pub const MOST: usize = 4;
/// rustface's score from which on it confirms what BlazeFace is not sure of: its authors' example value.
pub const JUDGED: f32 = 2.0;

/// BlazeFace on the whole picture is believed from here on. The thresholds were chosen on 70 faces of FER2013's training split and on the
/// pictures without a face that `examples/accuracy/empty.sh` gathers: as sure as it takes for no face to be seen in these.
const SURE: f32 = 0.64;
/// The second look alone is believed from here on …
const SURE_AGAIN: f32 = 0.77;
/// … the mean of both looks from here on …
const SURE_TOGETHER: f32 = 0.76;
/// … and below this second look nothing is, whoever saw it first.
pub const DOUBTFUL_AGAIN: f32 = 0.5;

/// The least that BlazeFace must say at a step for a find to be considered, 0..=1.
#[must_use]
pub const fn least(step: Step) -> f32 {
    match step {
        // That there was a face a quarter of a second ago speaks for it: MediaPipe's default is enough.
        Step::Around => 0.5,
        Step::Whole | Step::Small => 0.4,
        Step::Tiles => 0.5,
    }
}

/// The tiles of a picture: a face of 110 pixels in 640×480 is as large in one as one of 220 in the whole.
#[must_use]
pub fn tiles(width: usize, height: usize) -> Vec<Window> {
    let side = width.max(height) as f32 / 2.0;
    if width >= height {
        Window::tiles(width, height, 3, 2, side)
    } else {
        Window::tiles(width, height, 2, 3, side)
    }
}

/// What a find of a step is worth by itself.
#[must_use]
pub fn verdict(step: Step, find: &FaceBox) -> Verdict {
    match step {
        Step::Around => Verdict::Face,
        Step::Whole if find.score >= SURE => Verdict::Face,
        // rustface is sure of its finds, but sees no eyes.
        Step::Whole | Step::Small | Step::Tiles => Verdict::Unsure,
    }
}

/// What a find is worth after BlazeFace's second look at it.
#[must_use]
pub fn second_verdict(find: &FaceBox, again: &FaceBox) -> Verdict {
    // Two detectors that know nothing of one another.
    let agreed = find.detector != again.detector;
    let together = (find.score + again.score) / 2.0;
    if again.score < DOUBTFUL_AGAIN {
        Verdict::Nothing
    } else if agreed || again.score >= SURE_AGAIN || together >= SURE_TOGETHER {
        Verdict::Face
    } else {
        Verdict::Unsure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Detector;

    fn face(detector: Detector, score: f32) -> FaceBox {
        FaceBox {
            x: 100.0,
            y: 100.0,
            width: 90.0,
            height: 80.0,
            score,
            detector,
            ..FaceBox::default()
        }
    }

    /// Goes through a frame: `there` says at which steps something is found. Answers the steps taken.
    fn frame(search: &mut Search, there: impl Fn(Step) -> bool) -> Vec<Step> {
        let (mut steps, mut faces) = (Vec::new(), Vec::new());
        while let Some(step) = search.next(steps.last().copied(), !faces.is_empty()) {
            steps.push(step);
            if there(step) {
                faces.push(face(Detector::Blazeface, 0.9));
            }
            assert!(steps.len() <= 4, "{steps:?}");
        }
        search.seen(*steps.last().unwrap(), &faces);
        steps
    }

    #[test]
    fn a_near_face_takes_one_step_a_frame() {
        let mut search = Search::new(SeveralFaces::Largest);
        assert_eq!(frame(&mut search, |_| true), [Step::Whole]);
        assert_eq!(frame(&mut search, |_| true), [Step::Around]);
        assert_eq!(search.faces(), 1);
    }

    #[test]
    fn a_face_that_is_gone_from_its_place_is_looked_for_everywhere() {
        let mut search = Search::new(SeveralFaces::Largest);
        frame(&mut search, |_| true);
        assert_eq!(
            frame(&mut search, |step| step == Step::Small),
            [Step::Around, Step::Whole, Step::Small]
        );
        assert_eq!(frame(&mut search, |_| true), [Step::Around]);
    }

    #[test]
    fn what_was_in_vain_is_done_in_full_every_other_frame() {
        let mut search = Search::new(SeveralFaces::Largest);
        let all = [Step::Whole, Step::Small, Step::Tiles];
        for _ in 0..3 {
            assert_eq!(frame(&mut search, |_| false), all);
            assert_eq!(frame(&mut search, |_| false), all[..1]);
        }
    }

    #[test]
    fn small_faces_are_counted_where_several_are_too_many() {
        let mut search = Search::new(SeveralFaces::None);
        assert_eq!(frame(&mut search, |_| true), [Step::Whole, Step::Small]);
        assert_eq!(search.faces(), 2);
        // Around the one that is followed there is one; the others are still remembered.
        assert_eq!(frame(&mut search, |_| true), [Step::Around]);
        assert_eq!(search.faces(), 2);
    }

    /// Whatever is found where: a frame ends, it ends early once there is a face, and two frames in a row cannot both miss
    /// what the full search would find.
    #[test]
    fn every_sequence_of_frames_ends_and_finds_again() {
        for several in [SeveralFaces::Largest, SeveralFaces::None] {
            for pattern in 0..1u32 << 12 {
                let mut search = Search::new(several);
                let mut missed = 0;
                for number in 0..6 {
                    let shown = pattern >> (2 * number) & 3;
                    // 0: nobody, 1: near, 2: small, 3: only in tiles.
                    let there = |step| match step {
                        Step::Around | Step::Whole => shown == 1,
                        Step::Small => shown == 1 || shown == 2,
                        Step::Tiles => shown != 0,
                    };
                    frame(&mut search, there);
                    let found = search.known().is_some();
                    assert!(!found || shown != 0);
                    missed = if shown == 0 || found { 0 } else { missed + 1 };
                    assert!(missed <= 1, "{pattern:b} at {number}");
                }
            }
        }
    }

    #[test]
    fn a_sure_find_is_believed_and_a_doubtful_one_is_looked_at_again() {
        let blazeface = |score| face(Detector::Blazeface, score);
        assert_eq!(verdict(Step::Whole, &blazeface(0.9)), Verdict::Face);
        assert_eq!(verdict(Step::Whole, &blazeface(0.5)), Verdict::Unsure);
        assert_eq!(verdict(Step::Tiles, &blazeface(0.9)), Verdict::Unsure);
        let rustface = face(Detector::Seeta, 9.0);
        assert_eq!(verdict(Step::Small, &rustface), Verdict::Unsure);
        let after = |first: &FaceBox, again| second_verdict(first, &blazeface(again));
        assert_eq!(after(&blazeface(0.5), 0.9), Verdict::Face);
        assert_eq!(after(&blazeface(0.5), 0.6), Verdict::Unsure);
        assert_eq!(after(&blazeface(0.5), 0.3), Verdict::Nothing);
        assert_eq!(after(&blazeface(0.8), 0.75), Verdict::Face);
        assert_eq!(after(&rustface, 0.6), Verdict::Face);
        assert_eq!(after(&rustface, 0.4), Verdict::Nothing);
    }

    #[test]
    fn a_tall_picture_has_as_many_tiles_as_a_wide_one() {
        assert_eq!(tiles(640, 480).len(), tiles(480, 640).len());
        assert!(tiles(640, 480).iter().all(|tile| tile.side == 320.0));
    }
}
