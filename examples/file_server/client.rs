//! `Service`: talks to clients, a request after the other.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use entracte::io::{Reader, Stream};
use entracte::net::{ServerHandle, TcpStream};
use entracte::sync::Event;
use entracte::{timeout, to_thread};
use futures_lite::future::or;

use crate::answer::{Answer, Body, Manner, Status};
use crate::options::Options;
use crate::request::{HEAD_LIMIT, Request};
use crate::site::{Found, Site};
use crate::target::Target;
use crate::wanted::{Version, Wanted, wanted};

/// How long, and how much, a client may go on talking after it was told that nobody listens.
const LINGER: (Duration, u64) = (Duration::from_secs(1), 1 << 20);

/// What the clients share.
pub(crate) struct Service {
    site: Site,
    patience: Duration,
    quiet: bool,
    closing: Event,
    server: ServerHandle,
    max_clients: usize,
    /// Set when there may be clients that wait for others to leave.
    crowded: Event,
}

impl Service {
    pub(crate) fn new(options: &Options, site: Site, server: ServerHandle) -> Self {
        Self {
            site,
            patience: options.timeout,
            quiet: options.quiet,
            closing: Event::new(),
            server,
            max_clients: options.max_clients,
            crowded: Event::new(),
        }
    }

    /// Stops listening, and has clients leave that ask for nothing.
    pub(crate) fn close(&self) {
        self.closing.set();
        self.server.close();
    }

    /// Serves a client until one of both has enough.
    pub(crate) async fn serve(&self, stream: Stream<TcpStream>) {
        if self.server.clients() >= self.max_clients {
            self.crowded.set();
        }
        self.talk(stream).await;
        self.crowded.clear();
    }

    async fn talk(&self, stream: Stream<TcpStream>) {
        let peer = stream.with(TcpStream::peer_address);
        let peer = peer.map_or_else(|_| "?".to_owned(), |peer| peer.to_string());
        let Stream {
            mut reader,
            mut writer,
        } = stream;
        reader.set_limit(HEAD_LIMIT);
        let mut is_first = true;
        while let Some(asked) = self.next(&mut reader, is_first).await {
            is_first = false;
            let request = asked.as_ref().ok();
            let manner = Manner {
                with_body: request.is_none_or(|request| request.method != "HEAD"),
                keep_alive: request.is_some_and(|it| it.keep_alive) && !self.wants_room(),
                patience: self.patience,
            };
            let answer = match &asked {
                Ok(request) => self.answer(request).await,
                Err(status) => Answer::only(*status),
            };
            let status = answer.status;
            let sent = answer.send(&mut writer, manner).await;
            self.log(&peer, request, status, &sent);
            if sent.is_err() {
                // What waits to be sent waits for a client that does not take it.
                writer.discard();
                return;
            }
            if !manner.keep_alive {
                break;
            }
        }
        if writer.close().await.is_ok() {
            linger(&mut reader).await;
        }
    }

    /// Whether clients are to leave when they have what they asked for.
    fn wants_room(&self) -> bool {
        self.closing.is_set() || self.crowded.is_set()
    }

    /// The next request; `None` if there is none.
    async fn next(
        &self,
        reader: &mut Reader<TcpStream>,
        is_first: bool,
    ) -> Option<Result<Request, Status>> {
        let next = timeout(self.patience, Request::read(reader));
        let leave = async {
            match is_first {
                true => self.closing.wait().await,
                // Nor does one that was served keep others waiting.
                false => or(self.closing.wait(), self.crowded.wait()).await,
            }
            Ok(Ok(None))
        };
        match or(next, leave).await {
            Ok(request) => request.transpose(),
            Err(_) if reader.buffered().is_empty() => None,
            Err(_) => Some(Err(Status::TIMEOUT)),
        }
    }

    async fn answer(&self, request: &Request) -> Answer {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Answer::only(Status::METHOD_NOT_ALLOWED).field("Allow", "GET, HEAD");
        }
        let target = match Target::parse(&request.target) {
            Ok(target) => Arc::new(target),
            Err(status) => return Answer::only(status),
        };
        let (site, sought) = (self.site.clone(), Arc::clone(&target));
        match to_thread(move || site.find(&sought)).await {
            Ok(Found::File {
                file,
                version,
                kind,
            }) => answer_file(request, file, &version, kind),
            Ok(Found::Page(page)) => Answer::new(Status::OK, Body::Text(page))
                .field("Content-Type", "text/html; charset=utf-8"),
            Ok(Found::NeedsSlash) => {
                Answer::only(Status::MOVED).field("Location", &target.with_slash())
            }
            Err(status) => Answer::only(status),
        }
    }

    fn log(&self, peer: &str, request: Option<&Request>, status: Status, sent: &io::Result<u64>) {
        if self.quiet {
            return;
        }
        let asked = request.map(|request| format!("\"{} {}\"", request.method, request.target));
        let asked = asked.as_deref().unwrap_or("-");
        let sent = match sent {
            Ok(bytes) => bytes.to_string(),
            Err(error) => format!("failed: {error}"),
        };
        crate::say(&format!("{peer} {asked} {} {sent}", status.0));
    }
}

fn answer_file(request: &Request, file: File, version: &Version, kind: &str) -> Answer {
    let (file, length) = (Arc::new(file), version.length);
    let answer = match wanted(request, version) {
        Wanted::NotModified => Answer::new(Status::NOT_MODIFIED, Body::Nothing),
        Wanted::Whole => Answer::new(Status::OK, Body::File(file, 0..length)),
        Wanted::Part(range) => {
            let said = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            Answer::new(Status::PARTIAL_CONTENT, Body::File(file, range))
                .field("Content-Range", &said)
        }
        Wanted::Beyond => {
            return Answer::only(Status::RANGE_NOT_SATISFIABLE)
                .field("Content-Range", &format!("bytes */{length}"));
        }
    };
    let modified = crate::date::format(version.modified);
    answer
        .field("Content-Type", kind)
        .field("Accept-Ranges", "bytes")
        .field("Last-Modified", &modified)
        .field("ETag", &version.tag)
}

/// Hears a client out whose request was not read to its end: otherwise the system would tell it that
/// the connection broke, maybe before it has read the answer.
async fn linger(reader: &mut Reader<TcpStream>) {
    let (time, mut most) = LINGER;
    let heard = async {
        while let Ok(chunk) = reader.chunk().await
            && !chunk.is_empty()
            && most > chunk.len() as u64
        {
            most -= chunk.len() as u64;
        }
    };
    timeout(time, heard).await.unwrap_or_default();
}
