//! Targets of requests: percent-encoding, and the names that a path is made of.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::answer::Status;

/// A path within the folder: names, none of which leads upwards.
pub(crate) struct Target {
    pub(crate) names: Vec<OsString>,
    /// Whether it ends with a slash.
    pub(crate) is_folder: bool,
}

impl Target {
    /// Reads `/a/b%20c?query` or `http://host/a/b%20c`.
    pub(crate) fn parse(text: &str) -> Result<Self, Status> {
        let path = match text.strip_prefix("http://") {
            Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => text,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let inner = path.strip_prefix('/').ok_or(Status::BAD_REQUEST)?;
        let parts = inner.split('/').filter(|part| !part.is_empty());
        Ok(Self {
            names: parts.map(name).collect::<Result<_, _>>()?,
            is_folder: path.ends_with('/'),
        })
    }

    /// The path as clients write it, with a slash at its end.
    pub(crate) fn with_slash(&self) -> String {
        let names = self.names.iter().map(|name| encode(name) + "/");
        std::iter::once("/".to_owned()).chain(names).collect()
    }
}

fn name(part: &str) -> Result<OsString, Status> {
    let name = decode(part).ok_or(Status::BAD_REQUEST)?;
    if name == b"." || name == b".." || name.iter().any(|byte| matches!(byte, b'/' | 0)) {
        return Err(Status::BAD_REQUEST);
    }
    Ok(OsString::from_vec(name))
}

/// Undoes percent-encoding; `None` if it is broken.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            digit(bytes.next()?)? << 4 | digit(bytes.next()?)?
        } else {
            byte
        });
    }
    Some(decoded)
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// Percent-encodes whatever is not plain in every part of a URL.
pub(crate) fn encode(name: &OsStr) -> String {
    let mut encoded = String::new();
    for &byte in name.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
