//! `Http`: serves HTTP/1 and HTTP/2 on the connections of a server, and ends them in good order.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use ::hyper::body::{Body, Incoming};
use ::hyper::server::conn::{http1, http2};
use ::hyper::service::Service;
use ::hyper::{Request, Response};
use entracte_coroutine::BoxError;
use futures_io::{AsyncRead, AsyncWrite};

use super::{InTasks, Spawner, Timer};
use crate::io::{Reader, Stream};
use crate::net::{Listener, Server};
use crate::task::finally;
use crate::time::timeout;

/// What a client that speaks HTTP/2 says first (RFC 9113).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long a client may take to say what it speaks: as long as hyper gives it for a head.
const FIRST_WORDS: Duration = Duration::from_secs(30);

/// How often a client that speaks HTTP/2 is asked whether it is there, and how long it may take to say.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Serves HTTP on the connections of a server: [`Http::serve`] with nothing set.
///
/// # Cancel safety
///
/// Cancel safe: requests under way are cancelled, and waited for.
pub async fn serve<L, S, B>(server: Server<L>, service: S)
where
    L: Listener,
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>> + 'static,
    S::Future: 'static,
    B: Body<Error: Into<BoxError>> + 'static,
{
    Http::new().serve(server, service).await;
}

/// Serves HTTP/1 and HTTP/2, whichever a client begins with.
///
/// Each request is answered in a task of its own, by [`InTasks`]: it is cancelled, and cleans up,
/// when its client is gone.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use entracte::hyper::Http;
///
/// # entracte::run(async {
/// let mut http = Http::new();
/// http.http1().header_read_timeout(Duration::from_secs(5)).max_buf_size(64 * 1024);
/// http.http2().max_concurrent_streams(20);
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Http {
    http1: http1::Builder,
    http2: http2::Builder<Spawner>,
    spawner: Spawner,
    first_words: Duration,
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    /// hyper's own settings, with the time of the loop: the head of a request may take 30 seconds, and
    /// a client of HTTP/2 is asked every 20 seconds whether it is there.
    #[must_use]
    pub fn new() -> Self {
        let spawner = Spawner::new();
        let mut http1 = http1::Builder::new();
        http1.timer(Timer::new());
        let mut http2 = http2::Builder::new(spawner.clone());
        http2.timer(Timer::new());
        http2.keep_alive_interval(KEEP_ALIVE);
        http2.keep_alive_timeout(KEEP_ALIVE);
        Self {
            http1,
            http2,
            spawner,
            first_words: FIRST_WORDS,
        }
    }

    /// Sets how long a client may take to say whether it speaks HTTP/1 or HTTP/2: 30 seconds unless
    /// this is called.
    pub const fn set_first_words(&mut self, limit: Duration) {
        self.first_words = limit;
    }

    /// hyper's settings for HTTP/1.
    pub const fn http1(&mut self) -> &mut http1::Builder {
        &mut self.http1
    }

    /// hyper's settings for HTTP/2.
    pub const fn http2(&mut self) -> &mut http2::Builder<Spawner> {
        &mut self.http2
    }

    /// Serves until the server is closed.
    ///
    /// Once that is asked for, connections without a request end at once, and others with the answer
    /// to their last one; what is left behind the grace period of the server is cancelled. Requests
    /// that fail or panic are told to the loop's error handler. What a client does wrong is not: it
    /// is told itself, if it can be.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: requests under way are cancelled, and waited for.
    pub async fn serve<L, S, B>(self, server: Server<L>, service: S)
    where
        L: Listener,
        S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>> + 'static,
        S::Future: 'static,
        B: Body<Error: Into<BoxError>> + 'static,
    {
        let handle = server.handle();
        let service = Rc::new(InTasks::new(service, self.spawner.clone()));
        let spawner = self.spawner.clone();
        let serving = server.serve(async move |stream| {
            let service = Rc::clone(&service);
            let served = self.serve_stream(stream, service, handle.closing()).await;
            // The client's fault, or told by the service.
            drop(served);
        });
        finally(serving, async move { spawner.ended().await }).await;
    }

    /// Serves one connection until it ends. Once `closing` is ready, it ends with the answer to the
    /// request that is under way, if there is one.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: requests under way are dropped, and [`InTasks`] has them clean up.
    ///
    /// # Errors
    ///
    /// Returns hyper's error: the client went away in the middle of something, or sent what is not
    /// HTTP, or the service failed.
    pub async fn serve_stream<T, S, B>(
        &self,
        mut stream: Stream<T>,
        service: S,
        closing: impl Future<Output = ()>,
    ) -> Result<(), BoxError>
    where
        T: AsyncRead + AsyncWrite + Unpin + 'static,
        S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>>,
        S::Future: 'static,
        B: Body<Error: Into<BoxError>> + 'static,
    {
        let mut closing = pin!(closing);
        let first_words = timeout(self.first_words, speaks_http2(&mut stream.reader));
        let Some(is_http2) = unless(closing.as_mut(), first_words).await else {
            return Ok(());
        };
        if is_http2?? {
            let connection = self.http2.serve_connection(stream, service);
            let shut_down = http2::Connection::graceful_shutdown;
            drive(pin!(connection), shut_down, closing).await?;
        } else {
            let connection = self.http1.serve_connection(stream, service);
            let shut_down = http1::Connection::graceful_shutdown;
            drive(pin!(connection), shut_down, closing).await?;
        }
        Ok(())
    }
}

/// Whether a client begins as one of HTTP/2 does. Nothing is taken from the reader.
async fn speaks_http2<T: AsyncRead + Unpin>(reader: &mut Reader<T>) -> io::Result<bool> {
    loop {
        let begun = reader.buffered();
        if begun.starts_with(PREFACE) || !PREFACE.starts_with(begun) {
            return Ok(begun.starts_with(PREFACE));
        }
        if poll_fn(|cx| reader.poll_fill(cx)).await? == 0 {
            return Ok(false);
        }
    }
}

/// What a future gives, unless another is ready before.
async fn unless<F: Future>(mut other: Pin<&mut impl Future>, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => other.as_mut().poll(cx).map(|_| None),
    })
    .await
}

/// Drives a connection to its end, and has it shut down once `closing` is ready.
async fn drive<C: Future>(
    mut connection: Pin<&mut C>,
    shut_down: impl FnOnce(Pin<&mut C>),
    closing: Pin<&mut impl Future>,
) -> C::Output {
    if let Some(done) = unless(closing, connection.as_mut()).await {
        return done;
    }
    shut_down(connection.as_mut());
    connection.await
}
