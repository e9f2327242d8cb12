//! entracte's own loop, queue and promise.

use std::future::pending;
use std::hint::black_box;
use std::io;
use std::time::Duration;

use entracte::sync::{Promise, Queue, Resolver, promise};
use entracte::{Runner, Task};

use super::peer::{Channels, Peer};
use crate::goal::OURS;

/// entracte.
pub struct Entracte;

impl Peer for Entracte {
    const NAME: &'static str = OURS;
    type Task<T: 'static> = Task<T>;
    type Channels = Own;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        let ran = Runner::new().and_then(|runner| runner.run(main(&Self)));
        ran.map_err(|error| io::Error::other(error.to_string()))
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        entracte::spawn(body)
    }

    async fn join<T: 'static>(task: Self::Task<T>) -> T {
        task.await.expect("no task of a workload fails")
    }

    async fn gather<B>(&self, bodies: impl Iterator<Item = B>) -> Vec<u64>
    where
        B: Future<Output = u64> + 'static,
    {
        let bodies: Vec<B> = bodies.collect();
        let gathered = entracte::gather(bodies).await;
        gathered.expect("no task of a workload fails")
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        entracte::sleep(duration)
    }

    fn switch() -> impl Future<Output = ()> + 'static {
        entracte::checkpoint()
    }
}

/// entracte, with every task's body in a scope of its own, which gives the task a cancellation node:
/// what it costs more than `Entracte` is what a task pays that uses one.
pub struct InScope;

impl Peer for InScope {
    const NAME: &'static str = OURS;
    type Task<T: 'static> = Task<Option<T>>;
    type Channels = Own;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        Entracte::run(async |_: &Entracte| main(&Self).await)
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        // Nobody cancels it, so there is nothing to pass on.
        entracte::spawn(async { entracte::catch_cancel(body).await.ok() })
    }

    async fn join<T: 'static>(task: Self::Task<T>) -> T {
        let value = Entracte::join(task).await;
        value.expect("no task of a workload is cancelled")
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        Entracte::sleep(duration)
    }

    fn switch() -> impl Future<Output = ()> + 'static {
        Entracte::switch()
    }
}

/// entracte, with every task's body beside a scope that is never opened: what it costs more than
/// `Entracte` is what a task pays for code that could open one, and for one more level of `async`.
pub struct ScopeUnused;

impl Peer for ScopeUnused {
    const NAME: &'static str = OURS;
    type Task<T: 'static> = Task<Option<T>>;
    type Channels = Own;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        Entracte::run(async |_: &Entracte| main(&Self).await)
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        entracte::spawn(async {
            if black_box(false) {
                return entracte::catch_cancel(pending()).await.ok();
            }
            Some(body.await)
        })
    }

    fn join<T: 'static>(task: Self::Task<T>) -> impl Future<Output = T> + 'static {
        InScope::join(task)
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        Entracte::sleep(duration)
    }

    fn switch() -> impl Future<Output = ()> + 'static {
        Entracte::switch()
    }
}

/// `entracte::sync`.
pub struct Own;

impl Channels for Own {
    const NAME: &'static str = "entracte::sync";
    type Sender = Queue<u64>;
    type Receiver = Queue<u64>;
    type OneShotSender = Resolver<u64>;
    type OneShotReceiver = Promise<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        let queue = Queue::bounded(capacity);
        (queue.clone(), queue)
    }

    async fn send(sender: &Self::Sender, item: u64) {
        sender.put(item).await.expect("nobody shuts the queue down");
    }

    async fn receive(receiver: &mut Self::Receiver) -> u64 {
        receiver.get().await.expect("nobody shuts the queue down")
    }

    fn one_shot() -> (Self::OneShotSender, Self::OneShotReceiver) {
        promise()
    }

    fn send_once(sender: Self::OneShotSender, item: u64) {
        sender.set(item).expect("the promise is waited for");
    }

    async fn receive_once(receiver: Self::OneShotReceiver) -> u64 {
        receiver.await.expect("the promise is kept")
    }
}
