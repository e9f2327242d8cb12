//! `Request`: the head of a request, read within limits.

use entracte::io::{ReadError, Reader};
use entracte::net::TcpStream;

use crate::answer::Status;

/// The most bytes of a head.
pub(crate) const HEAD_LIMIT: usize = 16 * 1024;

/// The most fields of a head.
const FIELDS_LIMIT: usize = 100;

const END: &[u8] = b"\r\n\r\n";

/// What a client asks for.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) keep_alive: bool,
    /// Lower case, and what each says.
    fields: Vec<(String, String)>,
}

impl Request {
    /// Reads the next head; `None` if the client has no more to say.
    pub(crate) async fn read(reader: &mut Reader<TcpStream>) -> Result<Option<Self>, Status> {
        loop {
            let head = match reader.read_until(END).await {
                Ok(head) => head,
                Err(ReadError::TooLong { limit }) => {
                    let is_first_line = !reader.buffered()[..limit].contains(&b'\n');
                    return Err(match is_first_line {
                        true => Status::URI_TOO_LONG,
                        false => Status::FIELDS_TOO_LARGE,
                    });
                }
                Err(_) => return Ok(None),
            };
            let head = without_empty_lines(&head[..head.len() - END.len()]);
            if !head.is_empty() {
                return Self::parse(head).map(Some);
            }
        }
    }

    fn parse(head: &[u8]) -> Result<Self, Status> {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Status::BAD_REQUEST);
        };
        let is_visible =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !is_visible(method) || !is_visible(target) {
            return Err(Status::BAD_REQUEST);
        }
        let is_new = match version {
            "HTTP/1.1" => true,
            "HTTP/1.0" => false,
            _ if version.starts_with("HTTP/") => return Err(Status::VERSION_NOT_SUPPORTED),
            _ => return Err(Status::BAD_REQUEST),
        };
        let fields = lines.map(field).collect::<Result<Vec<_>, _>>()?;
        if fields.len() > FIELDS_LIMIT {
            return Err(Status::FIELDS_TOO_LARGE);
        }
        let mut request = Self {
            method: method.to_owned(),
            target: target.to_owned(),
            keep_alive: is_new,
            fields,
        };
        if is_new && request.all("host").count() != 1 {
            return Err(Status::BAD_REQUEST);
        }
        request.keep_alive = request.keeps_alive(is_new);
        Ok(request)
    }

    /// What a field says; nothing if it is there twice.
    pub(crate) fn field(&self, name: &'static str) -> Option<&str> {
        let mut all = self.all(name);
        all.next().filter(|_| all.next().is_none())
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let found = self.fields.iter().filter(move |field| field.0 == name);
        found.map(|field| field.1.as_str())
    }

    /// Whether the next request may come over the same connection: not if a body stands before it,
    /// as nothing here reads one.
    fn keeps_alive(&self, is_new: bool) -> bool {
        let has_body = self.all("transfer-encoding").next().is_some()
            || self.all("content-length").any(|length| length != "0");
        let mut wishes = self.all("connection").flat_map(|all| all.split(','));
        let wish = wishes.find_map(|wish| match wish.trim() {
            wish if wish.eq_ignore_ascii_case("close") => Some(false),
            wish if wish.eq_ignore_ascii_case("keep-alive") => Some(true),
            _ => None,
        });
        !has_body && wish.unwrap_or(is_new)
    }
}

fn field(line: &str) -> Result<(String, String), Status> {
    let (name, value) = line.split_once(':').ok_or(Status::BAD_REQUEST)?;
    let is_token = !name.is_empty() && name.bytes().all(is_token_byte);
    if !is_token || value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(Status::BAD_REQUEST);
    }
    Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Old clients send an empty line behind what they said last.
fn without_empty_lines(mut head: &[u8]) -> &[u8] {
    while let Some(rest) = head.strip_prefix(b"\r\n") {
        head = rest;
    }
    head
}
