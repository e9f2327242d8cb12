//! The peers: each loop as its own documentation says to use it on one thread.

use std::io;
use std::time::Duration;

use super::channels;
use super::peer::Peer;

/// tokio with a `LocalSet` on a current-thread scheduler.
pub struct TokioLocalSet;

/// tokio's scheduler whose every task may stay on its thread.
pub struct TokioLocalRuntime;

fn tokio_builder() -> tokio::runtime::Builder {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    // Input and output too, as every other loop here has them.
    builder.enable_all();
    builder
}

/// tokio's own way, which is faster there than `join_all`; the results come as tasks end.
async fn tokio_gather<B>(bodies: impl Iterator<Item = B>) -> Vec<u64>
where
    B: Future<Output = u64> + 'static,
{
    let mut tasks = tokio::task::JoinSet::new();
    for body in bodies {
        tasks.spawn_local(body);
    }
    tasks.join_all().await
}

impl Peer for TokioLocalSet {
    const NAME: &'static str = "tokio LocalSet";
    type Task<T: 'static> = tokio::task::JoinHandle<T>;
    type Channels = channels::Tokio;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        let tokio = tokio_builder().build()?;
        Ok(tokio::task::LocalSet::new().block_on(&tokio, main(&Self)))
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        tokio::task::spawn_local(body)
    }

    async fn join<T: 'static>(task: Self::Task<T>) -> T {
        task.await.expect("no task of a workload panics")
    }

    async fn gather<B>(&self, bodies: impl Iterator<Item = B>) -> Vec<u64>
    where
        B: Future<Output = u64> + 'static,
    {
        tokio_gather(bodies).await
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        tokio::time::sleep(duration)
    }
}

impl Peer for TokioLocalRuntime {
    const NAME: &'static str = "tokio LocalRuntime";
    type Task<T: 'static> = tokio::task::JoinHandle<T>;
    type Channels = channels::Tokio;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        let options = tokio::runtime::LocalOptions::default();
        let tokio = tokio_builder().build_local(options)?;
        Ok(tokio.block_on(main(&Self)))
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        tokio::task::spawn_local(body)
    }

    async fn join<T: 'static>(task: Self::Task<T>) -> T {
        task.await.expect("no task of a workload panics")
    }

    async fn gather<B>(&self, bodies: impl Iterator<Item = B>) -> Vec<u64>
    where
        B: Future<Output = u64> + 'static,
    {
        tokio_gather(bodies).await
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        tokio::time::sleep(duration)
    }
}

/// smol's parts, put together as smol's own documentation does.
pub struct Smol(async_executor::LocalExecutor<'static>);

impl Peer for Smol {
    const NAME: &'static str = "smol";
    type Task<T: 'static> = async_executor::Task<T>;
    type Channels = channels::Smol;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        let smol = Self(async_executor::LocalExecutor::new());
        Ok(async_io::block_on(smol.0.run(main(&smol))))
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        self.0.spawn(body)
    }

    fn join<T: 'static>(task: Self::Task<T>) -> impl Future<Output = T> + 'static {
        task
    }

    async fn sleep(duration: Duration) {
        async_io::Timer::after(duration).await;
    }
}

/// monoio over epoll or kqueue.
pub struct Monoio;

/// monoio over `io_uring`.
#[cfg(target_os = "linux")]
pub struct MonoioUring;

impl Peer for Monoio {
    const NAME: &'static str = "monoio";
    type Task<T: 'static> = monoio::task::JoinHandle<T>;
    type Channels = channels::Local;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        let builder = monoio::RuntimeBuilder::<monoio::LegacyDriver>::new();
        Ok(builder.enable_timer().build()?.block_on(main(&Self)))
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        monoio::spawn(body)
    }

    fn join<T: 'static>(task: Self::Task<T>) -> impl Future<Output = T> + 'static {
        task
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        monoio::time::sleep(duration)
    }
}

#[cfg(target_os = "linux")]
impl Peer for MonoioUring {
    const NAME: &'static str = "monoio io_uring";
    type Task<T: 'static> = monoio::task::JoinHandle<T>;
    type Channels = channels::Local;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        let builder = monoio::RuntimeBuilder::<monoio::IoUringDriver>::new();
        Ok(builder.enable_timer().build()?.block_on(main(&Self)))
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        monoio::spawn(body)
    }

    fn join<T: 'static>(task: Self::Task<T>) -> impl Future<Output = T> + 'static {
        task
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        monoio::time::sleep(duration)
    }
}

/// compio, over `io_uring` on Linux.
pub struct Compio;

impl Peer for Compio {
    const NAME: &'static str = "compio";
    type Task<T: 'static> = compio::runtime::JoinHandle<T>;
    /// compio names none; of those here that run on one thread this is the fastest.
    type Channels = channels::Local;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        Ok(compio::runtime::Runtime::new()?.block_on(main(&Self)))
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        compio::runtime::spawn(body)
    }

    async fn join<T: 'static>(task: Self::Task<T>) -> T {
        task.await.expect("no task of a workload panics")
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        compio::time::sleep(duration)
    }
}

/// glommio, over `io_uring`.
#[cfg(target_os = "linux")]
pub struct Glommio;

#[cfg(target_os = "linux")]
impl Peer for Glommio {
    const NAME: &'static str = "glommio";
    type Task<T: 'static> = glommio::Task<T>;
    type Channels = channels::Glommio;

    fn run<R>(main: impl AsyncFnOnce(&Self) -> R) -> io::Result<R> {
        let made = glommio::LocalExecutorBuilder::default().make();
        let glommio = made.map_err(|error| io::Error::other(error.to_string()))?;
        Ok(glommio.run(main(&Self)))
    }

    fn spawn<T: 'static>(&self, body: impl Future<Output = T> + 'static) -> Self::Task<T> {
        glommio::spawn_local(body)
    }

    fn join<T: 'static>(task: Self::Task<T>) -> impl Future<Output = T> + 'static {
        task
    }

    async fn sleep(duration: Duration) {
        glommio::timer::sleep(duration).await;
    }
}
