//! The committed corpus of programs of tasks passes, and would not if one event were different.

use std::fs;
use std::path::{Path, PathBuf};

use conformance::tasks::corpus::{Failed, compare};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// A corpus in a directory of its own, with this text.
fn planted(name: &str, text: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&directory).expect("the target directory can be written to");
    fs::write(directory.join("asyncio.txt"), text).expect("so can the new one");
    directory
}

#[test]
fn every_program_of_the_corpus_does_what_it_did_in_asyncio() {
    match compare(&corpus()) {
        Ok(tally) => {
            assert!(tally.programs >= 500, "only {} programs", tally.programs);
            assert!(tally.cancellations >= 1000, "{tally}");
        }
        Err(Failed::Unreadable(why)) => panic!("{why}"),
        Err(Failed::Diverged(found)) => panic!("program {}\n{found}", found.index),
    }
}

#[test]
fn one_changed_event_anywhere_in_a_trace_is_a_divergence() {
    let text = fs::read_to_string(corpus().join("asyncio.txt")).expect("it is committed");
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let program = lines.next().expect("it has a program");
    let trace = lines.next().expect("and its trace");
    let events: Vec<_> = trace.split(' ').collect();
    for changed in 1..events.len() {
        let mut events = events.clone();
        let other = format!("{}X", events[changed]);
        events[changed] = &other;
        let text = format!("{program}\n{}\n", events.join(" "));
        match compare(&planted(&format!("tasks-changed-{changed}"), &text)) {
            Err(Failed::Diverged(found)) => assert!(found.to_string().contains('≠'), "{found}"),
            other => panic!("event {changed} was changed and nothing was found: {other:?}"),
        }
    }
}

#[test]
fn a_corpus_without_programs_or_with_half_of_one_does_not_pass() {
    for text in [
        "# nothing\n",
        "[(sleep 1)]\n",
        "[(sleep 1)\n= 0>\n",
        "[(sleep)]\n= 0>\n",
    ] {
        let compared = compare(&planted("tasks-half", text));
        assert!(
            matches!(compared, Err(Failed::Unreadable(_))),
            "{text:?}: {compared:?}"
        );
    }
    let missing = compare(Path::new("no such directory"));
    assert!(matches!(missing, Err(Failed::Unreadable(_))), "{missing:?}");
}
