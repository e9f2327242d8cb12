//! The programs of this workspace, run as their users run them.

use std::process::Command;

fn printed(program: &str) -> String {
    let output = Command::new(program).output().expect("it was built");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn pages_fetches_many_and_gives_a_slow_one_up() {
    let bytes: usize = (0..200).map(|n| format!("hello {n}").len()).sum();
    let expected = format!(
        "200 pages, {bytes} bytes\n\
         the slow page took too long, and its connection is closed\n\
         the client goes on: 7 bytes\n"
    );
    assert_eq!(printed(env!("CARGO_BIN_EXE_pages")), expected);
}

#[test]
fn accounts_moves_money_and_loses_none() {
    let expected = "100 transfers, 1000 in all accounts\n\
                    the faster transfer won, 1000 in all accounts\n\
                    1 account that the slower one had locked is free\n";
    assert_eq!(printed(env!("CARGO_BIN_EXE_accounts")), expected);
}

#[test]
fn notes_are_written_and_a_long_query_is_taken_back() {
    let expected = "100 notes\nthe long query was taken back\nthe connection goes on: 42\n";
    assert_eq!(printed(env!("CARGO_BIN_EXE_notes")), expected);
}
