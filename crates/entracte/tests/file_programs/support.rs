//! What the tests of these programs share.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use crate::program::{PATIENCE, Program};

/// The file server, and where it says that it is.
pub(crate) struct Site {
    pub(crate) server: Program,
    /// Without the slash at its end.
    pub(crate) host: String,
}

impl Site {
    pub(crate) fn of(folder: &Path, options: &[&str]) -> Self {
        let fixed = ["-a", "127.0.0.1:0"].map(OsStr::new);
        let options = options.iter().map(OsStr::new);
        let args = fixed.into_iter().chain(options).chain([folder.as_os_str()]);
        let server = Program::start("file_server", args);
        let line = server.expect("serving ");
        let host = line.trim().rsplit_once("http://").expect("it says where").1;
        let host = host.trim_end_matches('/').to_owned();
        Self { server, host }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.host)
    }

    /// Presses Ctrl-C, on which it has to end in peace.
    pub(crate) fn end(self) {
        self.server.signal("INT");
        self.server.succeeds();
    }
}

/// Waits until something is so that nothing tells of.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let (_never, nothing) = mpsc::channel::<()>();
    let step = Duration::from_millis(5);
    for _ in 0..PATIENCE.as_millis() / step.as_millis() {
        if is_so() {
            return;
        }
        let _ = nothing.recv_timeout(step);
    }
    panic!("it never came to be that {what}");
}

pub(crate) fn length(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|metadata| metadata.len())
}

/// What a command prints, if it succeeds.
pub(crate) fn printed(command: &mut Command) -> String {
    let ran = command.output().expect("the tool is there");
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{command:?}: {text}{errors}");
    text
}

/// The names in a folder, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is a folder");
    let names = entries.map(|entry| entry.expect("it is there").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

pub(crate) fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a test may write");
    path
}

/// How many descriptors a process has.
pub(crate) fn descriptors(id: u32) -> usize {
    names(Path::new(&format!("/proc/{id}/fd"))).len()
}
