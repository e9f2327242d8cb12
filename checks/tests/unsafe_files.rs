//! `unsafe` stands only in the files that ARCHITECTURE.md lists, and each use is argued above it.

use std::collections::BTreeSet;

use checks::{SourceFile, code, conclude, document, read, rust_files};

/// The lines of a file with the keyword `unsafe`, as code, counted from 0.
fn unsafe_lines(file: &SourceFile) -> Vec<(usize, String)> {
    code::without_comments_and_texts(&file.text)
        .lines()
        .enumerate()
        .filter(|(_, line)| code::words(line).any(|word| word == "unsafe"))
        .map(|(at, line)| (at, line.to_owned()))
        .collect()
}

/// Whether the keyword only names the type of a function pointer.
fn is_pointer_type(line: &str) -> bool {
    !line.contains("unsafe {")
        && (line.contains("unsafe fn(") || line.contains("unsafe extern \"C\" fn("))
}

/// Walks from a line up to the start of its statement; then the comment right above must argue.
fn is_argued(lines: &[&str], at: usize) -> bool {
    let argues = |at: usize| {
        code::lines_above(lines, at)
            .any(|line| line.contains("SAFETY:") || line.contains("# Safety"))
    };
    let mut at = at;
    loop {
        if argues(at) {
            return true;
        }
        let Some(above) = at.checked_sub(1) else {
            return false;
        };
        let line = lines[above].trim();
        if line.is_empty() || line.ends_with([';', '{', '}', ',']) {
            return false;
        }
        at = above;
    }
}

#[test]
fn unsafe_stands_only_in_the_listed_files() {
    let map = read("ARCHITECTURE.md");
    let listed: BTreeSet<String> = document::section(&map, "## Unsafe")
        .into_iter()
        .filter_map(|line| document::code_span(line.strip_prefix("- ")?))
        .map(str::to_owned)
        .collect();
    let found: BTreeSet<String> = rust_files()
        .iter()
        .filter(|file| !file.is_under("compare") && !unsafe_lines(file).is_empty())
        .map(|file| file.path.clone())
        .collect();
    let mut problems: Vec<String> = Vec::new();
    problems.extend(
        found
            .difference(&listed)
            .map(|path| format!("{path}: not listed in ARCHITECTURE.md")),
    );
    problems.extend(
        listed
            .difference(&found)
            .map(|path| format!("{path}: listed, but has no unsafe")),
    );
    println!("{} files with unsafe", found.len());
    conclude(rust_files().len(), "Rust files", &problems);
}

#[test]
fn every_unsafe_is_argued_right_above() {
    let mut counted = 0;
    let mut problems = Vec::new();
    for file in rust_files() {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in unsafe_lines(&file)
            .iter()
            .filter(|(_, line)| !is_pointer_type(line))
        {
            counted += 1;
            if !is_argued(&lines, *at) {
                problems.push(format!(
                    "{}:{}: no SAFETY above: {}",
                    file.path,
                    at + 1,
                    line.trim()
                ));
            }
        }
    }
    conclude(counted, "uses of unsafe", &problems);
}
