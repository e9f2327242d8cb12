//! Runs every Rust twin and the tour, and compares what they print with what CPython printed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {path:?}: {error}"))
}

/// The names of the files in `parity` that end in `.extension`, without it.
fn names(extension: &str) -> BTreeSet<String> {
    fs::read_dir(folder())
        .expect("cannot list parity")
        .map(|entry| entry.expect("cannot list parity").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| {
            path.file_stem()
                .expect("it has an extension")
                .display()
                .to_string()
        })
        .collect()
}

/// The names under which `Cargo.toml` lists the Rust twins.
fn listed() -> BTreeSet<String> {
    let manifest = read(folder().join("Cargo.toml"));
    let examples = manifest.split("[[example]]").skip(1);
    examples
        .map(|example| {
            let name = example.split('"').nth(1).expect("an example has a name");
            let path = example.split('"').nth(3).expect("an example has a path");
            assert_eq!(
                path,
                format!("{name}.rs"),
                "an example is named for its file"
            );
            name.to_owned()
        })
        .collect()
}

/// The program cargo made of a Rust twin: `cargo test` puts it beside the folder of the tests.
fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("tests are built in a folder");
    let path = profile
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let age = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    assert!(
        age(&path) >= age(&folder().join(format!("{name}.rs"))),
        "{} is missing or older than its source: `cargo build -p parity --examples` makes it",
        path.display(),
    );
    path
}

/// What a program writes to its standard output.
fn printed(program: &Path) -> String {
    let output = Command::new(program)
        .output()
        .expect("cannot run the program");
    assert!(
        output.status.success(),
        "{} failed, {}:\n{}",
        program.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr),
    );
    String::from_utf8(output.stdout).expect("programs print UTF-8")
}

fn first_line(file: &str) -> String {
    let source = read(folder().join(file));
    source.lines().next().unwrap_or_default().to_owned()
}

/// The title of a Rust twin: its first line.
fn title(name: &str) -> String {
    let line = first_line(&format!("{name}.rs"));
    let sentence = line
        .strip_prefix("//! ")
        .expect("a program begins with its title");
    sentence.trim_end_matches('.').to_owned()
}

/// Whether the program runs on an event loop; those that do not are in the tour.
fn runs_on_a_loop(name: &str) -> bool {
    let text = read(folder().join(format!("{name}.rs")));
    text.contains("\nuse virtual_time::") || text.contains("entracte::run(")
}

#[test]
fn every_program_is_written_twice_and_has_an_output() {
    let python = names("py");
    assert_eq!(python, names("rs"), "Python and Rust twins");
    assert_eq!(python, names("out"), "Python twins and outputs");
    assert_eq!(python, listed(), "twins and Cargo.toml");
}

#[test]
fn programs_are_numbered_without_gaps() {
    let numbers: Vec<String> = names("py")
        .iter()
        .map(|name| name[..3].to_owned())
        .collect();
    let expected: Vec<String> = (1..=numbers.len()).map(|n| format!("{n:02}-")).collect();
    assert!(!numbers.is_empty());
    assert_eq!(numbers, expected);
}

#[test]
fn twins_have_the_same_title() {
    for name in names("py") {
        let python = first_line(&format!("{name}.py")).replace("\"\"\"", "");
        let rust = first_line(&format!("{name}.rs")).replace("//! ", "");
        // Python's `yield from` is our `yield_from`.
        assert_eq!(python.replace("yield from", "yield_from"), rust, "{name}");
    }
}

#[test]
fn every_rust_twin_prints_what_cpython_printed() {
    let mut wrong = String::new();
    for name in names("rs") {
        let expected = read(folder().join(format!("{name}.out")));
        let found = printed(&built(&name));
        if found != expected {
            write!(
                wrong,
                "\n{name}, CPython:\n{expected}{name}, Rust:\n{found}"
            )
            .expect("writing to a string does not fail");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_tour_prints_its_expected_output() {
    let expected = read(folder().join("../examples/tour.out"));
    assert_eq!(printed(Path::new(env!("CARGO_BIN_EXE_tour"))), expected);
}

#[test]
fn the_tour_shows_every_program_without_a_loop_under_its_title() {
    let mut expected = String::from("Coroutines, from a for loop to an async generator.\n");
    for name in names("rs").iter().filter(|name| !runs_on_a_loop(name)) {
        let title = format!("{} {}", &name[..2], title(name));
        let output = read(folder().join(format!("{name}.out")));
        write!(expected, "\n{title}\n{}\n{output}", "-".repeat(title.len()))
            .expect("writing to a string does not fail");
    }
    assert_eq!(read(folder().join("../examples/tour.out")), expected);
}
