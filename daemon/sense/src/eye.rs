//! The eye: the detectors and the expression networks, and a picture's way through them.

use anyhow::Result;
use moodlark_core::{Distribution, Emotion};
use moodlark_models::EXPRESSIONS;

use crate::{
    blazeface::Blazeface,
    burst::{self, Observation, ReadFace},
    expression::Expression,
    face::{Detector, FaceBox, Opinion, largest, without_doubles},
    luma::{Crop, Luma},
    occlusion::Occlusion,
    quality,
    search::{self, Search, Step, Verdict},
    seeta::Seeta,
    window::Window,
};

/// The side of the crop that is covered part by part, in pixels: twice what the networks want, so that it can be looked at.
const MAPPED: usize = 96;
/// A picture as black as this has no face to look for, 0..=1.
const PITCH: f64 = 0.015;
/// Boxes that overlap by more are the same face.
const SAME: f32 = 0.25;

/// A map of what an answer hangs on.
#[derive(Debug)]
pub struct Map {
    /// The likeliest expression.
    pub emotion: Emotion,
    /// The most that covering a part of the face changes its probability, 0..=1.
    pub most: f64,
    /// The picture, as a PNG file.
    pub png: Vec<u8>,
}

/// The detectors and networks.
pub struct Eye {
    blazeface: Blazeface,
    seeta: Option<Seeta>,
    expression: Option<Expression>,
}

impl Eye {
    /// Loads BlazeFace. The others are loaded when they are first needed: most of what a look costs is the loading of the
    /// expression network, and where nobody is there it is not needed.
    ///
    /// # Errors
    /// When the embedded model cannot be read.
    pub fn load() -> Result<Self> {
        Ok(Self {
            blazeface: Blazeface::load()?,
            seeta: None,
            expression: None,
        })
    }

    /// The same with these expression networks.
    ///
    /// # Errors
    /// When an embedded model cannot be read.
    pub fn with(expression: Expression) -> Result<Self> {
        Ok(Self {
            expression: Some(expression),
            ..Self::load()?
        })
    }

