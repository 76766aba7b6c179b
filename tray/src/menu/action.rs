//! What a line of the menu does, and its name on the way through the menu's library.

use crate::mood::Mood;

/// What a line of the menu does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The user says how they feel; `None` takes it back.
    Feel(Option<Mood>),
    /// Plays what fits the mood.
    Play(Mood),
    /// Takes the last switch back.
    Undo,
    /// Tells why the music was changed or left alone.
    Why,
    /// The user's yes or no to the camera.
    Camera(bool),
    /// Looks now.
    Look,
    /// Pauses the camera.
    Pause(Span),
    /// Ends a pause.
    Resume,
    /// What the user wants of the music.
    Policy(Policy),
    /// Opens the journal.
    History,
    /// Opens the configuration in the user's editor.
    Settings,
    /// Starts the service.
    Start,
    /// Ends the tray.
    Quit,
}

/// How long to pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Span {
    HalfHour,
    Hour,
    Tomorrow,
    Resumed,
}

impl Span {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::HalfHour, Self::Hour, Self::Tomorrow, Self::Resumed];

    const fn name(self) -> &'static str {
        match self {
            Self::HalfHour => "30m",
            Self::Hour => "1h",
            Self::Tomorrow => "tomorrow",
            Self::Resumed => "resumed",
        }
    }
}

/// What the user wants of the music, over all rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Policy {
    Match,
    Uplift,
    Calm,
    Energise,
    Keep,
    Auto,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Match,
        Self::Uplift,
        Self::Calm,
        Self::Energise,
        Self::Keep,
        Self::Auto,
    ];

    /// The name on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Uplift => "uplift",
            Self::Calm => "calm",
            Self::Energise => "energise",
            Self::Keep => "keep",
            Self::Auto => "auto",
        }
    }
}

impl Action {
    /// The action as the menu's library carries it.
    #[must_use]
    pub fn id(self) -> String {
        let (what, which) = match self {
            Self::Feel(None) => ("feel", "auto"),
            Self::Feel(Some(mood)) => ("feel", mood.name()),
            Self::Play(mood) => ("play", mood.name()),
            Self::Undo => ("undo", ""),
            Self::Why => ("why", ""),
            Self::Camera(true) => ("camera", "on"),
            Self::Camera(false) => ("camera", "off"),
            Self::Look => ("look", ""),
            Self::Pause(span) => ("pause", span.name()),
            Self::Resume => ("resume", ""),
            Self::Policy(policy) => ("policy", policy.name()),
            Self::History => ("history", ""),
            Self::Settings => ("settings", ""),
            Self::Start => ("start", ""),
            Self::Quit => ("quit", ""),
        };
        format!("{what}:{which}")
    }

    /// The action of an [`Action::id`].
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::all().find(|action| action.id() == id)
    }

    /// Every action there is.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        [
            Self::Feel(None),
            Self::Undo,
            Self::Why,
            Self::Camera(true),
            Self::Camera(false),
            Self::Look,
            Self::Resume,
            Self::History,
            Self::Settings,
            Self::Start,
            Self::Quit,
        ]
        .into_iter()
        .chain(Mood::ALL.into_iter().map(|mood| Self::Feel(Some(mood))))
        .chain(Mood::ALL.into_iter().map(Self::Play))
        .chain(Span::ALL.into_iter().map(Self::Pause))
        .chain(Policy::ALL.into_iter().map(Self::Policy))
    }
}
