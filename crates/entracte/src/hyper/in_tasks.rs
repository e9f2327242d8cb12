//! `InTasks`: a service whose requests are tasks, so that they clean up when their client is gone.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::hyper::service::Service;
use entracte_coroutine::BoxError;
use entracte_event_loop::{EventLoop, Report};

use super::Spawner;
use crate::task::{Spawn, Task, TaskError};

/// A service that answers each request in a task of its own.
///
/// hyper drops the future of a request whose client has gone, and what is dropped cannot await a
/// clean-up. A task that is dropped is cancelled: its `finally` blocks run. One that fails or panics
/// is told to the loop's error handler, as hyper says no more than that the connection ended.
///
/// [`Http`](super::Http) does this for every service.
///
/// # Examples
///
/// ```
/// use ::hyper::service::{Service as _, service_fn};
/// use entracte::hyper::{InTasks, Spawner};
///
/// entracte::run(async {
///     let greet = service_fn(async |request: ::hyper::Request<String>| {
///         let text = format!("hello, {}", request.body());
///         Ok::<_, std::io::Error>(::hyper::Response::new(text))
///     });
///     let service = InTasks::new(greet, Spawner::new());
///     let answer = service.call(::hyper::Request::new("you".to_owned())).await.unwrap();
///     assert_eq!(answer.body(), "hello, you");
/// })
/// .unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct InTasks<S> {
    service: S,
    spawner: Spawner,
}

impl<S> InTasks<S> {
    /// Answers by this service; the tasks are counted by the spawner.
    pub const fn new(service: S, spawner: Spawner) -> Self {
        Self { service, spawner }
    }
}

impl<R, S> Service<R> for InTasks<S>
where
    S: Service<R>,
    S::Response: 'static,
    S::Error: Into<BoxError> + 'static,
    S::Future: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Answer<S::Response>;

    fn call(&self, request: R) -> Self::Future {
        let counted = self.spawner.count();
        let future = self.service.call(request);
        let answer = async move {
            let answer = future.await.map_err(Into::into);
            drop(counted);
            answer
        };
        // Its first step is taken here: most requests are answered at once, or wait for the system.
        let task = Spawn::new().eager().spawn(answer);
        Answer { task }
    }
}

/// The answer to a request: the future of [`InTasks`]. Dropping it cancels the request.
#[must_use = "a request is cancelled when its answer is dropped"]
pub struct Answer<T> {
    task: Task<Result<T, BoxError>>,
}

impl<T: 'static> Future for Answer<T> {
    type Output = Result<T, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = Pin::new(&mut self.task).poll(cx);
        outcome.map(|outcome| {
            let answer = outcome.unwrap_or_else(|error| Err(error.into()));
            answer.inspect_err(tell)
        })
    }
}

/// Tells the loop's error handler of a request that failed, unless it was cancelled.
#[cold]
fn tell(error: &BoxError) {
    let error: &(dyn std::error::Error + 'static) = &**error;
    let is_cancelled = error
        .downcast_ref::<TaskError>()
        .is_some_and(TaskError::is_cancelled);
    if let Some(event_loop) = EventLoop::current().filter(|_| !is_cancelled) {
        event_loop.report(&Report::new("a request failed").with(error));
    }
}

impl<T: 'static> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answer").field(&self.task).finish()
    }
}