    /// The expression networks.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn expression(&mut self) -> Result<&Expression> {
        let expression = match self.expression.take() {
            Some(loaded) => loaded,
            None => Expression::load()?,
        };
        Ok(self.expression.insert(expression))
    }

    /// Probabilities as sure as they deserve to be.
    #[must_use]
    pub fn calibrated(&self, raw: &[f64; EXPRESSIONS]) -> Distribution {
        // Without a network nothing was classified.
        self.expression
            .as_ref()
            .map_or(Distribution::UNIFORM, |e| e.calibrated(raw))
    }

    /// rustface.
    ///
    /// # Errors
    /// When its model cannot be read.
    pub fn seeta(&mut self) -> Result<&mut Seeta> {
        let seeta = match self.seeta.take() {
            Some(loaded) => loaded,
            None => Seeta::load()?,
        };
        Ok(self.seeta.insert(seeta))
    }

    /// BlazeFace.
    #[must_use]
    pub const fn blazeface(&self) -> &Blazeface {
        &self.blazeface
    }

    /// The faces in a picture, the next frame of a search; none in one that is pitch black.
    ///
    /// # Errors
    /// When a detector fails.
    pub fn faces(&mut self, picture: &Luma, search: &mut Search) -> Result<Vec<FaceBox>> {
        let mut faces: Vec<FaceBox> = Vec::new();
        if picture.mean() < PITCH {
            return Ok(faces);
        }
        let mut last = None;
        while let Some(step) = search.next(last, !faces.is_empty()) {
            for face in self.step(step, picture, search)? {
                if faces.iter().all(|known| known.likeness(&face) <= SAME) {
                    faces.push(face);
                }
            }
            last = Some(step);
        }
        if let Some(step) = last {
            search.seen(step, &faces);
        }
        Ok(faces)
    }

    /// What one step of the search finds and believes.
    fn step(&mut self, step: Step, picture: &Luma, search: &Search) -> Result<Vec<FaceBox>> {
        let (width, height) = (picture.width(), picture.height());
        let least = search::least(step);
        let finds = match step {
            Step::Around => match search.known() {
                Some(face) => {
                    let window = Window::around(face, search::AROUND);
                    self.blazeface.detect(picture, &window, least)?
                }
                None => Vec::new(),
            },
            Step::Whole => {
                let window = Window::whole(width, height);
                self.blazeface.detect(picture, &window, least)?
            }
            Step::Small => self.seeta()?.detect(picture),
            Step::Tiles => {
                let mut finds = Vec::new();
                for tile in search::tiles(width, height) {
                    finds.extend(self.blazeface.detect(picture, &tile, least)?);
                }
                let mut finds = without_doubles(finds, SAME);
                finds.truncate(search::MOST);
                finds
            }
        };
        let mut faces = Vec::new();
        for find in finds {
            let face = match search::verdict(step, &find) {
                Verdict::Face => Some(find),
                Verdict::Unsure => self.looked_at_again(picture, &find)?,
                Verdict::Nothing => None,
            };
            faces.extend(face);
        }
        Ok(faces)
    }

    /// A second look at a find, upright and near, and rustface's opinion where that is not enough.
    fn looked_at_again(&mut self, picture: &Luma, find: &FaceBox) -> Result<Option<FaceBox>> {
        let window = Window::around(find, search::AROUND);
        let seen = self
            .blazeface
            .detect(picture, &window, search::DOUBTFUL_AGAIN)?;
        let like = |face: &FaceBox| face.likeness(find);
        let again = seen
            .into_iter()
            .filter(|face| like(face) > SAME)
            .max_by(|a, b| like(a).total_cmp(&like(b)));
        let Some(again) = again else { return Ok(None) };
        let (believed, second) = match search::second_verdict(find, &again) {
            Verdict::Face => (
                true,
                Opinion {
                    detector: find.detector,
                    score: find.score,
                },
            ),
            Verdict::Nothing => return Ok(None),
            Verdict::Unsure => {
                let score = self.seeta()?.judges(picture, &again);
                let opinion = Opinion {
                    detector: Detector::Seeta,
                    score,
                };
                (score >= search::JUDGED, opinion)
            }
        };
        Ok(believed.then_some(FaceBox {
            second: Some(second),
            ..again
        }))
    }

    /// What a picture shows, as the next frame of a search.
    ///
    /// # Errors
    /// When a detector or network fails.
    pub fn observe(&mut self, picture: &Luma, search: &mut Search) -> Result<Observation> {
        let faces = self.faces(picture, search)?;
        self.observed(picture, faces, search)
    }

    /// What a picture shows in which these faces were found.
    ///
    /// # Errors
    /// When a network fails.
    pub fn observed(
        &mut self,
        picture: &Luma,
        faces: Vec<FaceBox>,
        search: &Search,
    ) -> Result<Observation> {
        Ok(Observation {
            brightness: picture.mean(),
            people: search.faces().max(faces.len()),
            read: self.read(picture, &faces)?,
            faces,
        })
    }

    /// The face that counts, straightened, classified and measured.
    ///
    /// # Errors
    /// When a network fails.
    pub fn read(&mut self, picture: &Luma, faces: &[FaceBox]) -> Result<Option<ReadFace>> {
        let Some(face) = largest(faces) else {
            return Ok(None);
        };
        let expression = self.expression()?;
        let crop = expression.crop(picture, face, quality::SIDE);
        let of_side = |side| {
            if side == quality::SIDE {
                crop.clone()
            } else {
                expression.crop(picture, face, side)
            }
        };
        let raw = expression.of_crops(of_side)?;
        Ok(Some(burst::measured(picture, face, &crop, raw)))
    }

    /// Which parts of a face the likeliest expression hangs on.
    ///
    /// # Errors
    /// When a network fails.
    pub fn map(&mut self, picture: &Luma, face: &FaceBox) -> Result<Map> {
        let expression = self.expression()?;
        let crop = expression.crop(picture, face, MAPPED);
        let answer = |crop: &Crop| {
            let raw = expression.of_crops(|side| crop.resized(side))?;
            Ok::<_, anyhow::Error>(expression.calibrated(&raw))
        };
        let (emotion, _) = answer(&crop)?.top();
        let occlusion = Occlusion::of(&crop, |crop| Ok(answer(crop)?.get(emotion)))?;
        Ok(Map {
            emotion,
            most: occlusion.most(),
            png: occlusion.png(&crop)?,
        })
    }
}
