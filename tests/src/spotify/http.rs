//! Just enough of HTTP/1.1: a server that can also answer slowly or with garbage, and a browser's GET.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{Exchange, Shared, accounts, api, lock};

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Decoded.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: String,
}

impl Request {
    /// A header's value; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// A value of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
    /// JSON, or whatever else.
    pub body: String,
    /// Sent this much later.
    pub delay: Duration,
}

impl Answer {
    /// A status and nothing more.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// JSON.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            body: body.to_string(),
            ..Self::empty(status)
        }
    }
}

/// Serves until it is aborted.
pub(crate) async fn serve(socket: TcpListener, shared: Shared) {
    while let Ok((stream, _)) = socket.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            // A client that leaves in the middle is no failure of the server's.
            let _ = converse(stream, &shared).await;
        });
    }
}

async fn converse(mut stream: TcpStream, shared: &Shared) -> Result<()> {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await? {
        {
            let mut world = lock(&shared.world);
            world.in_hand += 1;
            world.most_at_once = world.most_at_once.max(world.in_hand);
        }
        let (answer, spoilt) = if request.path.starts_with("/v1/") {
            api::answer(shared, &request)
        } else {
            accounts::answer(shared, &request)
        };
        lock(&shared.exchanges).push(Exchange {
            request: request.clone(),
            answer: answer.clone(),
            spoilt,
        });
        tokio::time::sleep(answer.delay).await;
        lock(&shared.world).in_hand -= 1;
        let mut head = format!("HTTP/1.1 {} Whatever\r\n", answer.status);
        for (name, value) in &answer.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if answer.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", answer.body.len()));
        }
        if !answer.body.is_empty() {
            head.push_str("Content-Type: application/json; charset=utf-8\r\n");
        }
        stream
            .write_all(format!("{head}\r\n{}", answer.body).as_bytes())
            .await?;
    }
    Ok(())
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Option<Request>> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|end| end == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().context("no target")?,
    );
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Request {
        method: method.into(),
        path: path.into(),
        query: pairs(query),
        headers,
        body: String::new(),
    };
    let length: usize = request.header("content-length").parse().unwrap_or(0);
    buffer.drain(..end + 4);
    while buffer.len() < length {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the request ended early");
        }
    }
    request.body = String::from_utf8_lossy(&buffer[..length]).into_owned();
    buffer.drain(..length);
    Ok(Some(request))
}

/// `a=b&c=d`, decoded.
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What came back from a GET.
#[derive(Debug, Clone)]
pub struct There {
    /// The status.
    pub status: u16,
    /// Where it leads, with a redirect.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// Gets a page of `http://127.0.0.1:PORT/…`, as a browser does; follows nothing.
///
/// # Errors
/// If nobody answers.
pub async fn get(url: &str) -> Result<There> {
    let rest = url.strip_prefix("http://").context("not http")?;
    let (address, target) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("nobody is at {address}"))?;
    let ask = format!("GET /{target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    let mut bytes = Vec::new();
    let mut text = String::new();
    while stream.read_buf(&mut bytes).await? > 0 {
        text = String::from_utf8_lossy(&bytes).into_owned();
        // The server may keep the connection: an answer that is whole is enough.
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").and_then(|length| length.parse().ok());
            if length.is_some_and(|length: usize| body.len() >= length) {
                break;
            }
        }
    }
    let (head, body) = text.split_once("\r\n\r\n").context("no answer")?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .context("no status")?;
    Ok(There {
        status,
        location: header(head, "location"),
        body: body.to_owned(),
    })
}

fn header(head: &str, name: &str) -> Option<String> {
    head.split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}
