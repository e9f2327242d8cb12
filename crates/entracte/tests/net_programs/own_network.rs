//! A network that no other process is in, where names are what a test says.

use std::env;
use std::fs;
use std::process::Command;

use crate::program::{scratch, tool};

/// Puts the files of a folder over those of the system.
const SET_UP: &str = "
    set -e
    for file in \"$0\"/*; do
        place=/etc/${file##*/}
        if [ -e \"$place\" ]; then mount --bind \"$file\" \"$place\"; fi
    done
    ip link set lo up
    exec \"$@\"
";

/// Runs what follows in namespaces of its own; nothing if that cannot be had.
fn unshare() -> Option<Command> {
    tool("ip", "iproute2")?;
    let unshare = || {
        let mut command = tool("unshare", "util-linux")?;
        command.args(["--net", "--mount", "--map-root-user"]);
        Some(command)
    };
    let mut attempt = unshare()?;
    let all = "mount --bind /etc/hosts /etc/hosts && ip link set lo up";
    attempt.args(["sh", "-c", all]);
    let tried = attempt.env("LC_ALL", "C").output();
    let tried = tried.expect("the tool is there");
    if tried.status.success() {
        return unshare();
    }
    let said = String::from_utf8_lossy(&tried.stderr);
    let is_refused = ["not permitted", "denied"]
        .iter()
        .any(|it| said.contains(it));
    assert!(is_refused, "{said}");
    eprintln!("passed over: the system gives no namespaces: {said}");
    None
}

/// Runs a test that is ignored otherwise, with these files in `/etc`.
pub(crate) fn in_own_network(test: &str, files: &[(&str, &str)]) {
    let Some(mut command) = unshare() else {
        return;
    };
    let folder = scratch(&test.replace("::", "-"));
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("it is empty");
    }
    let own = env::current_exe().expect("the test has a path");
    command
        .args(["sh", "-c", SET_UP])
        .args([&*folder, &own])
        .args(["--exact", test, "--ignored"]);
    let output = command.output().expect("the tool is there");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.contains("1 passed"), "{said}{errors}");
}
