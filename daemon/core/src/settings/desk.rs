//! `[notifications]`, `[history]` and `[tray]`: what is told, kept and shown.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::span;

/// `[notifications]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotificationSettings {
    /// Tell of each switch.
    pub switches: bool,
    /// Tell of failures that need the user.
    pub failures: bool,
    /// At most one notification of trouble in this time; switches, questions and the camera's
    /// first use always show.
    #[serde(with = "span")]
    pub at_most_every: Duration,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            switches: true,
            failures: true,
            at_most_every: Duration::from_secs(10),
        }
    }
}

/// `[history]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HistorySettings {
    /// What is older is deleted.
    #[serde(with = "span")]
    pub retention: Duration,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self {
            retention: Duration::from_secs(90 * 24 * 3600),
        }
    }
}

/// `[tray]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TraySettings {
    /// What a left click on the icon does.
    pub left_click: LeftClick,
    /// How the icon is drawn.
    pub icons: TrayIcons,
}

impl Default for TraySettings {
    fn default() -> Self {
        Self {
            left_click: LeftClick::Status,
            icons: TrayIcons::Colour,
        }
    }
}

/// What a left click on the tray's icon does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftClick {
    /// Looks through the camera now.
    Look,
    /// Tells by notification how things are.
    Status,
}

impl LeftClick {
    /// The name in the configuration and on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Status => "status",
        }
    }
}

/// How the tray's icon is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrayIcons {
    /// In the mood's colour.
    Colour,
    /// In one colour, light or dark as the desktop's colour scheme asks for.
    Symbolic,
    /// In white, for a dark panel.
    SymbolicLight,
    /// In black, for a light panel.
    SymbolicDark,
}

impl TrayIcons {
    /// The name in the configuration and on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Colour => "colour",
            Self::Symbolic => "symbolic",
            Self::SymbolicLight => "symbolic-light",
            Self::SymbolicDark => "symbolic-dark",
        }
    }
}
