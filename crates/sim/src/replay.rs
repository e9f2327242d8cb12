//! How a run is replayed: what it depends on, and the command for it.

use std::env;
use std::fmt;
use std::str::FromStr;
use std::thread;

/// The seed that a test is to run from, and no other.
pub(crate) const SEED: &str = "ENTRACTE_SEED";
/// How many seeds a test is to run from.
pub(crate) const SEEDS: &str = "ENTRACTE_SEEDS";
/// The schedule that an exploration is to replay, and no other.
pub(crate) const SCHEDULE: &str = "ENTRACTE_SCHEDULE";
/// The point at which a fault is to be, and no other.
pub(crate) const FAULT: &str = "ENTRACTE_FAULT";
/// Whether the trace of a failure is wanted.
pub(crate) const TRACE: &str = "ENTRACTE_TRACE";

/// The value of a variable of the environment.
///
/// # Panics
///
/// Panics if it is there and cannot be read: a replay of something else would mislead.
#[track_caller]
pub(crate) fn wanted<T: FromStr>(variable: &str) -> Option<T> {
    let text = env::var(variable).ok()?;
    let Ok(value) = text.parse() else {
        panic!("cannot make sense of {variable}={text}");
    };
    Some(value)
}

/// What a run depends on, and which test it is a run of.
#[derive(Clone)]
pub(crate) struct Replay {
    seed: u64,
    schedule: Option<String>,
    fault: Option<u64>,
    package: Option<String>,
    test: Option<String>,
}

impl Replay {
    /// A run from this seed, of the test that runs on this thread.
    pub(crate) fn of_seed(seed: u64) -> Self {
        Self {
            seed,
            schedule: None,
            fault: None,
            // Cargo sets it for the programs it runs.
            package: env::var("CARGO_PKG_NAME").ok(),
            // The test harness names its threads.
            test: thread::current()
                .name()
                .filter(|name| *name != "main")
                .map(str::to_owned),
        }
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn set_schedule(&mut self, schedule: String) {
        self.schedule = Some(schedule);
    }

    pub(crate) const fn set_fault(&mut self, point: u64) {
        self.fault = Some(point);
    }

    pub(crate) fn set_test(&mut self, name: &str) {
        self.test = Some(name.to_owned());
    }

    pub(crate) fn command(&self) -> String {
        let mut command = match &self.schedule {
            Some(schedule) => format!("{SCHEDULE}={schedule}"),
            None => format!("{SEED}={}", self.seed),
        };
        if let Some(fault) = self.fault {
            command += &format!(" {FAULT}={fault}");
        }
        match (&self.package, &self.test) {
            (Some(package), Some(test)) => {
                command += &format!(
                    " cargo test -p {package} {}-- --exact {test}",
                    target(package)
                );
            }
            (Some(package), None) => {
                command += &format!(" cargo run -p {package}{}", example());
            }
            (None, _) => command += " cargo test",
        }
        command
    }
}

/// Which of the package's tests this program is: `--test NAME`, or nothing where it is not known.
fn target(package: &str) -> String {
    let program = env::current_exe().ok();
    let stem = program.as_ref().and_then(|path| path.file_stem()?.to_str());
    // Cargo adds a hash to the name of the target.
    match stem.and_then(|stem| stem.rsplit_once('-')) {
        Some((name, _)) if name == package.replace('-', "_") => "--lib ".to_owned(),
        Some((name, _)) => format!("--test {name} "),
        None => String::new(),
    }
}

/// Which of the package's examples this program is, if it is one.
fn example() -> String {
    let program = env::current_exe().ok();
    let name = program.as_ref().and_then(|path| {
        let is_example = path.parent()?.file_name()? == "examples";
        is_example.then(|| path.file_stem()?.to_str())?
    });
    name.map_or_else(String::new, |name| format!(" --example {name}"))
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schedule {
            Some(schedule) => write!(f, "schedule {schedule}")?,
            None => write!(f, "seed {}", self.seed)?,
        }
        match self.fault {
            Some(fault) => write!(f, ", fault at point {fault}"),
            None => Ok(()),
        }
    }
}
