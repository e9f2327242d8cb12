//! `Timer`: the loop's clock and timers for hyper, whose sleeps must be able to change threads.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ::hyper::rt;
use entracte_event_loop::{Instant as LoopInstant, WakeTimer, current_number, current_time};

use super::timers::Place;
use crate::task::waiting::{Wait, waits_for};

/// Gives hyper the time of the loop, and sleeps that the loop wakes.
///
/// Without one, hyper has no limit on how long a client takes for the head of a request, and no
/// keep-alive of HTTP/2.
///
/// # Examples
///
/// ```
/// use ::hyper::server::conn::http1;
/// use entracte::hyper::Timer;
///
/// # entracte::run(async {
/// let mut server = http1::Builder::new();
/// server.timer(Timer::new()).header_read_timeout(std::time::Duration::from_secs(5));
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Timer {
    /// Which loop it goes by, and when that one's clock was at its origin; `None` outside a loop.
    origin: Option<(u64, Instant)>,
}

impl Timer {
    /// Makes a timer for the loop that runs on this thread, whose clock it goes by. Outside, and in
    /// other loops, it goes by the system's, which a virtual clock does not move.
    #[must_use]
    pub fn new() -> Self {
        let passed = current_time().map(|now| Duration::from_nanos(now.as_nanos()));
        let origin = passed.and_then(|passed| system_time().checked_sub(passed));
        Self {
            origin: current_number().zip(origin),
        }
    }

    /// When the clock of the loop that runs here was at its origin, if that is the timer's loop.
    fn origin_here(self) -> Option<Instant> {
        let (number, origin) = self.origin?;
        (current_number() == Some(number)).then_some(origin)
    }

    fn time(self) -> Instant {
        let passed = current_time().map(|now| Duration::from_nanos(now.as_nanos()));
        let both = self.origin_here().zip(passed);
        let now = both.and_then(|(origin, passed)| origin.checked_add(passed));
        now.unwrap_or_else(system_time)
    }
}

impl Default for Timer {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "hyper reckons in the system's instants, which have no other origin"
)]
fn system_time() -> Instant {
    Instant::now()
}

impl rt::Timer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleep::new(*self, self.time().checked_add(duration)))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleep::new(*self, Some(deadline)))
    }

    fn now(&self) -> Instant {
        self.time()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn rt::Sleep>>, deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<Sleep>() {
            Some(sleep) => *sleep.get_mut() = Sleep::new(*self, Some(deadline)),
            None => *sleep = self.sleep_until(deadline),
        }
    }
}

/// A sleep that may be polled and dropped on any thread; where it waits, a loop must run.
///
/// It holds no part of the loop, only the number of a timer that the thread keeps for it. On another
/// thread it sets a new one there, and leaves the old one behind.
struct Sleep {
    timer: Timer,
    /// `None` never comes.
    deadline: Option<Instant>,
    place: Option<Place>,
    is_over: bool,
}

impl Sleep {
    const fn new(timer: Timer, deadline: Option<Instant>) -> Self {
        Self {
            timer,
            deadline,
            place: None,
            is_over: false,
        }
    }

    /// Sets a timer in the loop that runs here.
    fn begin(&mut self, cx: &Context<'_>) {
        let timer = WakeTimer::set(self.due(), cx.waker());
        let Some(timer) = timer else {
            panic!("cannot sleep outside an event loop");
        };
        self.place = Some(Place::of(timer));
    }

    /// The deadline by the clock of the loop that runs here.
    fn due(&self) -> LoopInstant {
        let Some(deadline) = self.deadline else {
            return LoopInstant::FAR_FUTURE;
        };
        let start = LoopInstant::from_nanos(0);
        match self.timer.origin_here() {
            // The usual case asks no clock.
            Some(origin) => start + deadline.saturating_duration_since(origin),
            None => {
                let left = deadline.saturating_duration_since(system_time());
                current_time().unwrap_or(start) + left
            }
        }
    }

    /// Whether it goes on waiting in the place that it has; `None` if it has none in this loop.
    fn look(&mut self, cx: &Context<'_>) -> Option<bool> {
        let place = self.place.as_ref()?;
        let timer = place.take()?;
        if !timer.event_loop().is_current() {
            return None;
        }
        if !timer.is_waiting() {
            return Some(false);
        }
        timer.set_waker(cx.waker());
        place.put_back(timer);
        Some(true)
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(());
        }
        match this.look(cx) {
            Some(true) => {}
            Some(false) => {
                this.place = None;
                this.is_over = true;
                return Poll::Ready(());
            }
            None => {
                this.place = None;
                this.begin(cx);
            }
        }
        waits_for(Wait::Sleep);
        Poll::Pending
    }
}

