//! The port that the browser comes back to: on 127.0.0.1 alone, and only while somebody signs in.

use std::{net::Ipv4Addr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// The path of the redirect URI that is registered with the app.
pub(crate) const PATH: &str = "/callback";
/// A browser sends its request at once; who doesn't is none.
const SPEAKS_WITHIN: Duration = Duration::from_secs(5);
/// A request line with a code takes a few hundred bytes.
const MOST_BYTES: usize = 16 << 10;

/// What the user sees when the browser came back.
pub(crate) enum Page {
    Good,
    /// A sentence.
    Bad(String),
}

/// A port that waits for the browser.
pub(crate) struct Listener {
    socket: TcpListener,
    pub(crate) port: u16,
}

impl Listener {
    /// Listens on a free port of 127.0.0.1.
    pub(crate) async fn open() -> std::io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port })
    }

    /// The redirect URI. A literal address: `localhost` is refused by Spotify.
    pub(crate) fn redirect(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// The next request for the redirect URI: its whole address, and where to answer. Everything else that
    /// comes by (a browser's wish for an icon, another program's probing) is sent away.
    pub(crate) async fn next(&self) -> (String, Visitor) {
        loop {
            let Ok((stream, _)) = self.socket.accept().await else {
                // Out of descriptors, or a client that left at once.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let mut visitor = Visitor { stream };
            match timeout(SPEAKS_WITHIN, visitor.target()).await {
                Ok(Some(target)) if target.starts_with(&format!("{PATH}?")) => {
                    return (format!("http://127.0.0.1:{}{target}", self.port), visitor);
                }
                Ok(Some(_)) => visitor.send("404 Not Found", "Nothing is here.").await,
                Ok(None) => visitor.send("400 Bad Request", "This is no request.").await,
                Err(_) => {}
            }
        }
    }
}

/// Who knocked.
pub(crate) struct Visitor {
    stream: TcpStream,
}

impl Visitor {
    /// What is asked for, from the request's first line.
    async fn target(&mut self) -> Option<String> {
        let mut head = Vec::new();
        let mut piece = [0; 2048];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let got = self.stream.read(&mut piece).await.ok()?;
            if got == 0 || head.len() > MOST_BYTES {
                return None;
            }
            head.extend_from_slice(&piece[..got]);
        }
        let line = head.split(|byte| *byte == b'\r').next()?;
        let mut words = std::str::from_utf8(line).ok()?.split(' ');
        (words.next()? == "GET").then(|| words.next().map(Into::into))?
    }

    /// Tells the user how it went.
    pub(crate) async fn answer(mut self, page: Page) {
        match page {
            Page::Good => {
                self.send(
                    "200 OK",
                    "Moodlark is signed in to Spotify. You can close this page.",
                )
                .await;
            }
            Page::Bad(why) => self.send("400 Bad Request", &why).await,
        }
    }

    async fn send(&mut self, status: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let body = format!(
            "<!DOCTYPE html><meta charset=utf-8><title>Moodlark</title><body style=\"font-family:sans-serif;margin:4em auto;max-width:34em\"><p>{text}</p>"
        );
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let sending = async {
            self.stream.write_all(answer.as_bytes()).await?;
            self.stream.shutdown().await
        };
        // The browser may be gone; what counts was done before.
        let _ = timeout(SPEAKS_WITHIN, sending).await;
    }
}
