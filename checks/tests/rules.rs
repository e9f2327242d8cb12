//! Each of the 166 rules of CPython is a named test, or has a row that says why it is not.

use std::collections::{BTreeMap, BTreeSet};

use checks::{code, conclude, document, read, rust_files};

/// How many rules each chapter of CPython's rules has, `A01` to `M04`.
const CHAPTERS: [(char, usize); 13] = [
    ('A', 6),
    ('B', 8),
    ('C', 10),
    ('D', 17),
    ('E', 16),
    ('F', 16),
    ('G', 30),
    ('H', 7),
    ('I', 7),
    ('J', 4),
    ('K', 18),
    ('L', 23),
    ('M', 4),
];

fn rules() -> Vec<String> {
    CHAPTERS
        .iter()
        .flat_map(|(chapter, count)| (1..=*count).map(move |rule| format!("{chapter}{rule:02}")))
        .collect()
}

/// The rules that tests of the core are named for: `b03_…` is a test of B03.
fn tested() -> BTreeSet<String> {
    rust_files()
        .iter()
        .filter(|file| file.is_under("crates/coroutine/tests"))
        .flat_map(|file| code::test_names(&file.text))
        .filter_map(|name| name.split_once('_').map(|(rule, _)| rule.to_uppercase()))
        .collect()
}

/// The rows of the table: the rule, and why it has no test.
fn without_meaning() -> BTreeMap<String, String> {
    let text = read("docs/conformance.md");
    let mut rows = BTreeMap::new();
    for line in document::section(&text, "## Rules without a test") {
        let Some(row) = document::cells(line) else {
            continue;
        };
        let [rule, _, reason] = row[..] else {
            panic!("not three cells: {line}")
        };
        if rule == "rule" {
            continue;
        }
        let earlier = rows.insert(rule.to_owned(), reason.to_owned());
        assert!(
            earlier.is_none(),
            "docs/conformance.md: {rule} has two rows"
        );
    }
    rows
}

#[test]
fn every_rule_has_a_test_or_a_reason() {
    let (rules, tested, reasons) = (rules(), tested(), without_meaning());
    assert_eq!(rules.len(), 166);
    let mut problems = Vec::new();
    for rule in &rules {
        match (tested.contains(rule), reasons.get(rule)) {
            (true, Some(_)) => problems.push(format!("{rule}: has a test and a row: drop the row")),
            (false, None) => problems.push(format!("{rule}: has neither a test nor a row")),
            (false, Some(reason)) if reason.len() < 10 => {
                problems.push(format!("{rule}: its row gives no reason"));
            }
            _ => {}
        }
    }
    for rule in reasons.keys().filter(|rule| !rules.contains(rule)) {
        problems.push(format!(
            "{rule}: docs/conformance.md has a row for it, but there is no such rule"
        ));
    }
    let with_test = rules.iter().filter(|rule| tested.contains(*rule)).count();
    println!(
        "{with_test} rules have a test, {} have a reason",
        reasons.len()
    );
    conclude(rules.len(), "rules", &problems);
}
