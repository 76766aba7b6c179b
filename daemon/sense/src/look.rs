//! One look from its source to its reading.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use moodlark_core::{
    Reading,
    reading::{Line, SandboxLevel},
};

use moodlark_sandbox::{Calls, Landlock, Leave, close_files, seal};

use crate::{
    burst::{self, Observation, SeveralFaces},
    camera::{Stream, Trouble},
    decode,
    devices::{self, Node, Spec},
    eye::{Eye, Map},
    luma::Luma,
    pictures,
    search::Search,
    settle::Settle,
    spoken::{self, Speaker},
};

/// Frames in a burst.
const BURST: usize = 5;
/// From one frame of the burst to the next: five of them in about a second.
const APART: Duration = Duration::from_millis(250);
/// So many frames in a row that cannot be decoded are a broken camera.
const BROKEN: usize = 10;

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A camera.
    Camera(Spec),
    /// A picture, or the picture of that number in a folder.
    Pictures(PathBuf, u64),
}

/// What a look is to do.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is looked at.
    pub source: Source,
    /// Whether several faces are one too many.
    pub several: SeveralFaces,
    /// A look that takes longer ends by itself.
    pub deadline: Duration,
    /// Whether a picture is looked at twice, to tell what the second time takes.
    pub twice: bool,
    /// Whether to map what the answer hangs on, for a picture.
    pub map: bool,
}

/// What a look found, and how.
#[derive(Debug)]
pub struct Account {
    /// The line for the service.
    pub line: Line,
    /// What was looked at.
    pub source: String,
    /// What each frame showed.
    pub frames: Vec<Observation>,
    /// What took how long, in order.
    pub times: Vec<(&'static str, Duration)>,
    /// Which parts of the face the likeliest expression hangs on, if that was asked for.
    pub map: Option<Map>,
}

/// Looks. Every way in which a look can end is a reading, so this cannot fail; the sandbox stays closed behind it.
///
/// `speaker` is given a watch that ends the process at the deadline.
#[must_use]
pub fn look(request: &Request, speaker: &Speaker) -> Account {
    let mut looking = Looking {
        request,
        speaker,
        frames: Vec::new(),
        times: Vec::new(),
        map: None,
    };
    let (source, outcome) = match &request.source {
        Source::Camera(spec) => looking.at_camera(spec),
        Source::Pictures(path, index) => looking.at_picture(path, *index),
    };
    let reading = outcome.unwrap_or_else(|error| match error.downcast::<Trouble>() {
        Ok(trouble) => trouble.into(),
        Err(error) => Reading::Failed {
            reason: format!("{error:#}"),
        },
    });
    Account {
        line: spoken::line(reading, speaker.level()),
        source,
        frames: looking.frames,
        times: looking.times,
        map: looking.map,
    }
}

/// A look under way.
struct Looking<'a> {
    request: &'a Request,
    speaker: &'a Speaker,
    frames: Vec<Observation>,
    times: Vec<(&'static str, Duration)>,
    map: Option<Map>,
}

impl Looking<'_> {
    fn timed<T>(&mut self, what: &'static str, run: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = run();
        self.times.push((what, start.elapsed()));
        result
    }

