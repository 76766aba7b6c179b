//! A yes or no of a desktop's service: read once, and read again after each signal that may have
//! changed it. Most gates are no more than that.

use futures_util::{StreamExt, stream};
use moodlark_catalogue::tr;
use moodlark_core::gates::Gate;
use zbus::wire::OwnedVariant;

use super::{
    Backend, Bus, Desk, Watching,
    peer::{Peer, Trouble},
};

/// Where the yes or no is, and what tells of a change.
pub(super) struct Flag {
    pub(super) gate: Gate,
    /// What people call the service.
    pub(super) name: &'static str,
    pub(super) bus: Bus,
    /// Its name on the bus.
    pub(super) service: &'static str,
    pub(super) path: &'static str,
    pub(super) read: Read,
    /// Signals after which it is read again, with their interface; changes of the property besides.
    pub(super) signals: &'static [(&'static str, &'static str)],
}

/// How it is read.
pub(super) enum Read {
    /// A property, and what of its value means yes.
    Property(&'static str, &'static str, fn(OwnedVariant) -> Option<bool>),
    /// A method without arguments that answers with it.
    Method(&'static str, &'static str),
    /// A method that is asked about this number.
    MethodOf(&'static str, &'static str, u32),
    /// A method that is asked about these two texts, and answers with a variant.
    MethodOfTexts(&'static str, &'static str, [&'static str; 2]),
}

/// A property that is itself the yes or no.
pub(super) fn yes(value: OwnedVariant) -> Option<bool> {
    bool::try_from(value).ok()
}

impl Flag {
    async fn read(&self, peer: &Peer) -> Result<bool, Trouble> {
        let answer = match self.read {
            Read::Property(interface, property, meaning) => {
                let value = peer.get(self.path, interface, property).await?;
                return meaning(value).ok_or_else(|| {
                    Trouble::Absent(tr!(
                        "{whom}: {property} is something odd",
                        whom = self.name,
                        property
                    ))
                });
            }
            Read::Method(interface, method) => peer.call(self.path, interface, method, &()).await?,
            Read::MethodOf(interface, method, about) => {
                peer.call(self.path, interface, method, &about).await?
            }
            Read::MethodOfTexts(interface, method, about) => {
                let answer = peer
                    .call(self.path, interface, method, &(about[0], about[1]))
                    .await?;
                let value: OwnedVariant = answer
                    .body()
                    .deserialize()
                    .map_err(|error| peer.odd(&error))?;
                return bool::try_from(value).map_err(|error| peer.odd(&error));
            }
        };
        answer
            .body()
            .deserialize()
            .map_err(|error| peer.odd(&error))
    }

    async fn follow(&self, peer: &Peer, desk: &Desk) -> Result<(), Trouble> {
        let mut streams = Vec::new();
        if let Read::Property(interface, ..) = self.read {
            streams.push(peer.changes(self.path, interface).await?);
        }
        for (interface, member) in self.signals {
            streams.push(peer.signals(self.path, interface, member).await?);
        }
        let mut signals = stream::select_all(streams);
        loop {
            desk.tell(self.gate, self.read(peer).await?);
            if signals.next().await.is_none() {
                return Ok(());
            }
        }
    }
}

impl Backend for Flag {
    fn name(&self) -> &'static str {
        self.name
    }

    fn bus(&self) -> Bus {
        self.bus
    }

    fn service(&self) -> &'static str {
        self.service
    }

    fn watch<'a>(&'a self, peer: &'a Peer, desk: &'a Desk) -> Watching<'a> {
        Box::pin(self.follow(peer, desk))
    }
}
