//! `Answer`: a status, fields and a body, and how they are sent.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use entracte::net::TcpStream;
use entracte::{timeout, to_thread};
use futures_lite::future::zip;

use crate::date;

/// How much of a file is read at a time.
const PIECE: u64 = 128 * 1024;

/// How a request ended, as a number and in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status(pub(crate) u16, &'static str);

impl Status {
    pub(crate) const OK: Self = Self(200, "OK");
    pub(crate) const PARTIAL_CONTENT: Self = Self(206, "Partial Content");
    pub(crate) const MOVED: Self = Self(301, "Moved Permanently");
    pub(crate) const NOT_MODIFIED: Self = Self(304, "Not Modified");
    pub(crate) const BAD_REQUEST: Self = Self(400, "Bad Request");
    pub(crate) const FORBIDDEN: Self = Self(403, "Forbidden");
    pub(crate) const NOT_FOUND: Self = Self(404, "Not Found");
    pub(crate) const METHOD_NOT_ALLOWED: Self = Self(405, "Method Not Allowed");
    pub(crate) const TIMEOUT: Self = Self(408, "Request Timeout");
    pub(crate) const URI_TOO_LONG: Self = Self(414, "URI Too Long");
    pub(crate) const RANGE_NOT_SATISFIABLE: Self = Self(416, "Range Not Satisfiable");
    pub(crate) const FIELDS_TOO_LARGE: Self = Self(431, "Request Header Fields Too Large");
    pub(crate) const INTERNAL_ERROR: Self = Self(500, "Internal Server Error");
    pub(crate) const VERSION_NOT_SUPPORTED: Self = Self(505, "HTTP Version Not Supported");

    /// What to say about a file that cannot be had.
    pub(crate) fn of(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::PermissionDenied => Self::FORBIDDEN,
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
                Self::NOT_FOUND
            }
            // Links that lead in a circle, and names that are too long, have no kind of their own.
            _ if error.raw_os_error().is_some() => Self::NOT_FOUND,
            _ => Self::INTERNAL_ERROR,
        }
    }
}

pub(crate) enum Body {
    Nothing,
    Text(String),
    File(Arc<File>, Range<u64>),
}

/// What a client is answered.
pub(crate) struct Answer {
    pub(crate) status: Status,
    fields: String,
    body: Body,
}

/// How an answer is to be sent.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// Without it only the head is sent, as for HEAD.
    pub(crate) with_body: bool,
    pub(crate) keep_alive: bool,
    /// How long the client may take for a piece.
    pub(crate) patience: Duration,
}

impl Answer {
    pub(crate) fn new(status: Status, body: Body) -> Self {
        Self {
            status,
            fields: String::new(),
            body,
        }
    }

    /// A status that is all there is to say.
    pub(crate) fn only(status: Status) -> Self {
        let text = format!("{} {}\n", status.0, status.1);
        Self::new(status, Body::Text(text)).field("Content-Type", "text/plain")
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields += &format!("{name}: {value}\r\n");
        self
    }

    fn head(&self, keep_alive: bool) -> String {
        let Status(number, words) = self.status;
        let date = date::format(date::seconds(SystemTime::now()));
        let connection = if keep_alive { "keep-alive" } else { "close" };
        let mut head = format!("HTTP/1.1 {number} {words}\r\nDate: {date}\r\n");
        let length = match &self.body {
            Body::Nothing => None,
            Body::Text(text) => Some(text.len() as u64),
            Body::File(_, range) => Some(range.end - range.start),
        };
        if let Some(length) = length {
            head += &format!("Content-Length: {length}\r\n");
        }
        let fields = &self.fields;
        write!(head, "{fields}Connection: {connection}\r\n\r\n").expect("a string takes it");
        head
    }

    /// Sends it; how many bytes of the body that were.
    pub(crate) async fn send(self, to: &mut Writer, manner: Manner) -> io::Result<u64> {
        let head = self.head(manner.keep_alive);
        match self.body {
            Body::Text(text) if manner.with_body => {
                let all = head + &text;
                patient(manner.patience, to.write_all(all.as_bytes())).await?;
                Ok(text.len() as u64)
            }
            Body::File(file, range) if manner.with_body => {
                to.write(head.as_bytes())?;
                send_file(to, file, range, manner.patience).await
            }
            _ => {
                patient(manner.patience, to.write_all(head.as_bytes())).await?;
                Ok(0)
            }
        }
    }
}

type Writer = entracte::io::Writer<TcpStream>;

/// Sends a piece while a thread reads the next: two in memory, however slow the client is.
async fn send_file(
    to: &mut Writer,
    file: Arc<File>,
    range: Range<u64>,
    patience: Duration,
) -> io::Result<u64> {
    let mut place = range.start;
    let mut piece = read(&file, place..range.end).await?;
    while !piece.is_empty() {
        place += piece.len() as u64;
        let sending = patient(patience, to.write_all(&piece));
        let (sent, next) = zip(sending, read(&file, place..range.end)).await;
        sent?;
        piece = next?;
    }
    Ok(place - range.start)
}

/// Reads the beginning of a range, on a thread; empty if the range is.
async fn read(file: &Arc<File>, range: Range<u64>) -> io::Result<Vec<u8>> {
    let length = PIECE.min(range.end - range.start);
    if length == 0 {
        return Ok(Vec::new());
    }
    let file = Arc::clone(file);
    to_thread(move || {
        let mut piece = vec![0; length as usize];
        // A file that became shorter: its length was told, so there is nothing to do but to end.
        file.read_exact_at(&mut piece, range.start)?;
        Ok(piece)
    })
    .await
}

async fn patient(
    patience: Duration,
    writing: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    match timeout(patience, writing).await {
        Ok(written) => written,
        Err(_) => Err(ErrorKind::TimedOut.into()),
    }
}
