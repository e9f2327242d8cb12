//! `Runner::show_tree_on`: prints the task tree of a running program when a signal asks for it.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use entracte_event_loop::EventLoop;
use signal_hook::consts::FORBIDDEN;
use signal_hook::{SigId, low_level};

use crate::run::Runner;
use crate::task::tree::TaskTree;

impl Runner {
    /// Prints the [task tree](crate::task_tree) to standard error whenever the process gets this
    /// signal: `kill -USR1` shows what a program is waiting for. Nothing does that unless it is called;
    /// a program under `#[entracte::main]`, which has no runner to call it on, makes one as below.
    ///
    /// It holds for every run of this runner, between two steps of its tasks: one that never lets
    /// go of its thread keeps the tree from being shown. When the runner is gone, the signal is
    /// ignored.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such signal, if the system lets nobody handle it, or if the
    /// loop is one of a simulation, which has no signals.
    ///
    /// # Python
    ///
    /// `python -m asyncio pstree PID`, which needs no preparation.
    ///
    /// # Examples
    ///
    /// ```
    /// use entracte::signal::Signal;
    ///
    /// let runner = entracte::Runner::new()?;
    /// runner.show_tree_on(Signal::USR1.as_raw())?;
    /// runner.run(async { /* what takes long */ })?;
    /// # Ok::<(), entracte::RunError>(())
    /// ```
    #[doc(alias = "asyncio.print_call_graph")]
    pub fn show_tree_on(&self, signal: i32) -> io::Result<()> {
        if FORBIDDEN.contains(&signal) {
            let message = format!("cannot handle signal {signal}: the system lets nobody");
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        let (asked, notify) = UnixStream::pair()?;
        asked.set_nonblocking(true)?;
        let asked = Rc::new(asked);
        let source = Rc::clone(&asked);
        // Ours until the loop closes and drops the source.
        let registered = Registered(low_level::pipe::register(signal, notify)?);
        self.event_loop().add_background_reader(&source, move || {
            let _kept = &registered;
            empty(&asked);
            show_tree(signal);
        })?;
        Ok(())
    }
}

struct Registered(SigId);

impl Drop for Registered {
    fn drop(&mut self) {
        low_level::unregister(self.0);
    }
}

/// Reads what came, so that several signals at once make one tree.
fn empty(mut asked: &UnixStream) {
    let mut bytes = [0; 64];
    while asked.read(&mut bytes).is_ok_and(|count| count > 0) {}
}

fn show_tree(signal: i32) {
    let Some(event_loop) = EventLoop::current() else {
        return;
    };
    let tree = TaskTree::of(&event_loop);
    // In one piece, so that nothing stands between its lines. Whoever closed standard error does
    // not want to know.
    let text = format!("entracte: signal {signal} asks for the tasks:\n{tree}");
    drop(io::stderr().write_all(text.as_bytes()));
}
