//! `exec` and `shell`: what is to be started, with what around it.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, ExitStatus, Output, Stdio};
use std::time::Duration;

use crate::process::child::Child;
use crate::process::owned::{Process, reap_detached};

/// A program with its arguments, to be started as a child of this one.
///
/// The program is looked for in `PATH` unless its name has a slash. Nothing stands between it and its
/// arguments: no shell, no quoting.
///
/// # Python
///
/// [`asyncio.create_subprocess_exec`](https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.create_subprocess_exec).
/// There the arguments that follow are those of the call; here they are methods, and `spawn` calls.
///
/// # Examples
///
/// ```
/// use entracte::process::exec;
///
/// # entracte::run(async {
/// let output = exec("echo", ["one", "two words"]).output().await?;
/// assert!(output.status.success());
/// assert_eq!(output.stdout, b"one two words\n");
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.create_subprocess_exec")]
pub fn exec<A: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    Command::new(program).args(arguments)
}

/// A line for `/bin/sh`, to be started as a child of this program.
///
/// The line is read as a program: whatever part of it comes from elsewhere must be quoted. Hand such
/// parts over as arguments, `"$1"` and so on, or use [`exec`]. Processes that the shell starts are
/// not ended with it unless they are in [a group of their own](Command::own_group).
///
/// # Python
///
/// [`asyncio.create_subprocess_shell`](https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.create_subprocess_shell).
///
/// # Examples
///
/// ```
/// use entracte::process::shell;
///
/// # entracte::run(async {
/// let output = shell("echo hello | tr a-z A-Z").output().await?;
/// assert_eq!(output.stdout, b"HELLO\n");
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
#[doc(alias = "asyncio.create_subprocess_shell")]
pub fn shell(line: impl AsRef<OsStr>) -> Command {
    // The words after the line are `$0`, `$1` and so on; the first is what the shell calls itself.
    Command::new("/bin/sh").arg("-c").arg(line).arg("sh")
}

/// What is to be started. Each method gives it back, so that they can be strung together.
///
/// Input and outputs are those of this program unless they are set. What is set is closed here when
/// the child has it, so that a pipe ends when the child does.
///
/// # Examples
///
/// Two children and a pipe between them, which is no concern of this program:
///
/// ```
/// use entracte::process::exec;
///
/// # entracte::run(async {
/// let (reader, writer) = std::io::pipe()?;
/// let mut words = exec("printf", ["b\na\n"]).stdout(writer).spawn()?;
/// let sorted = exec("sort", None::<&str>).stdin(reader).output().await?;
/// assert_eq!(sorted.stdout, b"a\nb\n");
/// assert!(words.wait().await?.success());
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap().unwrap();
/// ```
pub struct Command {
    command: process::Command,
    stdin: Option<Stdio>,
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
    leads_group: bool,
    grace: Duration,
}

impl Command {
    /// How long a child may take to end when it was asked to, unless it is set otherwise.
    pub const GRACE: Duration = Duration::from_secs(5);

    /// A program without arguments.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        process::Command::new(program).into()
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of its environment, which is this program's otherwise.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable out of its environment.
    #[must_use]
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Takes every variable out of its environment.
    #[must_use]
    pub fn env_clear(mut self) -> Self {
        self.command.env_clear();
        self
    }

