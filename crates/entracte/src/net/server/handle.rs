//! `ServerHandle`: closes a server, and says how it is.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::state::State;

/// A handle to a server. Clones are handles to the same; dropping one changes nothing.
#[derive(Clone)]
pub struct ServerHandle {
    pub(super) state: Rc<State>,
}

impl ServerHandle {
    /// Has the server stop listening, and end when its clients have, or the grace period.
    #[doc(alias = "asyncio.Server.close")]
    pub fn close(&self) {
        self.state.closing.set();
        self.state.wake();
    }

    /// Waits until the server is closed: how a client's task learns that it is time to end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    pub async fn closing(&self) {
        self.state.closing.wait().await;
    }

    /// What a future gives, unless the server is closed before: `None` then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the future is dropped when the server is closed.
    ///
    /// # Examples
    ///
    /// A client's task that ends when there is nothing to be done for the client:
    ///
    /// ```
    /// # use entracte::net::{Server, TcpListener, connect};
    /// # entracte::run(async {
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let address = listener.local_address()?;
    /// let server = Server::new(listener);
    /// let handle = server.handle();
    /// let closing = handle.clone();
    /// let serving = entracte::spawn(server.serve(async move |mut stream| {
    ///     while let Some(line) = closing.unless_closing(stream.reader.read_line()).await {
    ///         let Some(line) = line? else { return Ok(()) };
    ///         stream.writer.write_all(format!("{line}!\n").as_bytes()).await?;
    ///     }
    ///     stream.writer.write_all(b"good-bye\n").await
    /// }));
    /// # let mut client = connect(address).await?;
    /// # client.writer.write(b"hello\n")?;
    /// # assert_eq!(client.reader.read_line().await?.as_deref(), Some("hello!"));
    /// handle.close();
    /// # assert_eq!(client.reader.read_line().await?.as_deref(), Some("good-bye"));
    /// serving.await?;
    /// # Ok::<(), entracte::BoxError>(())
    /// # }).unwrap().unwrap();
    /// ```
    pub async fn unless_closing<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let mut closing = pin!(self.closing());
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => closing.as_mut().poll(cx).map(|()| None),
        })
        .await
    }

    /// Closes the server without a grace period: the clients are cancelled at once.
    #[doc(alias = "asyncio.Server.close_clients")]
    pub fn close_clients(&self) {
        self.state.must_hurry.set(true);
        self.close();
    }

    /// How many clients are being served.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.state.clients.get()
    }

    /// Whether there are as many clients as there may be, so that further connections wait.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.clients() >= self.state.most.get()
    }

    /// How many connections were ever accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.state.accepted.get()
    }
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandle")
            .field("clients", &self.clients())
            .field("accepted", &self.accepted())
            .field("is_closed", &self.state.closing.is_set())
            .finish()
    }
}
