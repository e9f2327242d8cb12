//! `Server`: a task for each connection of a listener, in one scope.

mod client;
mod handle;
mod state;

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use entracte_event_loop::{EventLoop, Report};

use self::client::{Clients, is_of_one_client};
use self::state::State;
use super::listener::Listener;
use crate::io::Stream;
use crate::task::Outcome;
use crate::task::waiting::Wait;
use crate::time::timeout;

pub use handle::ServerHandle;

/// How long clients may go on after the server was closed.
const GRACE: Duration = Duration::from_secs(10);

/// As asyncio's.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves the connections of a listener: a task for each, all in the scope of the server.
///
/// A client that fails or panics is told to the loop's error handler, with the address of the other
/// end where there is one, and the others go on; that the other end has gone (a reset, a broken pipe)
/// is told to nobody. When the system is out of descriptors, the server waits until a client has
/// ended, or a second, and then accepts again.
///
/// # Python
///
/// [`asyncio.start_server`](https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server)
/// and the [`Server`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Server) it
/// returns. Clients cannot outlive it here.
///
/// # Examples
///
/// ```
/// use entracte::net::{Server, TcpListener, connect};
///
/// entracte::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let address = listener.local_address()?;
///     let server = Server::new(listener);
///     let handle = server.handle();
///     let serving = entracte::spawn(server.serve(async |mut stream| {
///         while let Some(line) = stream.reader.read_line().await? {
///             stream.writer.write_all(format!("{line}!\n").as_bytes()).await?;
///         }
///         Ok::<(), std::io::Error>(())
///     }));
///
///     let mut client = connect(address).await?;
///     client.writer.write_all(b"hello\n").await?;
///     assert_eq!(client.reader.read_line().await?.as_deref(), Some("hello!"));
///     drop(client);
///
///     handle.close();
///     serving.await?;
///     Ok::<(), Box<dyn std::error::Error>>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[doc(alias = "asyncio.start_server")]
#[doc(alias = "asyncio.Server")]
pub struct Server<L> {
    listener: L,
    state: Rc<State>,
    grace: Duration,
    pause: Duration,
}

impl<L: Listener> Server<L> {
    /// Makes a server that does nothing before [`serve`](Self::serve).
    #[must_use]
    pub fn new(listener: L) -> Self {
        Self {
            listener,
            state: Rc::default(),
            grace: GRACE,
            pause: PAUSE,
        }
    }

    /// Sets how many clients are served at once; further connections wait in the system's queue.
    /// Without it there is no limit but the system's.
    ///
    /// # Panics
    ///
    /// Panics if it is 0.
    #[must_use]
    pub fn max_clients(self, count: usize) -> Self {
        assert!(count > 0, "cannot serve no client at a time");
        self.state.most.set(count);
        self
    }

