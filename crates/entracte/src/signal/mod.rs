//! Signals: what `kill` sends, awaited or handled by a callback, by any number of listeners.
//!
//! | to | use | in Python |
//! |---|---|---|
//! | wait for one signal | [`wait`] | `signal.sigwait` |
//! | hear of all that come | [`stream`](stream()) | – |
//! | have a function called | [`on`] | `loop.add_signal_handler` |
//! | cancel the main task by Ctrl-C | nothing: [`run`](crate::run()) does | `asyncio.run` |
//!
//! Sending one is [`Child::signal`](crate::process::Child::signal), or the system's `kill`.

mod handler;
mod kind;
mod registered;
mod stream;

pub use handler::{SignalHandle, on};
pub use kind::Signal;
pub use stream::{Signals, stream, wait};