    fn at_picture(&mut self, path: &Path, index: u64) -> (String, Result<Reading>) {
        // The bytes are in memory before the sandbox closes, and decoded only after.
        let read = self.timed("read the file", || pictures::read(path, index));
        let closed = self
            .close_files(None)
            .map(|landlock| self.close_calls(landlock, false));
        let (name, bytes) = match read {
            Ok((file, bytes)) => (file.display().to_string(), bytes),
            Err(error) => return (path.display().to_string(), Err(error)),
        };
        (name, closed.and_then(|_| self.decode(&bytes)))
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<Reading> {
        let picture = self.timed("decode", || decode::picture(bytes))?;
        let mut eye = self.timed("load the detector", Eye::load)?;
        let search = || Search::new(self.request.several);
        let (mut once, mut again) = (search(), search());
        let faces = self.timed("find the face", || eye.faces(&picture, &mut once))?;
        if !faces.is_empty() {
            self.timed("load the expression network", || eye.expression().map(drop))?;
        }
        let seen = self.timed("straighten and classify", || {
            eye.observed(&picture, faces, &once)
        })?;
        if self.request.twice {
            self.timed("the same again, all of it in the caches", || {
                eye.observe(&picture, &mut again)
            })?;
        }
        if let (true, Some(read)) = (self.request.map, &seen.read) {
            let face = read.face;
            self.map = Some(self.timed("map what it hangs on", || eye.map(&picture, &face))?);
        }
        self.frames.push(seen);
        Ok(self.reading(&eye))
    }

    fn at_camera(&mut self, spec: &Spec) -> (String, Result<Reading>) {
        let node = self.timed("find the camera", || devices::locate(spec));
        let landlock = match self.close_files(node.as_ref().ok()) {
            Ok(landlock) => landlock,
            Err(error) => return (spec.to_string(), Err(unplugged_if_gone(error))),
        };
        let stream = match &node {
            Ok(node) => self.timed("open the camera", || Stream::open(node)),
            Err(error) => {
                eprintln!("moodlark-sense: {error}");
                Err(error.clone().into())
            }
        };
        let mut name = node.map_or_else(
            |_| spec.to_string(),
            |n| format!("{} ({})", n.path.display(), n.name),
        );
        let closed = self.close_calls(landlock, true);
        let outcome = match (stream, closed) {
            (Err(trouble), _) => Err(trouble.into()),
            (_, SandboxLevel::None) => Err(anyhow::anyhow!(
                "this kernel offers no sandbox, and without one no camera is read"
            )),
            (Ok(mut stream), _) => {
                name = format!("{name}, {}", stream.offer());
                self.watch_camera(&mut stream)
            }
        };
        (name, outcome)
    }

    /// The first layer of the sandbox, and the watch inside of it.
    fn close_files(&self, node: Option<&Node>) -> Result<Landlock> {
        let landlock = close_files(node.map(|n| Leave::Device(&n.path)).as_slice())?;
        self.speaker
            .watch(self.request.deadline)
            .context("cannot watch the deadline")?;
        Ok(landlock)
    }

    /// The second layer, for the watch as well.
    fn close_calls(&self, landlock: Landlock, camera: bool) -> SandboxLevel {
        let calls = if camera {
            Calls::Camera
        } else {
            Calls::Compute
        };
        let level = seal(landlock, calls, "moodlark-sense");
        self.speaker.set_level(level);
        level
    }

    fn watch_camera(&mut self, stream: &mut Stream) -> Result<Reading> {
        // The first frame starts the stream; the detector loads while the camera finds its exposure.
        let began = Instant::now();
        let mut broken = 0;
        let mut settle = Settle::default();
        let mut first = Some(self.timed("wait for the first frame", || {
            good_frame(stream, &mut broken)
        })?);
        let mut eye = self.timed("load the detector", Eye::load)?;
        let waiting = Instant::now();
        loop {
            let frame = match first.take() {
                Some(frame) => frame,
                None => good_frame(stream, &mut broken)?,
            };
            if settle.feed(frame.mean(), began.elapsed()) {
                break;
            }
        }
        self.times
            .push(("wait for the exposure", waiting.elapsed()));
        let start = Instant::now();
        let mut work = Duration::ZERO;
        let mut search = Search::new(self.request.several);
        for number in 0..BURST {
            let due = APART * number as u32;
            let mut frame = good_frame(stream, &mut broken)?;
            while start.elapsed() < due {
                frame = good_frame(stream, &mut broken)?;
            }
            let analysing = Instant::now();
            self.frames.push(eye.observe(&frame, &mut search)?);
            work += analysing.elapsed();
        }
        self.times.push(("the burst", start.elapsed()));
        self.times
            .push(("of it, find, straighten, classify, and load for that", work));
        Ok(self.reading(&eye))
    }

    fn reading(&self, eye: &Eye) -> Reading {
        burst::reading(&self.frames, self.request.several, |raw| {
            eye.calibrated(raw)
        })
    }
}

/// The next frame that can be decoded.
fn good_frame(stream: &mut Stream, broken: &mut usize) -> Result<Luma> {
    loop {
        match stream.frame()? {
            Ok(frame) => {
                *broken = 0;
                return Ok(frame);
            }
            // Cameras send a broken frame now and then, mostly the first.
            Err(error) => {
                *broken += 1;
                if *broken >= BROKEN {
                    return Err(error.context("the camera's frames cannot be decoded"));
                }
            }
        }
    }
}

/// The node went between finding it and closing the sandbox around it.
fn unplugged_if_gone(error: anyhow::Error) -> anyhow::Error {
    let gone = error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound)
    });
    if gone {
        Trouble::Unplugged.into()
    } else {
        error
    }
}
