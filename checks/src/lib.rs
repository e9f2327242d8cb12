//! What the house checks share: the tree of the project read as text, and tables read from documents.

pub mod code;
pub mod document;

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing written by hand.
const SKIPPED_FOLDERS: [&str; 3] = ["target", "__pycache__", "corpus"];

/// One text file of the project.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path from the root of the project, with `/` between the parts.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl SourceFile {
    /// The sentence after `//!` on the first line, where there is one.
    #[must_use]
    pub fn first_line(&self) -> Option<&str> {
        self.text.lines().next()?.strip_prefix("//! ")
    }

    /// Whether it lies under the folder.
    #[must_use]
    pub fn is_under(&self, folder: &str) -> bool {
        self.path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The root of the project.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads one file of the project by its path from the root.
///
/// # Panics
///
/// Panics if the file cannot be read: a check must not pass for want of its subject.
#[must_use]
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file with one of the extensions, sorted by path; links and hidden folders are left out.
#[must_use]
pub fn files(extensions: &[&str]) -> Vec<SourceFile> {
    let mut found = Vec::new();
    walk(&root(), "", extensions, &mut found);
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

/// Every Rust file of the workspace, and of `compare`, which is a workspace of its own.
#[must_use]
pub fn rust_files() -> Vec<SourceFile> {
    files(&["rs"])
}

fn walk(folder: &Path, prefix: &str, extensions: &[&str], found: &mut Vec<SourceFile>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{prefix}: {error}"));
    for entry in entries {
        let entry = entry.unwrap_or_else(|error| panic!("{prefix}: {error}"));
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry
            .file_type()
            .unwrap_or_else(|error| panic!("{prefix}{name}: {error}"));
        if name.starts_with('.') || SKIPPED_FOLDERS.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), extensions, found);
        } else if kind.is_file() && has_extension(&name, extensions) {
            let text =
                fs::read_to_string(entry.path()).unwrap_or_else(|error| panic!("{path}: {error}"));
            found.push(SourceFile { path, text });
        }
    }
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, extension)| extensions.contains(&extension))
}

/// Ends a check: prints what it counted, and fails with every problem at once.
///
/// # Panics
///
/// Panics if there is a problem, or if nothing was counted: a check that saw nothing has not run.
#[track_caller]
pub fn conclude(counted: usize, what: &str, problems: &[String]) {
    println!("{counted} {what}, {} problems", problems.len());
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    assert!(
        counted > 0,
        "found no {what}: the check has not seen its subject"
    );
}
