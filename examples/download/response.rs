//! `Response`: asks a server for a file, and reads the head of what it answers.

use std::io::{self, ErrorKind};

use entracte::io::{Reader, Stream, Writer};
use entracte::net::{Connect, TcpStream};

use crate::body::Body;
use crate::part::Resume;
use crate::url::Url;

/// The most bytes of a head.
const HEAD_LIMIT: usize = 64 * 1024;

/// What a server answered.
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The status in words, and its number.
    pub(crate) said: String,
    fields: Vec<(String, String)>,
    reader: Reader<TcpStream>,
    /// Kept so that the connection stays open in both directions.
    _writer: Writer<TcpStream>,
    body: Body,
}

impl Response {
    /// Asks for a file, or for the rest of it.
    pub(crate) async fn of(url: &Url, resume: Option<&Resume>) -> io::Result<Self> {
        let socket = Connect::new().to((url.host.as_str(), url.port)).await?;
        let Stream {
            mut reader,
            mut writer,
        } = Stream::new(socket);
        let rest =
            resume.map(|it| format!("Range: bytes={}-\r\nIf-Range: {}\r\n", it.from, it.tag));
        let rest = rest.unwrap_or_default();
        let (path, authority) = (&url.path, &url.authority);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: entracte-download\r\n\
             Accept: */*\r\nAccept-Encoding: identity\r\n{rest}Connection: close\r\n\r\n"
        );
        writer.write_all(request.as_bytes()).await?;
        reader.set_limit(HEAD_LIMIT);
        loop {
            let head = reader.read_until(b"\r\n\r\n").await?;
            let (status, said, fields) = parse(&String::from_utf8_lossy(&head))?;
            // 1xx: the answer is still to come.
            if status >= 200 {
                return Ok(Self {
                    status,
                    said,
                    body: body(status, &fields)?,
                    fields,
                    reader,
                    _writer: writer,
                });
            }
        }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }

    /// The next piece of the body; `None` when all was there.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.body.next(&mut self.reader).await
    }

    /// How long the body is, if the server says so.
    pub(crate) const fn length(&self) -> Option<u64> {
        match self.body {
            Body::Length(length) => Some(length),
            _ => None,
        }
    }

    /// The first byte and the length of the file, of `Content-Range: bytes 100-199/200`.
    pub(crate) fn range(&self) -> Option<(u64, u64)> {
        let range = self.field("content-range")?.strip_prefix("bytes ")?;
        let (bounds, length) = range.split_once('/')?;
        let (first, _) = bounds.split_once('-')?;
        Some((first.parse().ok()?, length.parse().ok()?))
    }

    /// What tells this version of the file from others, if that can be relied upon.
    pub(crate) fn tag(&self) -> Option<&str> {
        let tag = self.field("etag").filter(|tag| tag.starts_with('"'));
        tag.or_else(|| self.field("last-modified"))
    }
}

type Head = (u16, String, Vec<(String, String)>);

fn parse(head: &str) -> io::Result<Head> {
    let wrong = || io::Error::new(ErrorKind::InvalidData, "the server does not speak HTTP/1.1");
    let mut lines = head.trim_end().split("\r\n");
    let (version, said) = lines
        .next()
        .and_then(|line| line.split_once(' '))
        .ok_or_else(wrong)?;
    let status = said.get(..3).and_then(|status| status.parse().ok());
    let status = status.filter(|_| version.starts_with("HTTP/1."));
    let fields = lines.filter_map(|line| line.split_once(':'));
    let fields = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    Ok((
        status.ok_or_else(wrong)?,
        said.trim().to_owned(),
        fields.collect(),
    ))
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|field| field.0 == name);
    found.map(|field| field.1.as_str())
}

fn body(status: u16, fields: &[(String, String)]) -> io::Result<Body> {
    if status == 204 || status == 304 {
        return Ok(Body::Ended);
    }
    if let Some(coding) = field(fields, "transfer-encoding") {
        if coding.eq_ignore_ascii_case("chunked") {
            return Ok(Body::Chunked(0));
        }
        let text = format!("the server sends it as {coding}, which is not supported");
        return Err(io::Error::new(ErrorKind::Unsupported, text));
    }
    match field(fields, "content-length").map(str::parse) {
        Some(Ok(length)) => Ok(Body::Length(length)),
        Some(Err(_)) => {
            let text = "the server sends a length that is no number";
            Err(io::Error::new(ErrorKind::InvalidData, text))
        }
        None => Ok(Body::ToEnd),
    }
}
