//! `org.moodlark.Service1`: the service itself.

use moodlark_api::{Dict, error::Error};
use zbus::interface;

use super::{Call, Desk, dict};

pub(super) struct Service1(pub(super) Desk);

#[interface(name = "org.moodlark.Service1")]
impl Service1 {
    /// The version of the program.
    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    /// One line: what it does now.
    #[zbus(property)]
    fn status(&self) -> String {
        self.0.view().status.clone()
    }

    /// How the tray's icon looks and acts, as configured. Keys: left-click (s: look, status),
    /// icons (s: colour, symbolic, symbolic-light, symbolic-dark).
    #[zbus(property)]
    fn tray(&self) -> Dict {
        let tray = self.0.view().tray;
        dict::of([
            ("left-click", tray.left_click.name().into()),
            ("icons", tray.icons.name().into()),
        ])
    }

    /// The configuration file's path. Where there is none yet, the shipped one is put there: every
    /// option commented out.
    async fn config_file(&self) -> Result<String, Error> {
        self.0.call(Call::ConfigFile).await
    }

    /// Reads the configuration again.
    async fn reload(&self) -> Result<(), Error> {
        self.0.call(Call::Reload).await
    }

    /// Checks everything it needs. Keys: check (s), level (s: ok, warning, problem), finding (s),
    /// advice (s).
    async fn doctor(&self) -> Result<Vec<Dict>, Error> {
        self.0.call(Call::Doctor).await
    }
}
