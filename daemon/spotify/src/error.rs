//! What can go wrong, each with a sentence that a person can act on. None of them holds a secret.

use std::time::Duration;

use moodlark_catalogue::tr;

/// Why Spotify was not asked, or did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The configuration has no client ID.
    #[error("{}", tr!("There is no Spotify client ID in the configuration; `man moodlark.toml` says how to make one and where it goes, under [spotify]."))]
    NoClientId,
    /// Nobody has signed in.
    #[error("{}", tr!("You are not signed in to Spotify; `moodlark spotify login` does that."))]
    NotSignedIn,
    /// Six months are over, or the user took the grant back.
    #[error("{}", tr!("The sign-in to Spotify has expired; `moodlark spotify login` renews it."))]
    SignInExpired,
    /// The sign-in did not work.
    #[error("{0}")]
    SignInFailed(String),
    /// A free account.
    #[error("{}", tr!("Spotify lets only Premium accounts be controlled; the player is asked by itself instead."))]
    NeedsPremium,
    /// No device of Spotify's that may be used.
    #[error("{}", tr!("Spotify shows no device that Moodlark may use; start Spotify on this computer, or allow others with `any-device` under [spotify]."))]
    NoDevice,
    /// The grant does not reach so far.
    #[error("{}", tr!("The sign-in to Spotify does not allow this; `moodlark spotify login` asks for what is needed."))]
    Scope,
    /// A plain 403.
    #[error("{}", tr!("Spotify refuses this: the playlist is not open to other apps, or your account is not on your app's list of users."))]
    Forbidden,
    /// Not there, or not visible to this account.
    #[error("{}", tr!("Spotify does not know {what}.", what = _0))]
    NotFound(String),
    /// A plain 400.
    #[error("{}", tr!("Spotify does not accept {what} like this.", what = _0))]
    NotAccepted(String),
    /// Too many calls.
    #[error("{}", tr!("Spotify asks to be left alone for another {span}.", span = rough(_0)))]
    RateLimited(Duration),
    /// The app's quota is used up.
    #[error("{}", tr!("Your Spotify app has used up its quota; Moodlark asks again in a day, or after a new sign-in."))]
    Quota,
    /// Nobody answers.
    #[error("{}", tr!("Spotify cannot be reached: there is no network, or its server does not answer."))]
    NoNetwork,
    /// The answer is none.
    #[error("{}", tr!("Spotify gave an answer that cannot be read."))]
    Garbled,
    /// A server's fault.
    #[error("{}", tr!("Spotify's server is in trouble (status {status}).", status = _0))]
    Server(u16),
    /// The keyring is locked.
    #[error("{}", tr!("Your keyring is locked, and the sign-in to Spotify is in it; unlock it, and Moodlark goes on by itself."))]
    KeyringLocked,
    /// Signed out, but for what a locked keyring holds.
    #[error("{}", tr!("Signed out here. What your locked keyring still holds is deleted once you unlock it."))]
    KeptByKeyring,
    /// The sign-in cannot be kept or read.
    #[error("{0}")]
    Storage(String),
    /// It said ok and did not do it.
    #[error("{}", tr!("Spotify said that it did it, and plays something else."))]
    NotVerified,
    /// The name is not on the list.
    #[error("{}", tr!("You have no playlist named \u{201c}{name}\u{201d} at Spotify; `moodlark playlists --spotify` lists them.", name = _0))]
    NoPlaylist(String),
    /// Not on the pages that a switch may read.
    #[error("{}", tr!("\u{201c}{name}\u{201d} is not among the first of your playlists at Spotify; `moodlark playlists --spotify` reads them all, and from then on it is known.", name = _0))]
    NotAmongFirst(String),
    /// The calls that a switch may make are used up.
    #[error("{}", tr!("This would take more calls to Spotify than one switch may make; the player is asked by itself instead."))]
    OutOfCalls,
    /// Not a thing of Spotify's that can be played.
    #[error("{}", tr!("{what} is nothing that Spotify can play.", what = _0))]
    NotPlayable(String),
}

impl Error {
    /// The name on the bus and in `--json`: stable, kebab-case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoClientId => "no-client-id",
            Self::NotSignedIn => "not-signed-in",
            Self::SignInExpired => "sign-in-expired",
            Self::SignInFailed(_) => "sign-in-failed",
            Self::NeedsPremium => "needs-premium",
            Self::NoDevice => "no-device",
            Self::Scope => "scope",
            Self::Forbidden => "forbidden",
            Self::NotFound(_) => "not-found",
            Self::NotAccepted(_) => "not-accepted",
            Self::RateLimited(_) => "rate-limited",
            Self::Quota => "quota",
            Self::NoNetwork => "no-network",
            Self::Garbled => "garbled",
            Self::Server(_) => "server",
            Self::KeyringLocked => "keyring-locked",
            Self::KeptByKeyring => "kept-by-keyring",
            Self::Storage(_) => "storage",
            Self::NotVerified => "not-verified",
            Self::NoPlaylist(_) => "no-playlist",
            Self::NotAmongFirst(_) => "not-among-first",
            Self::OutOfCalls => "out-of-calls",
            Self::NotPlayable(_) => "not-playable",
        }
    }
}

/// A span for people: `40 s`, `5 min`, `3 h`.
fn rough(span: &Duration) -> String {
    match span.as_secs() {
        s @ 0..=90 => format!("{s} s"),
        s @ 91..=5400 => format!("{} min", s.div_ceil(60)),
        s => format!("{} h", s.div_ceil(3600)),
    }
}
