//! Waiting for what must come true: looked at anew after every signal on the bus.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures_util::StreamExt;
use zbus::{Connection, MatchRule, MessageStream, message::Type};

/// Time within which everything that these tests wait for must happen, on a busy machine too.
pub const SOON: Duration = Duration::from_secs(20);

/// For what no signal tells of: files, processes, properties that change in silence.
const TICK: Duration = Duration::from_millis(100);

/// Asks again and again until there is an answer, and gives it. Asks after each signal on the bus,
/// and at intervals for what no signal tells of.
///
/// # Errors
/// If there is none within `limit`: the error says `what`.
pub async fn eventually<T, F>(
    bus: &Connection,
    limit: Duration,
    what: &str,
    mut ask: F,
) -> Result<T>
where
    F: AsyncFnMut() -> Result<Option<T>>,
{
    let deadline = Instant::now() + limit;
    let mut signals = MessageStream::for_match_rule(
        MatchRule::builder().msg_type(Type::Signal).build()?,
        bus,
        None,
    )
    .await?;
    loop {
        let last = match ask().await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => String::new(),
            // Services come and go while we wait; the last trouble is worth knowing, though.
            Err(error) => format!(" ({error:#})"),
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            bail!("not within {limit:?}: {what}{last}");
        }
        let _ = tokio::time::timeout(left.min(TICK), signals.next()).await;
    }
}
