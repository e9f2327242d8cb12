//! What the workloads need of an event loop and of its channels.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::join_all;

/// An event loop of one thread; a value of it is what spawning needs inside the loop.
pub trait Peer: Sized + 'static {
    const NAME: &'static str;
    /// What spawning answers.
    type Task<T: 'static>: 'static;
    /// The fastest channels that its users are told to take.
    type Channels: Channels;

    /// Starts a fresh loop, drives `main` to its end on it, and ends the loop.
    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R>;

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T>;

    /// Waits for the task's result.
    fn join<T: 'static>(task: Self::Task<T>) -> impl Future<Output = T> + 'static;

    /// Spawns all and waits for all as one future.
    async fn gather<B>(&self, bodies: impl Iterator<Item = B>) -> Vec<u64>
    where
        B: Future<Output = u64> + 'static,
    {
        join_all(bodies.map(|body| Self::join(self.spawn(body)))).await
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static;

    /// Lets every other task run that is ready: here by waking itself, which no peer's own way
    /// beats (tokio's waits for its driver first).
    fn switch() -> impl Future<Output = ()> + 'static {
        Switch(false)
    }
}

/// Channels between tasks of one thread.
pub trait Channels: 'static {
    const NAME: &'static str;
    type Sender: 'static;
    type Receiver: 'static;
    type OneShotSender: 'static;
    type OneShotReceiver: 'static;

    /// A queue that holds at most `capacity` items.
    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver);
    async fn send(sender: &Self::Sender, item: u64);
    async fn receive(receiver: &mut Self::Receiver) -> u64;

    fn one_shot() -> (Self::OneShotSender, Self::OneShotReceiver);
    fn send_once(sender: Self::OneShotSender, item: u64);
    async fn receive_once(receiver: Self::OneShotReceiver) -> u64;
}

/// Wakes itself and is ready when it is polled again; the field says whether it was polled.
struct Switch(bool);

impl Future for Switch {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
