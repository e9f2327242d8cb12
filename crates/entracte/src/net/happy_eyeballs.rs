//! Happy eyeballs: addresses are tried one after the other, a little apart; the first to answer wins.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::time::{Sleep, sleep};

/// Connects to the first of the addresses that answers ([RFC 8305], section 5): the next is tried
/// when the last has failed, or after `delay`. All that are under way go on until one has succeeded.
///
/// [RFC 8305]: https://www.rfc-editor.org/rfc/rfc8305
pub(super) async fn race<T, F>(
    addresses: Vec<SocketAddr>,
    delay: Duration,
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut race = Race {
        left: interleaved(addresses),
        tries: Vec::new(),
        next: None,
        delay,
        connect,
        first_error: None,
    };
    poll_fn(|cx| race.poll(cx)).await
}

struct Race<C, F> {
    left: VecDeque<SocketAddr>,
    tries: Vec<Pin<Box<F>>>,
    /// When the next try begins.
    next: Option<Pin<Box<Sleep>>>,
    delay: Duration,
    connect: C,
    first_error: Option<io::Error>,
}

impl<T, C, F> Race<C, F>
where
    C: Fn(SocketAddr) -> F,
    F: Future<Output = io::Result<T>>,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        loop {
            let before = self.tries.len();
            if let Some(winner) = self.poll_tries(cx) {
                return Poll::Ready(Ok(winner));
            }
            let has_failed = self.tries.len() < before;
            if !self.is_time(cx, has_failed) {
                return Poll::Pending;
            }
            match self.left.pop_front() {
                Some(address) => self.begin(address),
                None if self.tries.is_empty() => return Poll::Ready(Err(self.failure())),
                None => return Poll::Pending,
            }
        }
    }

    /// Polls every try that is under way; those that fail are gone.
    fn poll_tries(&mut self, cx: &mut Context<'_>) -> Option<T> {
        let mut winner = None;
        let mut errors = Vec::new();
        self.tries
            .retain_mut(|attempt| match attempt.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(Ok(value)) => {
                    winner.get_or_insert(value);
                    false
                }
                Poll::Ready(Err(error)) => {
                    errors.push(error);
                    false
                }
            });
        self.first_error = self.first_error.take().or(errors.into_iter().next());
        winner
    }

    fn is_time(&mut self, cx: &mut Context<'_>, has_failed: bool) -> bool {
        let Some(next) = &mut self.next else {
            return true;
        };
        has_failed || self.tries.is_empty() || next.as_mut().poll(cx).is_ready()
    }

    fn begin(&mut self, address: SocketAddr) {
        self.tries.push(Box::pin((self.connect)(address)));
        self.next = (!self.left.is_empty()).then(|| Box::pin(sleep(self.delay)));
    }

    fn failure(&mut self) -> io::Error {
        let error = self.first_error.take();
        error.unwrap_or_else(|| io::Error::other("cannot connect to no address"))
    }
}

