//! `sleep`: waits for a time to pass.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use entracte_event_loop::{Instant, WakeTimer};

use crate::task::lost;
use crate::task::waiting::{Wait, waits_for};
use crate::time::now;

/// Waits for a duration, counted from the first poll.
///
/// Those who wait for the same moment go on in the order in which they began to wait. No time at
/// all is a [`checkpoint`](crate::checkpoint); a duration too large for the clock is for ever.
///
/// # Cancel safety
///
/// Cancel safe: it does nothing but wait.
///
/// # Panics
///
/// Panics when it is awaited outside an event loop.
///
/// # Python
///
/// [`asyncio.sleep`](https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// # entracte::run(async {
/// let before = entracte::time::now();
/// entracte::sleep(Duration::from_millis(2)).await;
/// assert!(entracte::time::now() - before >= Duration::from_millis(2));
/// # }).unwrap();
/// ```
#[doc(alias = "asyncio.sleep")]
#[inline]
pub const fn sleep(duration: Duration) -> Sleep {
    Sleep {
        until: Until::After(duration),
        timer: None,
    }
}

/// Waits for a moment of the loop's clock; one that is past is a checkpoint.
///
/// # Cancel safety
///
/// Cancel safe: it does nothing but wait.
///
/// # Panics
///
/// Panics when it is awaited outside an event loop.
#[inline]
pub const fn sleep_until(deadline: Instant) -> Sleep {
    Sleep {
        until: Until::At(deadline),
        timer: None,
    }
}

#[derive(Debug)]
enum Until {
    After(Duration),
    At(Instant),
    /// The timer is set for this moment of its loop, or there was none to wait for.
    Begun(Option<Instant>),
}

/// The future of [`sleep`] and [`sleep_until`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Sleep {
    until: Until,
    timer: Option<WakeTimer>,
}

impl Sleep {
    #[inline]
    fn begin(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = match self.until {
            Until::Begun(_) => return Poll::Ready(()),
            Until::After(Duration::ZERO) => None,
            Until::After(duration) => Some(now() + duration),
            Until::At(deadline) => Some(deadline).filter(|deadline| *deadline > now()),
        };
        self.until = Until::Begun(deadline);
        match deadline {
            None => cx.waker().wake_by_ref(),
            Some(deadline) => {
                self.timer = WakeTimer::set(deadline, cx.waker());
                waits_for(Wait::Sleep);
            }
        }
        Poll::Pending
    }
}

impl Sleep {
    /// Goes on in another loop than it began in: what is left of the time passes by that one's clock.
    #[cold]
    fn move_here(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let (Until::Begun(Some(deadline)), Some(timer)) = (&self.until, &self.timer) {
            let left = deadline.duration_since(timer.event_loop().time());
            self.until = Until::After(left.max(Duration::from_nanos(1)));
        }
        self.timer = None;
        self.begin(cx)
    }
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        if !matches!(self.until, Until::Begun(_)) {
            lost::report_unused("a sleep was made, and never awaited");
        }
    }
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Some(timer) = &this.timer else {
            return this.begin(cx);
        };
        if timer.is_waiting() {
            if !timer.event_loop().is_current() {
                return this.move_here(cx);
            }
            timer.set_waker(cx.waker());
            waits_for(Wait::Sleep);
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}