    /// Starts it in this directory.
    #[must_use]
    pub fn current_dir(mut self, directory: impl AsRef<Path>) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Sets what it reads: [`Stdio::piped`], `null`, `inherit`, or anything that is open.
    #[must_use]
    pub fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.stdin = Some(stdin.into());
        self
    }

    /// Sets where it writes.
    #[must_use]
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.stdout = Some(stdout.into());
        self
    }

    /// Sets where it writes its errors.
    #[must_use]
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.stderr = Some(stderr.into());
        self
    }

    /// Makes input and both outputs pipes, which the [`Child`] holds the other ends of.
    #[must_use]
    pub fn piped(self) -> Self {
        self.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
    }

    /// Makes it the leader of a new process group, to which all signals that are sent to it go.
    ///
    /// What it starts is in that group, too, and ends with it when it is ended from here: what is left
    /// of the group is killed when the leader is gone. A Ctrl-C at the terminal does not reach the
    /// group.
    #[must_use]
    pub fn own_group(mut self) -> Self {
        self.leads_group = true;
        self
    }

    /// Sets how long it may take to end when it was asked to by SIGTERM; then it is killed. Zero kills
    /// it at once. Unless this is called, it is [`GRACE`](Self::GRACE).
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Starts it.
    ///
    /// The loop waits for the system to do so, which is in the order of a millisecond.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but dropping the child ends it.
    ///
    /// # Errors
    ///
    /// Returns the system's error with the name of the program: of the kind `NotFound` if it is not
    /// there, `PermissionDenied` if it cannot be executed.
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::process::Command;
    ///
    /// let error = Command::new("no-such-program").spawn().unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    /// assert!(error.to_string().starts_with("cannot start no-such-program: "));
    /// ```
    pub fn spawn(mut self) -> io::Result<Child> {
        reap_detached();
        if let Some(stdin) = self.stdin.take() {
            self.command.stdin(stdin);
        }
        if let Some(stdout) = self.stdout.take() {
            self.command.stdout(stdout);
        }
        if let Some(stderr) = self.stderr.take() {
            self.command.stderr(stderr);
        }
        if self.leads_group {
            self.command.process_group(0);
        }
        match self.command.spawn() {
            Ok(mut child) => {
                let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
                let process = Process::new(child, self.leads_group);
                Child::new(process, pipes, self.grace)
            }
            Err(error) => Err(self.explain(error)),
        }
    }

    /// Says which program could not be started, and whether it is the directory that is missing.
    #[cold]
    fn explain(&self, error: io::Error) -> io::Error {
        let program = self.command.get_program().display();
        let directory = self.command.get_current_dir();
        let message = match directory.filter(|directory| !directory.is_dir()) {
            Some(directory) => {
                let directory = directory.display();
                format!("cannot start {program}: {directory} is no directory")
            }
            None => format!("cannot start {program}: {error}"),
        };
        io::Error::new(error.kind(), message)
    }

    /// Starts it, awaits its end, and gives what it wrote.
    ///
    /// Outputs that are not set are pipes, an input that is not set is empty.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the child is ended and what it wrote is lost:
    /// [`Child::communicate`] keeps it. What the child started in turn, as a shell does, is ended with
    /// it only after [`own_group`](Self::own_group).
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn), and the system's error if reading fails.
    ///
    /// # Python
    ///
    /// [`subprocess.run`](https://docs.python.org/3/library/subprocess.html#subprocess.run) with
    /// `capture_output=True`.
    #[doc(alias = "subprocess.run")]
    pub async fn output(mut self) -> io::Result<Output> {
        self.stdin.get_or_insert_with(Stdio::null);
        self.stdout.get_or_insert_with(Stdio::piped);
        self.stderr.get_or_insert_with(Stdio::piped);
        self.spawn()?.communicate([]).await
    }

    /// Starts it and awaits its end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the child is ended.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Python
    ///
    /// [`subprocess.call`](https://docs.python.org/3/library/subprocess.html#subprocess.call).
    ///
    /// # Examples
    ///
    /// ```
    /// # entracte::run(async {
    /// let status = entracte::process::shell("exit 7").status().await?;
    /// assert_eq!(status.code(), Some(7));
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap().unwrap();
    /// ```
    #[doc(alias = "subprocess.call")]
    pub async fn status(self) -> io::Result<ExitStatus> {
        self.spawn()?.wait().await
    }
}

/// For what this has no method for: the user that it runs as, say. Input and outputs that were set
/// there stay so, unless they are set here.
impl From<process::Command> for Command {
    fn from(command: process::Command) -> Self {
        Self {
            command,
            stdin: None,
            stdout: None,
            stderr: None,
            leads_group: false,
            grace: Self::GRACE,
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.command.fmt(f)
    }
}
