//! ARCHITECTURE.md against the tree: every file with its first line, arrows, sizes, invariants.

use std::collections::{BTreeMap, BTreeSet};

use checks::{SourceFile, code, conclude, document, read, rust_files};

/// The longest a source file may be before it becomes a folder.
const MOST_LINES: usize = 400;

/// Rooms that stand on nothing of the workspace, whatever the map says.
const ROOTS: [&str; 3] = ["coroutine", "event-loop", "macros"];

/// The files that the map lists one by one: the sources of the crates.
fn mapped_files() -> Vec<SourceFile> {
    let is_mapped = |file: &SourceFile| {
        let parts: Vec<&str> = file.path.split('/').collect();
        matches!(parts[..], ["crates", _, "src", ..])
    };
    rust_files().into_iter().filter(is_mapped).collect()
}

/// The rows of the map: path, and what the map says the file's first line is.
fn map_rows() -> BTreeMap<String, String> {
    let map = read("ARCHITECTURE.md");
    let mut folder = String::new();
    let mut rows = BTreeMap::new();
    for line in document::section(&map, "## Files") {
        if let Some(name) = line.strip_prefix("### ").and_then(document::code_span) {
            name.clone_into(&mut folder);
        }
        let Some(row) = document::cells(line) else {
            continue;
        };
        let [file, says] = row[..] else {
            panic!("not two cells: {line}")
        };
        if let Some(file) = document::code_span(file) {
            let path = format!("{folder}/{file}");
            let earlier = rows.insert(path, says.to_owned());
            assert!(earlier.is_none(), "{folder}/{file} is listed twice");
        }
    }
    rows
}

#[test]
fn map_lists_every_source_file_with_its_first_line() {
    let (files, mut rows) = (mapped_files(), map_rows());
    let mut problems = Vec::new();
    for file in &files {
        let Some(first) = file.first_line() else {
            continue;
        };
        match rows.remove(&file.path) {
            Some(says) if says == first => {}
            Some(_) => problems.push(format!("{}: its row should say\n  {first}", file.path)),
            None => problems.push(format!("{}: is not in the map\n  {first}", file.path)),
        }
    }
    problems.extend(
        rows.keys()
            .map(|path| format!("{path}: is in the map, not in the tree")),
    );
    conclude(files.len(), "files against the map", &problems);
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let files = rust_files();
    let problems: Vec<String> = files
        .iter()
        .filter(|file| {
            file.first_line()
                .is_none_or(|line| !line.ends_with(['.', '?']))
        })
        .map(|file| format!("{}: the first line is not `//! one sentence.`", file.path))
        .collect();
    conclude(files.len(), "first lines", &problems);
}

#[test]
fn no_file_is_too_long() {
    let files = rust_files();
    let problems: Vec<String> = files
        .iter()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{}: {lines} lines, at most {MOST_LINES}", file.path))
        .collect();
    conclude(files.len(), "file sizes", &problems);
}

/// What the manifests say: each crate, and the crates of the workspace it uses.
fn arrows_of_the_manifests(crates: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut arrows = BTreeMap::new();
    for name in crates {
        let used: BTreeSet<String> = dependencies(&read(&format!("crates/{name}/Cargo.toml")))
            .filter_map(|line| room_of(code_name(&line)))
            .collect();
        arrows.insert(name.clone(), used);
    }
    arrows
}

/// The lines of a manifest's dependency tables, those for tests and build scripts included.
fn dependencies(manifest: &str) -> impl Iterator<Item = String> {
    let mut inside = false;
    manifest.lines().filter_map(move |line| {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
            return None;
        }
        (inside && line.contains('=')).then(|| line.to_owned())
    })
}

fn code_name(line: &str) -> &str {
    line.split(|character: char| character.is_whitespace() || matches!(character, '.' | '='))
        .next()
        .unwrap_or_default()
}

/// The folder of a package of the workspace; `None` for anyone else's.
fn room_of(package: &str) -> Option<String> {
    let room = package.strip_prefix("entracte")?;
    Some(room.strip_prefix('-').unwrap_or("entracte").to_owned())
}

