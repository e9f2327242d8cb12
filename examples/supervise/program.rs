//! `Program`: keeps one program running.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::rc::Rc;
use std::time::Duration;

use entracte::process::{Child, shell};
use entracte::signal::Signal;
use entracte::sync::Event;
use entracte::time::{Instant, now, sleep_until};
use entracte::{gather, sleep, timeout};
use futures_lite::future::or;
use rustix::process::{Pid, Signal as Kill, kill_process_group};

use crate::config::{Restart, Settings};
use crate::log::Log;

/// The longest pause before a restart.
const LONGEST: Duration = Duration::from_secs(60);

/// A program that ran as long as this is started again as if it had never failed.
const STEADY: Duration = Duration::from_secs(10);

/// How long more output of a program that has ended is waited for: others may hold the pipe.
const SILENCE: Duration = Duration::from_secs(1);

/// How long it is waited for in all: they may talk as well.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What is to be done with the program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Run,
    Stop,
    Quit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Stopped,
    Runs { pid: u32, since: Instant },
    Ends { pid: u32 },
    Waits { until: Instant },
    Ended { in_peace: bool },
}

pub(crate) struct Program {
    settings: Settings,
    first_pause: Duration,
    wish: Cell<Wish>,
    /// Set when somebody has a wish.
    asked: Event,
    state: Cell<State>,
    starts: Cell<u32>,
    last: RefCell<String>,
    log: Log,
    ended: Rc<Event>,
}

