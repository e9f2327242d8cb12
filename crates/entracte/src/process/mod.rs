//! Processes: started, talked to, waited for, and ended with the block that started them.
//!
//! | to | use | in Python |
//! |---|---|---|
//! | run a program and have what it wrote | [`exec`] and [`Command::output`] | `subprocess.run` |
//! | run a line of shell | [`shell`] | `asyncio.create_subprocess_shell` |
//! | talk to a program while it runs | [`Command::spawn`], [`Child`] | `asyncio.create_subprocess_exec` |
//! | write and read all of it at once | [`Child::communicate`] | `Process.communicate` |
//! | connect two programs | [`std::io::pipe`] | `os.pipe` |
//! | have a pipe within the program | [`io::pipe`](crate::io::pipe()) | `loop.connect_read_pipe` |
//!
//! A process belongs to its [`Child`]: whoever drops that ends the process, by SIGTERM, and by SIGKILL
//! when its grace period is over. It is a clean-up as any other: a block that is cancelled has ended
//! only when the processes that it held are gone and reaped, and [`run`](crate::run()) waits for those
//! that are left. A process that is to live on is detached.
//!
//! The end of a process is told by a descriptor of the system's where there is one, otherwise by a
//! thread that waits for it. Nothing here listens to SIGCHLD, or reaps what others have started.

mod child;
mod command;
mod ending;
mod exchange;
mod owned;

#[doc(no_inline)]
pub use crate::io::{PipeReader, PipeWriter};
pub use child::Child;
pub use command::{Command, exec, shell};
