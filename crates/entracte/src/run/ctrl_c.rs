//! Ctrl-C: the first one cancels the main task of a run, the next one ends the process.

use std::fs;
use std::future::poll_fn;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::thread;

use entracte_event_loop::Wakeup;
use signal_hook::consts::SIGINT;
use signal_hook::{flag, low_level};

use crate::task::current_task;

/// Whether Ctrl-C ends the process: no run is in progress, or the one that is was told already.
static ENDS_PROCESS: AtomicBool = AtomicBool::new(true);

/// The run that Ctrl-C cancels.
static WATCHING: Mutex<Option<Arc<Press>>> = Mutex::new(None);

/// Whether Ctrl-C was pressed in a run, and whom to tell.
#[derive(Default)]
struct Press {
    is_new: AtomicBool,
    was_pressed: AtomicBool,
    main: Mutex<Option<Wakeup>>,
}

/// While it lives, Ctrl-C cancels the main task of a run, unless another run watches already.
pub(super) struct CtrlC {
    press: Option<Arc<Press>>,
}

impl CtrlC {
    /// Begins to watch, if it is wanted and the program has not made other use of Ctrl-C.
    pub(super) fn watch(is_wanted: bool) -> Self {
        let mut press = None;
        if is_wanted && listens() {
            let mut watching = lock(&WATCHING);
            if watching.is_none() {
                press = Some(Arc::clone(watching.insert(Arc::default())));
                ENDS_PROCESS.store(false, Ordering::SeqCst);
            }
        }
        Self { press }
    }

    /// The main future of the run, which cancels its own task when Ctrl-C is pressed.
    pub(super) fn over<F: Future>(&self, main: F) -> impl Future<Output = F::Output> + use<F> {
        let press = self.press.clone();
        async move {
            match press {
                Some(press) => press.watched(main).await,
                None => main.await,
            }
        }
    }

    pub(super) fn was_pressed(&self) -> bool {
        let press = self.press.as_ref();
        press.is_some_and(|press| press.was_pressed.load(Ordering::SeqCst))
    }
}

impl Drop for CtrlC {
    fn drop(&mut self) {
        if self.press.is_some() {
            ENDS_PROCESS.store(true, Ordering::SeqCst);
            drop(lock(&WATCHING).take());
        }
    }
}

impl Press {
    async fn watched<F: Future>(&self, main: F) -> F::Output {
        let mut main = pin!(main);
        poll_fn(|cx| {
            lock(&self.main).replace(Wakeup::of(cx.waker()));
            Poll::Ready(())
        })
        .await;
        poll_fn(|cx| {
            if self.is_new.load(Ordering::Relaxed) {
                self.cancel_main();
            }
            main.as_mut().poll(cx)
        })
        .await
    }

    /// Called on the thread that listens.
    fn tell(&self) {
        self.was_pressed.store(true, Ordering::SeqCst);
        // Before the wake-up: its lock makes this visible to the poll that it leads to.
        self.is_new.store(true, Ordering::SeqCst);
        // Not a waker: those are counted, and a program that is stuck must be found to be stuck.
        let main = lock(&self.main).clone();
        if let Some(main) = main {
            main.wake();
        }
    }

    #[cold]
    fn cancel_main(&self) {
        self.is_new.store(false, Ordering::SeqCst);
        if let Some(main) = current_task() {
            main.cancel();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to listen when it is first asked; whether this program listens for Ctrl-C at all.
fn listens() -> bool {
    static LISTENS: OnceLock<bool> = OnceLock::new();
    *LISTENS.get_or_init(|| !is_in_use() && listen().is_ok())
}

/// Whether Ctrl-C is ignored, as a shell has it for what runs in the background, or has a handler
/// of the program's own. Where the system does not tell, it counts as free.
fn is_in_use() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let sets = status.lines().filter_map(|line| {
        let set = line
            .strip_prefix("SigIgn:")
            .or_else(|| line.strip_prefix("SigCgt:"))?;
        u64::from_str_radix(set.trim(), 16).ok()
    });
    sets.fold(0, |all, set| all | set) >> (SIGINT - 1) & 1 == 1
}

/// Has a thread hear of Ctrl-C. Not the loops themselves: one that watches a descriptor asks the
/// system again and again, which would make every program slower.
fn listen() -> io::Result<()> {
    let (mut presses, notify) = UnixStream::pair()?;
    let thread = thread::Builder::new().name("ctrl-c".to_owned());
    thread.spawn(move || {
        while presses.read_exact(&mut [0]).is_ok() {
            let press = lock(&WATCHING).clone();
            if let Some(press) = press {
                press.tell();
            }
        }
    })?;
    // In this order: the process ends by the next press, not by this one.
    flag::register_conditional_default(SIGINT, &ENDS_PROCESS)?;
    flag::register(SIGINT, &ENDS_PROCESS)?;
    low_level::pipe::register(SIGINT, notify)?;
    Ok(())
}