impl Program {
    pub(crate) fn new(settings: Settings, pause: Duration, log: Log, ended: Rc<Event>) -> Self {
        Self {
            settings,
            first_pause: pause,
            wish: Cell::new(Wish::Run),
            asked: Event::new(),
            state: Cell::new(State::Stopped),
            starts: Cell::new(0),
            last: RefCell::default(),
            log,
            ended,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    /// Starts it, anew if it runs.
    pub(crate) fn restart(&self) {
        self.ask(Wish::Run);
    }

    /// Starts it if it does not run.
    pub(crate) fn start(&self) {
        if !matches!(self.state.get(), State::Runs { .. }) {
            self.ask(Wish::Run);
        }
    }

    /// Ends it, until somebody starts it.
    pub(crate) fn stop(&self) {
        self.ask(Wish::Stop);
    }

    /// Ends it for ever.
    pub(crate) fn quit(&self) {
        self.ask(Wish::Quit);
    }

    fn ask(&self, wish: Wish) {
        if self.wish.get() != Wish::Quit {
            self.wish.set(wish);
        }
        self.asked.set();
    }

    /// Does not wait for its grace period to be over.
    pub(crate) fn kill(&self) {
        if let State::Runs { pid, .. } | State::Ends { pid } = self.state.get()
            && let Some(pid) = Pid::from_raw(pid.cast_signed())
        {
            // It may have ended just now, which is as well.
            kill_process_group(pid, Kill::KILL).unwrap_or_default();
        }
    }

    /// Whether it ended by itself, and is not to be started again.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state.get(), State::Ended { .. })
    }

    /// Whether nothing is wrong with how it ended.
    pub(crate) fn is_content(&self) -> bool {
        self.state.get() != State::Ended { in_peace: false }
    }

    /// How it is, in a line.
    pub(crate) fn status(&self) -> String {
        let ago = |since: Instant| (now() - since).as_secs();
        let state = match self.state.get() {
            State::Stopped => "stopped".to_owned(),
            State::Runs { pid, since } => format!("running, process {pid}, for {} s", ago(since)),
            State::Ends { pid } => format!("ending, process {pid}"),
            State::Waits { until } => {
                let pause = until.duration_since(now()).as_secs_f64();
                format!("waiting, to be started in {pause:.1} s")
            }
            State::Ended { .. } => "ended".to_owned(),
        };
        let mut status = format!(
            "{}: {state}, started {} times",
            self.name(),
            self.starts.get()
        );
        let last = self.last.borrow();
        if !last.is_empty() {
            status += &format!(", ended last by {last}");
        }
        status
    }

    /// Keeps it running until it is asked to quit.
    pub(crate) async fn supervise(&self) {
        let mut pause = self.first_pause;
        while self.is_to_run().await {
            let began = now();
            let in_peace = self.run().await;
            if self.asked.is_set() || now() - began >= STEADY {
                pause = self.first_pause;
            }
            if self.asked.is_set() {
                continue;
            }
            if self.is_wanted_again(in_peace) {
                self.wait(pause).await;
                pause = LONGEST.min(pause * 2);
            } else {
                self.state.set(State::Ended { in_peace });
                self.ended.set();
                self.asked.wait().await;
            }
        }
    }

    /// Waits until it is to run; whether it ever is.
    async fn is_to_run(&self) -> bool {
        loop {
            self.asked.clear();
            match self.wish.get() {
                Wish::Run => return true,
                Wish::Quit => return false,
                Wish::Stop => {
                    self.state.set(State::Stopped);
                    self.asked.wait().await;
                }
            }
        }
    }

    async fn wait(&self, pause: Duration) {
        let until = now() + pause;
        self.state.set(State::Waits { until });
        let seconds = pause.as_secs_f64();
        self.say(&format!("starts again in {seconds:.1} s")).await;
        or(sleep(pause), self.asked.wait()).await;
    }

    const fn is_wanted_again(&self, in_peace: bool) -> bool {
        match self.settings.restart {
            Restart::Always => true,
            Restart::OnFailure => !in_peace,
            Restart::Never => false,
        }
    }

    /// Runs it once; whether it ended in peace.
    async fn run(&self) -> bool {
        let mut child = match self.spawn() {
            Ok(child) => child,
            Err(error) => {
                self.last.replace(error.to_string());
                self.say(&error.to_string()).await;
                return false;
            }
        };
        let (pid, since) = (child.id(), now());
        self.state.set(State::Runs { pid, since });
        self.starts.set(self.starts.get() + 1);
        let heard = Rc::new(Cell::new(since));
        let outputs = [child.stdout.take(), child.stderr.take()];
        let outputs = outputs.into_iter().flatten().map(|output| {
            let (log, name, heard) = (self.log.clone(), self.name().to_owned(), Rc::clone(&heard));
            async move { log.follow(&name, output, &heard).await }
        });
        let following = entracte::spawn(gather(outputs.collect::<Vec<_>>()));
        self.say(&format!("started, process {pid}")).await;

        let asked = async {
            self.asked.wait().await;
            None
        };
        let ended = match or(async { Some(child.wait().await) }, asked).await {
            Some(ended) => ended,
            None => {
                self.state.set(State::Ends { pid });
                child.end().await
            }
        };
        // Reaped just now: from here on, its number may be another's.
        self.state.set(State::Stopped);
        let last_words = or(async { drop(following.await) }, silence(&heard));
        timeout(LAST_WORDS, last_words).await.unwrap_or_default();
        let how = match &ended {
            Ok(status) => describe(*status),
            Err(error) => error.to_string(),
        };
        self.say(&format!("ended by {how}")).await;
        self.last.replace(how);
        ended.is_ok_and(|status| status.success())
    }

    fn spawn(&self) -> io::Result<Child> {
        let mut command = shell(&self.settings.line)
            .own_group()
            .grace(self.settings.grace)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(directory) = &self.settings.directory {
            command = command.current_dir(directory);
        }
        for (name, value) in &self.settings.environment {
            command = command.env(name, value);
        }
        command.spawn()
    }

    async fn say(&self, what: &str) {
        self.log.say(&format!("{}: {what}", self.name())).await;
    }
}

/// Waits until the last line was heard a while ago.
async fn silence(heard: &Cell<Instant>) {
    let began = now();
    loop {
        let until = began.max(heard.get()) + SILENCE;
        if until <= now() {
            return;
        }
        sleep_until(until).await;
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => Signal::from_raw(signal).to_string(),
        (None, None) => status.to_string(),
    }
}
