//! The page that lists a folder.

use std::ffi::OsString;
use std::fs::{DirEntry, Metadata};
use std::io;
use std::path::Path;

use crate::date;
use crate::target::{Target, encode};

const STYLE: &str = "body{font:16px/1.5 sans-serif;margin:2em auto;max-width:50em;padding:0 1em}\
table{width:100%;border-collapse:collapse}td{padding:.1em .5em}tr:nth-child(odd){background:#8881}\
td+td{text-align:right;white-space:nowrap;color:#888}";

/// Makes the page, on the thread that it is called on.
pub(crate) fn page(
    folder: &Path,
    target: &Target,
    is_served: impl Fn(&DirEntry) -> Option<Metadata>,
) -> io::Result<String> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(metadata) = is_served(&entry) {
            entries.push((metadata.is_file(), entry.file_name(), metadata));
        }
    }
    entries.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let up = target
        .names
        .last()
        .map(|_| "<tr><td><a href=\"../\">../</a><td><td>\n");
    let rows = entries
        .iter()
        .map(|(_, name, metadata)| row(name, metadata));
    let rows: String = up.map(str::to_owned).into_iter().chain(rows).collect();
    let names = target.names.iter().map(|name| name.to_string_lossy() + "/");
    let title = escape(&std::iter::once("/".into()).chain(names).collect::<String>());
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style>\n<h1>{title}</h1>\n<table>\n{rows}</table></html>\n"
    ))
}

fn row(name: &OsString, metadata: &Metadata) -> String {
    let slash = if metadata.is_dir() { "/" } else { "" };
    let size = match metadata.is_dir() {
        true => String::new(),
        false => readable(metadata.len()),
    };
    let modified = metadata.modified().map_or(0, date::seconds);
    let modified = date::format_short(modified);
    let (link, name) = (encode(name), escape(&name.to_string_lossy()));
    format!("<tr><td><a href=\"{link}{slash}\">{name}{slash}</a><td>{size}<td>{modified}\n")
}

/// `1.5 MiB`, and so on.
fn readable(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut units = ["B", "KiB", "MiB", "GiB"].iter();
    let mut unit = units.next().unwrap_or(&"");
    while size >= 1024.0
        && let Some(larger) = units.next()
    {
        size /= 1024.0;
        unit = larger;
    }
    if *unit == "B" {
        return format!("{bytes} B");
    }
    format!("{size:.1} {unit}")
}

pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
