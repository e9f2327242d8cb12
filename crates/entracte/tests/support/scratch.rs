//! Folders for tests, which two runs over one target folder do not share.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// An empty folder for one test of one process. It is removed, unless the test has failed.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(group: &str, name: &str) -> Self {
        let own = format!("{name}-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(group).join(own);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("cannot empty the folder");
        }
        fs::create_dir_all(&folder).expect("cannot make the folder");
        Self(folder)
    }
}

impl Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(fs::remove_dir_all(&self.0));
        }
    }
}