/// What the map says: lines `room  uses  room, room`.
fn arrows_of_the_map() -> BTreeMap<String, BTreeSet<String>> {
    let map = read("ARCHITECTURE.md");
    document::section(&map, "## Arrows")
        .into_iter()
        .filter_map(|line| line.split_once(" uses "))
        .filter(|(room, _)| room.split_whitespace().count() == 1)
        .map(|(room, used)| {
            let used = used
                .split(',')
                .map(str::trim)
                .filter(|used| *used != "nothing");
            (room.trim().to_owned(), used.map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn arrows_between_the_crates_are_those_of_the_map() {
    let crates: BTreeSet<String> = mapped_files()
        .iter()
        .filter_map(|file| file.path.split('/').nth(1).map(str::to_owned))
        .collect();
    let (drawn, real) = (arrows_of_the_map(), arrows_of_the_manifests(&crates));
    let mut problems = Vec::new();
    for (name, used) in &real {
        if drawn.get(name) != Some(used) {
            problems.push(format!(
                "{name}: uses {used:?}, the map says {:?}",
                drawn.get(name)
            ));
        }
        if ROOTS.contains(&name.as_str()) && !used.is_empty() {
            problems.push(format!("{name}: must use nothing of the workspace"));
        }
    }
    let gone = drawn.keys().filter(|name| !real.contains_key(*name));
    problems.extend(gone.map(|name| format!("{name}: the map draws it, there is no such crate")));
    conclude(real.len(), "crates with arrows", &problems);
}

/// The rooms within `entracte`, as the map orders them: each uses those behind it only.
fn rooms_of_the_map() -> Vec<String> {
    let map = read("ARCHITECTURE.md");
    let line = document::section(&map, "## Arrows")
        .into_iter()
        .find(|line| line.contains(" > "));
    line.expect("the map orders the rooms of `entracte`")
        .split('>')
        .map(|room| room.trim().to_owned())
        .collect()
}

/// The rooms that a file names by `crate::room`.
fn rooms_used(source: &str, rooms: &[String]) -> BTreeSet<usize> {
    let code = code::without_comments_and_texts(source);
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let name = rest.split(|character: char| !character.is_alphanumeric() && character != '_');
        let name = name.into_iter().next().unwrap_or_default();
        used.extend(rooms.iter().position(|room| room == name));
    }
    used
}

#[test]
fn rooms_within_entracte_use_those_behind_them_only() {
    let rooms = rooms_of_the_map();
    let mut counted = 0;
    let mut problems = Vec::new();
    for file in mapped_files() {
        let Some(path) = file.path.strip_prefix("crates/entracte/src/") else {
            continue;
        };
        let own = path.split(['/', '.']).next().unwrap_or_default();
        let Some(own) = rooms.iter().position(|room| room == own) else {
            continue;
        };
        counted += 1;
        for used in rooms_used(&file.text, &rooms) {
            if used < own {
                problems.push(format!("{}: uses `{}`", file.path, rooms[used]));
            }
        }
    }
    conclude(counted, "files in rooms", &problems);
}

#[test]
fn the_core_depends_on_nothing_that_is_not_optional() {
    let manifest = read("crates/coroutine/Cargo.toml");
    let (_, table) = manifest
        .split_once("[dependencies]")
        .expect("the core has a table of dependencies");
    let lines: Vec<&str> = table
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| line.contains('='))
        .collect();
    let problems: Vec<String> = lines
        .iter()
        .filter(|line| !line.contains("optional = true"))
        .map(|line| format!("crates/coroutine/Cargo.toml: not optional: {line}"))
        .collect();
    conclude(lines.len(), "dependencies of the core", &problems);
}

/// The number of an invariant that a line of a module header states: `//! - **C3** …`.
fn invariant(line: &str) -> Option<&str> {
    let (number, _) = line.trim().strip_prefix("//! - **")?.split_once("**")?;
    let digits = number.strip_prefix(|character: char| character.is_ascii_uppercase())?;
    (!digits.is_empty() && digits.chars().all(|character| character.is_ascii_digit()))
        .then_some(number)
}

/// Whether a `debug_assert` of the file names the number in its message.
fn is_asserted(file: &SourceFile, number: &str) -> bool {
    file.text.split("debug_assert").skip(1).any(|rest| {
        let call = rest.split_once(';').map_or(rest, |(call, _)| call);
        code::words(call).any(|word| word == number)
    })
}

#[test]
fn every_numbered_invariant_has_a_test_or_an_assertion() {
    let files = rust_files();
    let tests: Vec<String> = files
        .iter()
        .flat_map(|file| code::test_names(&file.text))
        .collect();
    let mut stated: BTreeMap<&str, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.is_under("crates")) {
        for number in file.text.lines().filter_map(invariant) {
            let prefix = format!("{}_", number.to_lowercase());
            let tested = tests.iter().any(|name| name.starts_with(&prefix));
            if !tested && !files.iter().any(|file| is_asserted(file, number)) {
                problems.push(format!(
                    "{}: {number}: no test `{prefix}…`, no debug_assert names it",
                    file.path
                ));
            }
            if let Some(earlier) = stated.insert(number, &file.path) {
                problems.push(format!(
                    "{}: {number} is stated in {earlier} already",
                    file.path
                ));
            }
        }
    }
    conclude(stated.len(), "numbered invariants", &problems);
}

/// How the section on cancel safety may begin.
const OPENINGS: [&str; 4] = [
    "Cancel safe: ",
    "Cancel safe, but ",
    "Not cancel safe: ",
    "Cannot be cancelled: ",
];

/// A public function: its line, and its signature up to the body.
fn public_functions(source: &str) -> Vec<(usize, String)> {
    let code = code::without_comments_and_texts(source);
    let lines: Vec<&str> = code.lines().collect();
    let opens = |line: &str| {
        let line = line.trim_start();
        line.starts_with("pub ")
            && code::words(line)
                .take_while(|word| *word != "struct")
                .any(|word| word == "fn")
    };
    (0..lines.len())
        .filter(|at| opens(lines[*at]))
        .map(|at| {
            let rest = lines[at..].join(" ");
            let end = rest.find(['{', ';']).unwrap_or(rest.len());
            (at, rest[..end].to_owned())
        })
        .collect()
}

/// Whether calling it gives a future: `async fn`, `impl Future`, or one of the named futures.
fn gives_a_future(signature: &str, futures: &BTreeSet<String>) -> bool {
    let signature = signature.split(" where ").next().unwrap_or_default();
    let is_async = code::words(signature)
        .take_while(|word| *word != "fn")
        .any(|word| word == "async");
    let (_, answer) = signature.rsplit_once("->").unwrap_or_default();
    is_async || code::words(answer).any(|word| word == "Future" || futures.contains(word))
}

/// The types of the crates that implement `Future`.
fn named_futures(files: &[SourceFile]) -> BTreeSet<String> {
    files
        .iter()
        .flat_map(|file| file.text.lines())
        .filter(|line| line.starts_with("impl"))
        .filter_map(|line| line.split_once(" Future for "))
        .filter_map(|(_, name)| code::words(name).next().map(str::to_owned))
        .collect()
}

#[test]
fn every_public_future_says_what_is_cancel_safe() {
    let files = mapped_files();
    let futures = named_futures(&files);
    let mut counted = 0;
    let mut problems = Vec::new();
    for file in &files {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, signature) in public_functions(&file.text) {
            if !gives_a_future(&signature, &futures) {
                continue;
            }
            counted += 1;
            // Nearest first: the line before the heading is the first that is not blank after it.
            let above: Vec<&str> = code::lines_above(&lines, at).collect();
            let heading = above.iter().position(|line| *line == "/// # Cancel safety");
            let says = heading.and_then(|at| above[..at].iter().rev().find(|line| line.len() > 4));
            let opens = |says: &&str| {
                OPENINGS
                    .iter()
                    .any(|opening| says[4..].starts_with(opening))
            };
            if !says.is_some_and(opens) {
                problems.push(format!(
                    "{}:{}: no `# Cancel safety` with one of {OPENINGS:?}",
                    file.path,
                    at + 1
                ));
            }
        }
    }
    conclude(counted, "public functions that give a future", &problems);
}
