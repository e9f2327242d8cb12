//! What the documents point at is there: links, and paths given as code.

use std::path::Path;

use checks::{SourceFile, conclude, document, files, root};

/// The targets of a line's links, without the part after `#`; addresses elsewhere are left out.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let (target, _) = rest.split_once(')')?;
        let (path, _) = target.split_once('#').unwrap_or((target, ""));
        (!path.is_empty() && !path.contains("://")).then_some(path)
    })
}

/// Code spans that are paths from the root: they have a folder, and the ending of a file.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    document::code_spans(line).filter(|span| {
        let is_path = span.chars().all(|character| {
            character.is_ascii_alphanumeric() || matches!(character, '/' | '.' | '-' | '_')
        });
        let ends = [".rs", ".md", ".toml", ".txt", ".py"]
            .iter()
            .any(|ending| span.ends_with(ending));
        is_path && ends && span.contains('/')
    })
}

fn problems_of(file: &SourceFile, counted: &mut usize) -> Vec<String> {
    let root = root();
    let folder = Path::new(&file.path)
        .parent()
        .expect("a file lies in a folder");
    let mut problems = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let linked = links(line).map(|link| (link, root.join(folder).join(link)));
        // A table of the map gives paths from the folder of its heading; `map.rs` checks those.
        let is_row = line.starts_with('|');
        let named = paths(line)
            .filter(|_| !is_row)
            .map(|path| (path, root.join(path)));
        for (says, target) in linked.chain(named) {
            *counted += 1;
            if !target.exists() {
                problems.push(format!("{}:{}: {says} is not there", file.path, number + 1));
            }
        }
    }
    problems
}

#[test]
fn documents_point_at_what_is_there() {
    let mut counted = 0;
    let problems: Vec<String> = files(&["md"])
        .iter()
        .flat_map(|file| problems_of(file, &mut counted))
        .collect();
    conclude(counted, "links and paths", &problems);
}
