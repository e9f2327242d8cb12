//! Sendable forms on other threads, and no state outside of the coroutines (T12, T13).

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]

use std::sync::mpsc;
use std::thread;

use entracte_coroutine::{Coroutine, SendAsyncCoroutine, SendCoroutine};
use futures::executor::block_on;

fn is_send<T: Send>(value: T) -> T {
    value
}

fn counter(from: u64) -> SendCoroutine<'static, u64, u64, String> {
    Coroutine::new_send(async move |mut co| {
        let inner = Coroutine::new_send(async move |mut co| {
            let mut sum = from;
            while sum < from + 10 {
                sum += co.yield_(sum).await;
            }
            sum
        });
        let sum = co.yield_from(inner).await;
        format!("{sum}")
    })
}

#[test]
fn t12_a_coroutine_is_resumed_on_one_thread_after_another() {
    let mut co = is_send(counter(0));
    assert_eq!(co.next().ok(), Some(0));
    for step in 1..=4 {
        co = thread::spawn(move || {
            assert_eq!(co.send(2).ok(), Some(step * 2));
            co
        })
        .join()
        .unwrap();
    }
    let end = thread::spawn(move || co.send(2).unwrap_err().returned()).join();
    assert_eq!(end.unwrap().as_deref(), Some("10"));
}

#[test]
fn t12_a_suspended_chain_is_dropped_on_another_thread() {
    let (dropped, seen) = mpsc::channel();
    struct Tell(mpsc::Sender<thread::ThreadId>);
    impl Drop for Tell {
        fn drop(&mut self) {
            assert!(self.0.send(thread::current().id()).is_ok());
        }
    }
    let mut co: SendCoroutine<'_, u32, (), ()> = Coroutine::new_send(async move |mut co| {
        let tell = Tell(dropped.clone());
        let inner = Coroutine::new_send(async move |mut co| {
            let _tell = tell;
            co.yield_(1).await;
        });
        let _outer = Tell(dropped);
        co.yield_from(inner).await;
    });
    assert_eq!(co.next().ok(), Some(1));
    let other = thread::spawn(move || {
        drop(co);
        thread::current().id()
    });
    let other = other.join().unwrap();
    assert_eq!(seen.iter().collect::<Vec<_>>(), [other, other]);
}

#[test]
fn t12_async_coroutines_are_driven_on_one_thread_after_another() {
    let mut co: SendAsyncCoroutine<'static, u64, u64, u64> =
        SendAsyncCoroutine::new_send(async |mut co| {
            let mut sum = 0;
            while sum < 3 {
                sum += co.yield_(sum).await;
            }
            sum
        });
    assert_eq!(block_on(is_send(co.next())).ok(), Some(0));
    let end = thread::spawn(move || {
        assert_eq!(block_on(co.send(1)).ok(), Some(1));
        thread::spawn(move || block_on(co.send(2)).unwrap_err().returned())
            .join()
            .unwrap()
    });
    assert_eq!(end.join().unwrap(), Some(3));
}

/// A body may let a thread of its own yield for it, as long as it waits for that thread.
#[test]
fn t12_a_handle_is_used_by_a_scoped_thread() {
    let mut co: Coroutine<'_, u32, u32, u32> = Coroutine::new(async |mut co| {
        thread::scope(|scope| {
            let co = &mut co;
            scope.spawn(move || drop(co.yield_(90))).join().unwrap();
        });
        co.yield_(1).await
    });
    assert_eq!(co.next().ok(), Some(1));
    assert_eq!(co.send(2).unwrap_err().returned(), Some(2));
}

#[test]
fn t13_interleaved_and_nested_coroutines_do_not_meet() {
    let threads: Vec<_> = (0..4_u64)
        .map(|start| {
            thread::spawn(move || {
                let (mut first, mut second) = (counter(start * 100), counter(start * 1000));
                let mut outer: Coroutine<'_, u64, u64, ()> = Coroutine::new(async |mut co| {
                    drop(first.next());
                    loop {
                        let sent = co.yield_(first.send(1).unwrap_or(0)).await;
                        assert_eq!(
                            second.next().or_else(|_| second.send(sent)).is_ok(),
                            sent < 9
                        );
                    }
                });
                assert_eq!(outer.next().ok(), Some(start * 100 + 1));
                assert_eq!(outer.send(1).ok(), Some(start * 100 + 2));
                assert_eq!(outer.send(2).ok(), Some(start * 100 + 3));
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
