//! Time: `sleep`, `timeout` and `interval`, all by the loop's clock.

mod grace;
mod interval;
mod sleep;
mod timeout;

pub use entracte_event_loop::Instant;
pub use grace::finally_within;
pub use interval::{Interval, interval};
pub use sleep::{Sleep, sleep, sleep_until};
pub use timeout::{Elapsed, Timeout, timeout, timeout_at, timeout_with};

use entracte_event_loop::current_time;

/// The time of the loop that runs on this thread.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Python
///
/// [`loop.time`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.time).
#[doc(alias = "asyncio.loop.time")]
#[inline]
#[must_use]
pub fn now() -> Instant {
    let Some(now) = current_time() else {
        panic!("cannot tell the time outside an event loop");
    };
    now
}
