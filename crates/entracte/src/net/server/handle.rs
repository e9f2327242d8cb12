//! `ServerHandle`: closes a server, and says how it is.

use std::fmt;
use std::rc::Rc;

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
