//! asyncio's event loop: callbacks now, later and when a descriptor is ready; wakers that own nothing.
//!
#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

#[expect(
    unsafe_code,
    reason = "one allocation with a known head and erased contents, reached through a thin pointer"
)]
mod callback;
mod clock;
mod core;
#[expect(
    unsafe_code,
    reason = "the current loop is a pointer in a thread-local, kept valid by a guard"
)]
mod current;
mod error;
mod event_loop;
mod handle;
mod inbox;
mod observer;
mod once_ready;
mod os_selector;
mod random;
mod readiness;
mod remote;
mod report;
mod selector;
mod settings;
#[expect(
    unsafe_code,
    reason = "slots are reached without a borrow, as each step touches several"
)]
mod slots;
mod sources;
mod step;
mod timers;
mod token;
mod wait;
mod waiters;
#[expect(unsafe_code, reason = "makes a waker of a number")]
mod waker;
mod watched;

pub use callback::{Callback, CallbackRef, QUIET};
pub use clock::{Clock, Instant, MonotonicClock};
pub use error::RunError;
pub use event_loop::{EventLoop, Visit};
pub use handle::{Handle, TimerHandle};
pub use observer::{Observer, Schedule};
pub use once_ready::OnceReady;
pub use os_selector::OsSelector;
pub use random::{Random, SeededRandom};
pub use readiness::Direction;
pub use remote::{LoopClosed, Remote};
pub use report::{ErrorHandler, Report, panic_text};
pub use selector::{Event, Interest, Selector};
pub use settings::Settings;
pub use sources::WatchHandle;
pub use step::Step;
pub use token::Token;
pub use wait::{
    LASTING_NOTE, WakeTimer, current_number, current_time, note_wait, replace_lasting_note,
    with_waker,
};
pub use waker::Wakeup;
pub use watched::Watched;
