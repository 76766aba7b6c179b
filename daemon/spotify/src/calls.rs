//! A call from its beginning: the grant, a token that holds, and the answer judged.

use std::{sync::Arc, time::Duration};

use moodlark_core::time::Timestamp;

use crate::{
    Error,
    answer::{holds, judge},
    budget::Budget,
    spotify::{Inner, Line, lock},
    wire::{Call, Unanswered, Wire},
};

/// Who does not answer is not asked again for so long: a network that swallows everything would hold up each switch
/// until its deadline.
pub(crate) const LEFT_ALONE: Duration = Duration::from_secs(60);

impl Inner {
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) async fn call(
        self: &Arc<Self>,
        line: &mut Line,
        call: &Call<'_>,
        what: &str,
        budget: &Budget,
    ) -> Result<String, Error> {
        let client_id = self.client_id()?;
        {
            let state = lock(&self.state);
            state.memory.limits.check(self.now())?;
            if holds(state.silent_until, self.now(), LEFT_ALONE) {
                return Err(Error::NoNetwork);
            }
        }
        // Not before it is known that there is a reason to build it.
        self.grant().await?;
        let wire = match &line.wire {
            Some((id, wire)) if *id == client_id => Arc::clone(wire),
            _ => {
                let wire = Arc::new(Wire::new(&self.server, &client_id));
                line.wire = Some((client_id.clone(), Arc::clone(&wire)));
                wire
            }
        };
        let mut stale = None;
        loop {
            let token = self
                .access(&wire, &client_id, stale.as_deref(), budget)
                .await?;
            budget.take()?;
            lock(&self.state).calls += 1;
            match wire.call(&token, call).await {
                Ok(text) => return Ok(text),
                // It ended early; once is enough to try with a new one.
                Err(Unanswered::Refused(refusal)) if refusal.status == 401 && stale.is_none() => {
                    stale = Some(token);
                }
                Err(Unanswered::Refused(refusal)) => return Err(judge(&refusal, what)),
                Err(Unanswered::Silent(error)) => return Err(error),
            }
        }
    }
}
