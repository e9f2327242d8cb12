//! `Wanted`: how much of a file a request is to be given: all, a part, or nothing new.

use std::ops::Range;

use crate::date;
use crate::request::Request;

/// What tells one version of a file from another.
pub(crate) struct Version {
    /// Quoted, as the field `ETag` has it.
    pub(crate) tag: String,
    /// In seconds since 1970.
    pub(crate) modified: u64,
    pub(crate) length: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Whole,
    Part(Range<u64>),
    NotModified,
    /// A part that is not there.
    Beyond,
}

pub(crate) fn wanted(request: &Request, version: &Version) -> Wanted {
    if is_known(request, version) {
        return Wanted::NotModified;
    }
    let range = request.field("range");
    match range.filter(|_| request.method == "GET" && is_same(request, version)) {
        Some(range) => part(range, version.length),
        None => Wanted::Whole,
    }
}

/// Whether the client has this version.
fn is_known(request: &Request, version: &Version) -> bool {
    if let Some(tags) = request.field("if-none-match") {
        let mut tags = tags.split(',').map(str::trim);
        return tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == version.tag);
    }
    let since = request.field("if-modified-since").and_then(date::parse);
    since.is_some_and(|since| version.modified <= since)
}

/// Whether the client, if it has a part, has a part of this version.
fn is_same(request: &Request, version: &Version) -> bool {
    match request.field("if-range") {
        Some(tag) if tag.contains('"') => tag == version.tag,
        Some(date) => date::parse(date) == Some(version.modified),
        None => true,
    }
}

/// Reads `bytes=0-99`, `bytes=100-` or `bytes=-100`. Anything else, several parts among it, may be
/// answered with the whole.
fn part(range: &str, length: u64) -> Wanted {
    let bounds = range
        .strip_prefix("bytes=")
        .and_then(|it| it.trim().split_once('-'));
    let number = |text: &str| match text {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            // One too large to be read is beyond every end.
            Some(Some(digits.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    };
    let bounds = bounds.and_then(|(first, last)| Some((number(first)?, number(last)?)));
    let range = match bounds {
        Some((None, Some(count))) => length.saturating_sub(count)..length,
        Some((Some(first), None)) => first..length,
        Some((Some(first), Some(last))) if first <= last => {
            first..length.min(last.saturating_add(1))
        }
        _ => return Wanted::Whole,
    };
    if range.is_empty() {
        return Wanted::Beyond;
    }
    Wanted::Part(range)
}