/// The addresses in their order, but the families in turn (RFC 8305, section 4).
fn interleaved(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let starts_with_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (one, other): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == starts_with_v6);
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut all = VecDeque::new();
    loop {
        let pair = [one.next(), other.next()];
        if pair == [None, None] {
            return all;
        }
        all.extend(pair.into_iter().flatten());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::io::{self, ErrorKind};
    use std::net::SocketAddr;
    use std::os::fd::BorrowedFd;
    use std::rc::Rc;
    use std::sync::Arc;
    use std::time::Duration;

    use entracte_event_loop::{
        Clock, Event, EventLoop, Instant, Interest, SeededRandom, Selector, Settings,
    };

    use super::{interleaved, race};
    use crate::run::Runner;
    use crate::time::{sleep, timeout};

    /// A clock that jumps to the next deadline when everything waits.
    #[derive(Clone, Default)]
    struct Time(Rc<Cell<u64>>);

    impl Clock for Time {
        fn now(&self) -> Instant {
            Instant::from_nanos(self.0.get())
        }
    }

    impl Selector for Time {
        fn wait(&mut self, timeout: Option<Duration>, _: &mut Vec<Event>) -> io::Result<()> {
            let timeout = timeout.ok_or_else(|| io::Error::other("a test waits for ever"))?;
            let nanos = u64::try_from(timeout.as_nanos()).expect("a test is short");
            self.0.set(self.0.get() + nanos);
            Ok(())
        }

        fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
            Arc::new(|| {})
        }

        fn add(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
            Ok(())
        }

        fn change(&mut self, _: BorrowedFd<'_>, _: usize, _: Interest) -> io::Result<()> {
            Ok(())
        }

        fn remove(&mut self, _: BorrowedFd<'_>) -> io::Result<()> {
            Ok(())
        }
    }

    /// What became of the tries: `1@0` was begun at 0 ms, `-1@300` was over at 300 ms.
    #[derive(Clone, Default)]
    struct Tries {
        time: Time,
        log: Rc<RefCell<Vec<String>>>,
    }

    /// Notes when a try is over, be it that it was dropped.
    struct Try(Tries, u16);

    impl Tries {
        fn note(&self, what: &str) {
            let millis = self.time.0.get() / 1_000_000;
            self.log.borrow_mut().push(format!("{what}@{millis}"));
        }

        /// An address answers after so many milliseconds, if that is well below a second, and
        /// refuses if that is odd.
        async fn attempt(self, address: SocketAddr) -> io::Result<u16> {
            let port = address.port();
            self.note(&port.to_string());
            let _try = Try(self, port);
            sleep(Duration::from_millis(port.into())).await;
            match port % 2 {
                0 => Ok(port),
                _ => Err(io::Error::new(
                    ErrorKind::ConnectionRefused,
                    port.to_string(),
                )),
            }
        }

        /// Tries these ports for at most 10 seconds.
        fn race(&self, ports: &[u16]) -> Option<io::Result<u16>> {
            let parts = (
                self.time.clone(),
                self.time.clone(),
                SeededRandom::from_seed(0),
            );
            let settings = Settings::from_parts(parts.0, parts.1, parts.2);
            let event_loop = EventLoop::with(settings).expect("a test opens few loops");
            let address = |port: &u16| SocketAddr::from(([127, 0, 0, 1], *port));
            let addresses = ports.iter().map(address).collect();
            let racing = race(addresses, Duration::from_millis(250), |address| {
                self.clone().attempt(address)
            });
            let limited = timeout(Duration::from_secs(10), racing);
            let outcome = Runner::with(event_loop).run(limited);
            outcome.expect("nobody waits for ever").ok()
        }

        fn took(&self, ports: &[u16]) -> (Option<io::Result<u16>>, String) {
            let outcome = self.race(ports);
            (outcome, self.log.take().join(" "))
        }
    }

    impl Drop for Try {
        fn drop(&mut self) {
            self.0.note(&format!("-{}", self.1));
        }
    }

    #[track_caller]
    fn check(ports: &[u16], winner: Option<u16>, log: &str) {
        let (outcome, took) = Tries::default().took(ports);
        let found = outcome.and_then(Result::ok);
        assert_eq!((found, took.as_str()), (winner, log), "{ports:?}");
    }

    #[test]
    fn families_take_turns() {
        let addresses = ["[::1]:1", "[::1]:2", "[::1]:3", "127.0.0.1:4"];
        let addresses = addresses.map(|text| text.parse().expect("it is an address"));
        let ports: Vec<u16> = interleaved(addresses.to_vec())
            .iter()
            .map(SocketAddr::port)
            .collect();
        assert_eq!(ports, [1, 4, 2, 3]);
    }

    #[test]
    fn an_address_that_answers_in_time_is_the_only_one_that_is_tried() {
        check(&[0, 0], Some(0), "0@0 -0@0");
        check(&[240, 2], Some(240), "240@0 -240@240");
    }

    #[test]
    fn the_next_is_tried_after_the_delay_or_when_one_has_failed() {
        check(&[20_000, 10], Some(10), "20000@0 10@250 -10@260 -20000@260");
        check(&[11, 10], Some(10), "11@0 -11@11 10@11 -10@21");
        check(
            &[20_000, 101, 10],
            Some(10),
            "20000@0 101@250 -101@351 10@351 -10@361 -20000@361",
        );
    }

    #[test]
    fn one_that_was_slow_may_still_win() {
        check(&[300, 100], Some(300), "300@0 100@250 -300@300 -100@300");
        check(
            &[700, 20_000, 1],
            Some(700),
            "700@0 20000@250 1@500 -1@501 -700@700 -20000@700",
        );
    }

    #[test]
    fn when_all_have_failed_the_first_to_fail_is_told() {
        let (outcome, took) = Tries::default().took(&[501, 101, 1]);
        assert_eq!(took, "501@0 101@250 -101@351 1@351 -1@352 -501@501");
        let error = outcome
            .expect("it is in time")
            .expect_err("all have failed");
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::ConnectionRefused, "101".into())
        );
    }

    #[test]
    fn no_address_is_an_error_and_no_answer_is_waited_for() {
        let (outcome, _) = Tries::default().took(&[]);
        assert!(outcome.expect("it is in time").is_err());
        check(&[20_000], None, "20000@0 -20000@10000");
        check(
            &[20_000, 30_000],
            None,
            "20000@0 30000@250 -20000@10000 -30000@10000",
        );
    }
}