    /// Sets how long clients may go on after the server was closed: 10 seconds unless this is called.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Sets how long nothing is accepted after the system was out of descriptors, if no client ends
    /// before: a second unless this is called.
    #[must_use]
    pub const fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// A handle by which the server is closed and looked at: also by its clients, if `client` of
    /// [`serve`](Self::serve) takes a clone, as `async move |stream| …`.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        ServerHandle {
            state: Rc::clone(&self.state),
        }
    }

    /// What the server listens on.
    #[must_use]
    pub const fn listener(&self) -> &L {
        &self.listener
    }

    /// Serves until the server is closed: `client` is called with each connection.
    ///
    /// A client has ended when `client` has, and what its writer had accepted is sent.
    ///
    /// A `client` that uses what is around it is written `async move |stream| …`, and owns that: it is
    /// one for all clients, so an `Rc` in it is shared by them without being cloned for each:
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    /// # use entracte::net::{Server, TcpListener, connect};
    ///
    /// # entracte::run(async {
    /// # let server = Server::new(TcpListener::bind("127.0.0.1:0").await?);
    /// # let (handle, address) = (server.handle(), server.listener().local_address()?);
    /// let greeted = Rc::new(Cell::new(0));
    /// let count = Rc::clone(&greeted);
    /// let serving = entracte::spawn(server.serve(async move |mut stream| {
    ///     count.set(count.get() + 1);
    ///     stream.writer.write_all(format!("you are number {}\n", count.get()).as_bytes()).await
    /// }));
    /// # for line in ["you are number 1", "you are number 2"] {
    /// #     let mut client = connect(address).await?;
    /// #     assert_eq!(client.reader.read_line().await?.as_deref(), Some(line));
    /// # }
    /// # handle.close();
    /// # serving.await?;
    /// assert_eq!(greeted.get(), 2);
    /// # Ok::<(), entracte::BoxError>(())
    /// # }).unwrap().unwrap();
    /// ```
    ///
    /// Ctrl-C and `timeout` do not close it but cancel it, and all clients at once. Where they are to
    /// go on for the grace period, catch that and close:
    ///
    /// ```
    /// # use entracte::net::{Server, TcpListener};
    /// # entracte::run(async {
    /// # let server = Server::new(TcpListener::bind("127.0.0.1:0").await?);
    /// # let client = async |_| {};
    /// let handle = server.handle();
    /// let mut serving = entracte::spawn(server.serve(client));
    /// # handle.close();
    /// if entracte::catch_cancel(&mut serving).await.is_err() {
    ///     handle.close();
    ///     serving.await?;
    /// }
    /// # Ok::<(), entracte::BoxError>(())
    /// # }).unwrap().unwrap();
    /// ```
    ///
    /// Once closed, it stops listening, lets the clients go on for the grace period, then cancels
    /// those that are left, and returns when they have unwound.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the clients are cancelled as well, and waited for.
    ///
    /// # Python
    ///
    /// [`Server.serve_forever`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Server.serve_forever);
    /// `close`, `wait_closed` and `close_clients` after it.
    #[doc(alias = "asyncio.Server.serve_forever")]
    #[doc(alias = "asyncio.Server.wait_closed")]
    pub async fn serve<H, R>(self, client: H)
    where
        H: AsyncFn(Stream<L::Stream>) -> R + 'static,
        R: Outcome + 'static,
    {
        let client = Rc::new(client);
        let clients = Clients::new(&self.state);
        while let Some((stream, peer)) = self.next().await {
            let client = Rc::clone(&client);
            let open = Stream::later(stream);
            clients.spawn(peer, async move {
                // Only here, or a second place would be kept for the stream.
                let (stream, unsent) = open();
                let outcome = client(stream).await;
                unsent.end().await;
                outcome
            });
        }
        let Self {
            listener,
            state,
            grace,
            ..
        } = self;
        drop(listener);
        let finished = timeout(grace, poll_fn(|cx| state.poll_hurry(cx))).await;
        if finished.is_err() || state.must_hurry.get() {
            clients.cancel();
        }
        poll_fn(|cx| state.poll_gone(cx)).await;
    }

    /// The next connection, and the address of its other end; `None` when the server is closed.
    async fn next(&self) -> Option<(L::Stream, Option<SocketAddr>)> {
        loop {
            let accepted = {
                let mut next = pin!(self.listener.next_with_peer());
                poll_fn(|cx| self.poll_next(cx, next.as_mut())).await?
            };
            match accepted {
                Ok(connection) => {
                    self.state.is_told.set(false);
                    return Some(connection);
                }
                // The other end has given up.
                Err(error) if is_of_one_client(&error) => {}
                Err(error) => self.rest(&error).await,
            }
        }
    }

    fn poll_next<F: Future>(
        &self,
        cx: &mut Context<'_>,
        next: std::pin::Pin<&mut F>,
    ) -> Poll<Option<F::Output>> {
        if self.state.closing.is_set() {
            return Poll::Ready(None);
        }
        if self.state.clients.get() < self.state.most.get()
            && let Poll::Ready(accepted) = next.poll(cx)
        {
            return Poll::Ready(Some(accepted));
        }
        self.state.wait(Wait::Accept, cx)
    }

    /// Waits until a client has ended, or a while.
    async fn rest(&self, error: &io::Error) {
        if let Some(event_loop) = EventLoop::current()
            && !self.state.is_told.replace(true)
        {
            let report = Report::new("a server cannot accept, and waits");
            event_loop.report(&report.with(error));
        }
        let clients = self.state.clients.get();
        let changed = poll_fn(|cx| {
            let now = self.state.clients.get();
            if now < clients || self.state.closing.is_set() {
                return Poll::Ready(());
            }
            self.state.wait(Wait::Accept, cx)
        });
        // Either way it is worth another try.
        timeout(self.pause, changed).await.unwrap_or_default();
    }
}

impl<L: fmt::Debug> fmt::Debug for Server<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("listener", &self.listener)
            .field("clients", &self.state.clients.get())
            .finish_non_exhaustive()
    }
}
