//! A connection to MPD: commands out, answers in.
//!
//! Every exchange has a deadline, every line and answer a largest size: a server that hangs, or was never an
//! MPD, costs seconds and kilobytes. After an error other than a plain no the connection is of no more use.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use moodlark_catalogue::tr;
use moodlark_core::player::mpd::{Address, Place};
use rustix::net::sockopt;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream, UnixStream, lookup_host},
};

use super::protocol::{self, Ack, Answer, Command, LARGEST_ANSWER, LONGEST_LINE, Line, code};
use crate::paths::expand_home;

/// Connecting, with MPD's greeting and the password.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// One exchange.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// An exchange of many songs: MPD looks up each of them.
const LONG_ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Why MPD did not do or answer something.
#[derive(Debug)]
pub enum MpdError {
    /// Nobody listens there.
    Unreachable {
        /// Where.
        place: Place,
        /// The system's reason.
        error: io::Error,
    },
    /// It took too long.
    Late(Duration),
    /// The connection ended.
    Gone,
    /// It said no.
    Refused(Ack),
    /// What it said is no MPD's.
    Nonsense(&'static str),
}

impl std::error::Error for MpdError {}

impl std::fmt::Display for MpdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&match self {
            Self::Unreachable { place, error } => {
                tr!("nothing answers at {place}: {error}", place, error)
            }
            Self::Late(within) => tr!(
                "it did not answer within {seconds} s; if it hangs, restart it",
                seconds = within.as_secs()
            ),
            Self::Gone => tr!("it closed the connection"),
            Self::Refused(ack) => refusal(ack),
            Self::Nonsense(what) => tr!("it does not speak MPD's protocol: {what}", what),
        })
    }
}

fn refusal(ack: &Ack) -> String {
    match ack.code {
        code::PASSWORD => {
            tr!(
                "it refuses the password; mend `address` under [mpd], or MPD_HOST (`password@host`)"
            )
        }
        code::PERMISSION => tr!(
            "it wants a password for this; give one in `address` under [mpd], or in MPD_HOST (`password@host`)"
        ),
        _ => ack.message.clone(),
    }
}

impl MpdError {
    /// Whether it said no with this code.
    #[must_use]
    pub fn is(&self, code: u32) -> bool {
        matches!(self, Self::Refused(ack) if ack.code == code)
    }