impl rt::Sleep for Sleep {}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use ::hyper::rt::Timer as _;

    use super::{Pin, Sleep, Timer, rt, system_time};
    use crate::hyper::timers::kept;
    use crate::{gather, run, spawn};

    const AN_HOUR: Duration = Duration::from_secs(3600);
    const A_MOMENT: Duration = Duration::from_millis(2);

    /// Sets the timer of a sleep.
    async fn begun(sleep: &mut Pin<Box<dyn rt::Sleep>>) {
        assert!(futures_lite::future::poll_once(sleep).await.is_none());
    }

    #[test]
    fn a_sleep_wakes_when_its_time_has_come() {
        run(async {
            let timer = Timer::new();
            let before = timer.now();
            timer.sleep(A_MOMENT).await;
            assert!(timer.now() >= before + A_MOMENT);
            assert_eq!(kept(), 0);
        })
        .expect("it runs");
    }

    #[test]
    fn a_sleep_that_is_dropped_leaves_no_timer() {
        run(async {
            let mut sleep = Timer::new().sleep(AN_HOUR);
            begun(&mut sleep).await;
            assert_eq!(kept(), 1);
            drop(sleep);
            assert_eq!(kept(), 0);
        })
        .expect("it runs");
    }

    #[test]
    fn a_sleep_goes_by_its_new_deadline() {
        run(async {
            let timer = Timer::new();
            let mut sleep = timer.sleep(AN_HOUR);
            begun(&mut sleep).await;
            timer.reset(&mut sleep, timer.now() + A_MOMENT);
            assert_eq!(kept(), 0);
            sleep.as_mut().await;
            // And again once it is over.
            timer.reset(&mut sleep, timer.now() + A_MOMENT);
            begun(&mut sleep).await;
            sleep.await;
        })
        .expect("it runs");
    }

    #[test]
    fn a_deadline_that_is_past_is_over_soon() {
        run(async {
            let timer = Timer::new();
            let mut sleep = timer.sleep_until(timer.now());
            timer.reset(&mut sleep, timer.now() - A_MOMENT);
            sleep.await;
            timer.sleep(Duration::ZERO).await;
        })
        .expect("it runs");
    }

    #[test]
    fn a_sleep_goes_on_in_the_loop_of_another_thread() {
        let (sleep, timer) = run(async {
            let timer = Timer::new();
            let mut sleep = timer.sleep(A_MOMENT);
            begun(&mut sleep).await;
            (sleep, timer)
        })
        .expect("it runs");
        let there = std::thread::spawn(move || {
            run(sleep).expect("it runs there");
            kept()
        });
        assert_eq!(there.join().expect("no panic there"), 0);
        assert_eq!(kept(), 1, "left behind, until this thread sets another");
        run(async move {
            let mut sleep = timer.sleep(AN_HOUR);
            begun(&mut sleep).await;
            assert_eq!(kept(), 1);
        })
        .expect("it runs");
        assert_eq!(kept(), 0);
    }

    #[test]
    fn a_sleep_may_be_dropped_where_no_loop_runs() {
        run(async {
            let mut sleep = Timer::new().sleep(AN_HOUR);
            begun(&mut sleep).await;
            let thread = std::thread::spawn(move || drop(sleep));
            thread.join().expect("no panic there");
            let mut next = Timer::new().sleep(AN_HOUR);
            begun(&mut next).await;
            assert_eq!(kept(), 1);
        })
        .expect("it runs");
    }

    #[test]
    fn a_sleep_goes_on_in_another_loop_of_its_thread() {
        let mut sleep = Timer::new().sleep(A_MOMENT);
        run(begun(&mut sleep)).expect("it runs");
        run(sleep.as_mut()).expect("it runs");
        assert_eq!(kept(), 0);
    }

    #[test]
    fn a_timer_of_another_loop_goes_by_the_clock_of_the_system() {
        let timer = run(async { Timer::new() }).expect("it runs");
        let [before, now, after] =
            run(async { [system_time(), timer.now(), system_time()] }).expect("it runs");
        assert!(before <= now && now <= after);
    }

    #[test]
    fn many_sleeps_wake_in_the_order_of_their_deadlines() {
        run(async {
            let timer = Timer::new();
            let woken = Rc::new(Cell::new(0));
            async fn wakes(timer: Timer, nth: u32, woken: Rc<Cell<u32>>) {
                timer.sleep(A_MOMENT * nth).await;
                woken.set(woken.get() * 10 + nth);
            }
            let sleeps = [3, 1, 2].map(|nth| spawn(wakes(timer, nth, Rc::clone(&woken))));
            gather(sleeps).await.expect("no sleep fails");
            assert_eq!(woken.get(), 123);
        })
        .expect("it runs");
    }

    #[test]
    fn a_sleep_can_be_told_from_others() {
        let sleep: Pin<Box<dyn rt::Sleep>> = Timer::new().sleep(AN_HOUR);
        assert!(sleep.is::<Sleep>());
    }

    const fn is_shared<T: Send + Sync>() {}
    const _: () = is_shared::<Sleep>();
    const _: () = is_shared::<Timer>();
}
