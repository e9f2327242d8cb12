//! What each workload does, the same for every loop.

use std::cell::Cell;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::peer::{Channels, Peer};
use crate::heap;

/// A checksum, and what the items took: nanoseconds or bytes.
pub type Outcome = (u64, f64);

/// One workload on any loop; the loop has been started and is ended outside of what is measured.
pub trait Body: Copy + 'static {
    async fn run<P: Peer>(self, peer: &P, items: u64) -> Outcome;
}

fn since(start: Instant) -> f64 {
    start.elapsed().as_nanos() as f64
}

async fn join_in_order<P: Peer>(tasks: Vec<P::Task<u64>>) -> u64 {
    let mut total = 0;
    for task in tasks {
        total += P::join(task).await;
    }
    total
}

#[derive(Clone, Copy)]
pub struct SpawnJoin;

impl Body for SpawnJoin {
    async fn run<P: Peer>(self, peer: &P, items: u64) -> Outcome {
        let start = Instant::now();
        let tasks: Vec<_> = (0..items).map(|i| peer.spawn(async move { i })).collect();
        let total = join_in_order::<P>(tasks).await;
        (total, since(start))
    }
}

#[derive(Clone, Copy)]
pub struct Switch {
    pub tasks: u64,
}

impl Body for Switch {
    async fn run<P: Peer>(self, peer: &P, items: u64) -> Outcome {
        let tasks = self.tasks.min(items);
        let each = items / tasks;
        let tasks: Vec<_> = (0..tasks).map(|_| peer.spawn(ticker::<P>(each))).collect();
        // They are spawned beforehand: nothing of them has run yet.
        let start = Instant::now();
        let total = join_in_order::<P>(tasks).await;
        (total, since(start))
    }
}

async fn ticker<P: Peer>(count: u64) -> u64 {
    let mut ticks = 0;
    for _ in 0..count {
        P::switch().await;
        ticks += 1;
        black_box(ticks);
    }
    ticks
}

#[derive(Clone, Copy)]
pub struct Queue {
    pub capacity: usize,
}

impl Body for Queue {
    async fn run<P: Peer>(self, peer: &P, items: u64) -> Outcome {
        let (sender, mut receiver) = P::Channels::bounded(self.capacity);
        let start = Instant::now();
        let producer = peer.spawn(async move {
            for i in 0..items {
                P::Channels::send(&sender, i).await;
            }
        });
        let consumer = peer.spawn(async move {
            let mut total = 0;
            for _ in 0..items {
                total += P::Channels::receive(&mut receiver).await;
            }
            total
        });
        P::join(producer).await;
        let total = P::join(consumer).await;
        (total, since(start))
    }
}

#[derive(Clone, Copy)]
pub struct OneShot;

impl Body for OneShot {
    async fn run<P: Peer>(self, peer: &P, items: u64) -> Outcome {
        let start = Instant::now();
        let mut total = 0;
        for i in 0..items {
            let (sender, receiver) = P::Channels::one_shot();
            let task = peer.spawn(async move { P::Channels::send_once(sender, i) });
            total += P::Channels::receive_once(receiver).await;
            // It is done: no loop has to be told that it may run on without a handle.
            drop(task);
        }
        (total, since(start))
    }
}

#[derive(Clone, Copy)]
pub struct TimerCancel;

impl Body for TimerCancel {
    async fn run<P: Peer>(self, _: &P, items: u64) -> Outcome {
        let start = Instant::now();
        let mut waiting = 0;
        for i in 0..items {
            let sleep = P::sleep(Duration::from_millis(1000 + i % 5000));
            waiting += u64::from(is_pending(sleep).await);
        }
        (waiting, since(start))
    }
}

/// Polls a future once and drops it.
async fn is_pending(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

#[derive(Clone, Copy)]
pub struct TimerFire;

impl Body for TimerFire {
    async fn run<P: Peer>(self, peer: &P, items: u64) -> Outcome {
        let start = Instant::now();
        let sleeper = async |i: u64| {
            P::sleep(Duration::from_millis(5 + i * 7919 % 50)).await;
            1
        };
        let tasks: Vec<_> = (0..items).map(|i| peer.spawn(sleeper(i))).collect();
        let total = join_in_order::<P>(tasks).await;
        (total, since(start))
    }
}

#[derive(Clone, Copy)]
pub struct Join {
    pub tasks: u64,
}

impl Body for Join {
    async fn run<P: Peer>(self, peer: &P, items: u64) -> Outcome {
        let tasks = self.tasks.min(items);
        let start = Instant::now();
        let mut total = 0;
        for _ in 0..items / tasks {
            let body = async |i| {
                P::switch().await;
                i
            };
            let all = peer.gather((0..tasks).map(body)).await;
            total += all.iter().sum::<u64>();
        }
        (total, since(start))
    }
}

#[derive(Clone, Copy)]
pub struct IdleBytes;

thread_local! {
    static POLLED: Cell<u64> = const { Cell::new(0) };
}

/// Never ready; takes no room in its task, and counts that it was polled.
struct Idle;

impl Future for Idle {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        POLLED.set(POLLED.get() + 1);
        Poll::Pending
    }
}

async fn idle() {
    Idle.await;
}

impl Body for IdleBytes {
    /// Live bytes of `items` tasks that wait for ever; their handles are not counted.
    async fn run<P: Peer>(self, peer: &P, items: u64) -> Outcome {
        /// Few enough that the ready queue, which holds no idle task, does not grow for them.
        const AT_ONCE: u64 = 100;
        let mut tasks = Vec::with_capacity(items as usize);
        POLLED.set(0);
        heap::start_counting();
        while POLLED.get() < items {
            for _ in 0..AT_ONCE.min(items - POLLED.get()) {
                tasks.push(peer.spawn(idle()));
            }
            while POLLED.get() < tasks.len() as u64 {
                // Not by yielding: not every loop lets its tasks run before the root runs again.
                P::join(peer.spawn(P::switch())).await;
            }
        }
        let bytes = heap::stop_counting();
        (POLLED.get(), bytes as f64)
    }
}