    /// Whether it said no, and the connection goes on.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

impl From<io::Error> for MpdError {
    fn from(error: io::Error) -> Self {
        tracing::debug!(%error, "MPD's connection broke");
        Self::Gone
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// One connection.
pub struct Client {
    stream: BufReader<Box<dyn Stream>>,
    version: String,
}

/// The answers of the commands that were carried out, and why the next one wasn't.
pub type Answers = (Vec<Answer>, Option<Ack>);

impl Client {
    /// Connects, waits to be greeted, and gives the password.
    ///
    /// # Errors
    /// [`MpdError`], within two seconds.
    pub async fn connect(address: &Address) -> Result<Self, MpdError> {
        within(CONNECT_WITHIN, async {
            let stream = open(&address.place)
                .await
                .map_err(|error| MpdError::Unreachable {
                    place: address.place.clone(),
                    error,
                })?;
            let mut client = Self::greeted(stream).await?;
            if let Some(password) = &address.password {
                let command = Command::new("password").arg(password).secret();
                client.send(&command).await?;
                client.answer().await?;
            }
            Ok(client)
        })
        .await
    }

    /// On a stream that is open.
    async fn greeted(stream: Box<dyn Stream>) -> Result<Self, MpdError> {
        let mut client = Self {
            stream: BufReader::new(stream),
            version: String::new(),
        };
        let line = client.line().await?;
        let version =
            protocol::greeting(&line).ok_or(MpdError::Nonsense("it does not greet like one"))?;
        client.version = version.chars().take(20).collect();
        Ok(client)
    }

    /// The version of the protocol that it speaks.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// One command.
    ///
    /// # Errors
    /// [`MpdError`], within two seconds.
    pub async fn ask(&mut self, command: Command) -> Result<Answer, MpdError> {
        within(ANSWER_WITHIN, async {
            self.send(&command).await?;
            self.answer().await
        })
        .await
    }

    /// Several commands at once, with nobody else's between. MPD stops at the first that it refuses; what it
    /// did before that stays done.
    ///
    /// # Errors
    /// [`MpdError`] other than a refusal, within ten seconds.
    pub async fn ask_all(&mut self, commands: &[Command]) -> Result<Answers, MpdError> {
        if commands.is_empty() {
            return Ok(Answers::default());
        }
        // Among several there may be one for the whole queue.
        let limit = if commands.len() > 2 {
            LONG_ANSWER_WITHIN
        } else {
            ANSWER_WITHIN
        };
        within(limit, async {
            self.send_all(commands).await?;
            let mut answers = Vec::with_capacity(commands.len());
            loop {
                match self.next_answer().await? {
                    (answer, Line::ListOk) if answers.len() < commands.len() => {
                        answers.push(answer);
                    }
                    (_, Line::Ok) if answers.len() == commands.len() => return Ok((answers, None)),
                    (_, Line::Ack(ack)) if ack.index == answers.len() => {
                        return Ok((answers, Some(ack)));
                    }
                    _ => return Err(MpdError::Nonsense("it answers what it was not asked")),
                }
            }
        })
        .await
    }

    /// Several commands at once, of which none may be refused.
    ///
    /// # Errors
    /// [`MpdError`], within ten seconds.
    pub async fn ask_each(&mut self, commands: &[Command]) -> Result<Vec<Answer>, MpdError> {
        match self.ask_all(commands).await? {
            (answers, None) => Ok(answers),
            (_, Some(ack)) => Err(MpdError::Refused(ack)),
        }
    }

    /// One command whose answer may be long.
    ///
    /// # Errors
    /// [`MpdError`], within ten seconds.
    pub async fn ask_long(&mut self, command: Command) -> Result<Answer, MpdError> {
        within(LONG_ANSWER_WITHIN, async {
            self.send(&command).await?;
            self.answer().await
        })
        .await
    }

    /// Waits, for as long as it takes, until something happens in one of these subsystems, and names it.
    /// MPD keeps such a connection open for ever.
    ///
    /// # Errors
    /// [`MpdError`]
    pub async fn idle(&mut self, subsystems: &[&str]) -> Result<Vec<String>, MpdError> {
        let mut command = Command::new("idle");
        for subsystem in subsystems {
            command = command.arg(subsystem);
        }
        within(ANSWER_WITHIN, self.send(&command)).await?;
        let answer = self.answer().await?;
        Ok(answer.all("changed").map(str::to_owned).collect())
    }

    async fn send(&mut self, command: &Command) -> Result<(), MpdError> {
        tracing::trace!(?command, "to MPD");
        let line = format!("{}\n", command.line());
        self.stream.write_all(line.as_bytes()).await?;
        Ok(self.stream.flush().await?)
    }

    async fn send_all(&mut self, commands: &[Command]) -> Result<(), MpdError> {
        let mut text = String::from("command_list_ok_begin\n");
        for command in commands {
            text.push_str(command.line());
            text.push('\n');
        }
        text.push_str("command_list_end\n");
        self.stream.write_all(text.as_bytes()).await?;
        Ok(self.stream.flush().await?)
    }

    async fn answer(&mut self) -> Result<Answer, MpdError> {
        match self.next_answer().await? {
            (answer, Line::Ok) => Ok(answer),
            (_, Line::Ack(ack)) => Err(MpdError::Refused(ack)),
            _ => Err(MpdError::Nonsense("it answers what it was not asked")),
        }
    }

    /// Pairs, and the line that ended them.
    async fn next_answer(&mut self) -> Result<(Answer, Line<'static>), MpdError> {
        let (mut answer, mut size) = (Answer::default(), 0);
        loop {
            let text = self.line().await?;
            size += text.len();
            if size > LARGEST_ANSWER {
                return Err(MpdError::Nonsense("an answer without an end"));
            }
            match protocol::line(&text) {
                Some(Line::Pair(..)) => answer.push(&text),
                Some(Line::Ok) => return Ok((answer, Line::Ok)),
                Some(Line::ListOk) => return Ok((answer, Line::ListOk)),
                Some(Line::Ack(ack)) => return Ok((answer, Line::Ack(ack))),
                None => return Err(MpdError::Nonsense("a line that says nothing")),
            }
        }
    }

    /// One line. What is not UTF-8 in it is replaced: tags may hold anything.
    async fn line(&mut self) -> Result<String, MpdError> {
        let mut line = Vec::new();
        loop {
            let chunk = self.stream.fill_buf().await?;
            if chunk.is_empty() {
                return Err(MpdError::Gone);
            }
            let end = chunk.iter().position(|b| *b == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            if line.len() + part.len() > LONGEST_LINE {
                return Err(MpdError::Nonsense("a line without an end"));
            }
            line.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.stream.consume(used);
            if end.is_some() {
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
        }
    }
}

async fn within<T>(
    limit: Duration,
    exchange: impl Future<Output = Result<T, MpdError>>,
) -> Result<T, MpdError> {
    match tokio::time::timeout(limit, exchange).await {
        Ok(answer) => answer,
        Err(_) => Err(MpdError::Late(limit)),
    }
}

async fn open(place: &Place) -> io::Result<Box<dyn Stream>> {
    Ok(match place {
        Place::Socket(path) => {
            Box::new(UnixStream::connect(expand_home(&path.to_string_lossy())).await?)
        }
        // A path that begins with a zero byte is none: so the kernel has it, and tokio.
        Place::Abstract(name) => Box::new(UnixStream::connect(format!("\0{name}")).await?),
        Place::Tcp(host, port) => {
            let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
            // By definition (RFC 6761), and without a thread that asks.
            let addresses: Vec<SocketAddr> = if host.eq_ignore_ascii_case("localhost") {
                let port = *port;
                vec![
                    (Ipv4Addr::LOCALHOST, port).into(),
                    (Ipv6Addr::LOCALHOST, port).into(),
                ]
            } else {
                lookup_host((host.as_str(), *port)).await?.collect()
            };
            for address in addresses {
                match tcp(address).await {
                    Ok(stream) => return Ok(Box::new(stream)),
                    Err(error) => last = error,
                }
            }
            return Err(last);
        }
    })
}

/// With keep-alive: the connection that waits would never learn that the other machine was switched off.
async fn tcp(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_keepalive(true)?;
    // The kernel's own patience is two hours: so long would a player that is gone be one that plays.
    sockopt::set_tcp_keepidle(&socket, Duration::from_secs(60))?;
    sockopt::set_tcp_keepintvl(&socket, Duration::from_secs(15))?;
    sockopt::set_tcp_keepcnt(&socket, 4)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests;
