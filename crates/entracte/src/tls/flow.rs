//! How bytes flow through a TLS stream: the handshake, what is sent, what is received.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use entracte_event_loop::Direction;
use futures_io::{AsyncRead, AsyncWrite};

use super::error::TlsError;
use super::stream::TlsStream;
use super::wire::Wire;
use crate::task::waiting::{Wait, waits_for};

impl<S> TlsStream<S> {
    /// Takes what the other side has sent, and was read before there was TLS.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.failure.is_none() {
            let fed = self.session.read_tls(&mut bytes);
            if let Err(error) = fed.and_then(|_| self.process()) {
                self.fail(error);
            }
        }
    }

    fn process(&mut self) -> io::Result<rustls::IoState> {
        let processed = self.session.process_new_packets();
        processed.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
    }

    /// Makes the error last.
    #[cold]
    fn fail(&mut self, error: io::Error) -> io::Error {
        let failure = TlsError::new(error, self.session.is_handshaking());
        self.failure.insert(failure).clone().into()
    }

    pub(super) fn check(&self) -> io::Result<()> {
        match &self.failure {
            Some(failure) => Err(failure.clone().into()),
            None => Ok(()),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Hands to the stream below what is to be sent.
    pub(super) fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.session.wants_write() {
            let io = &mut self.io;
            match self.session.write_tls(&mut Wire { io, cx }) {
                Ok(0) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Takes what the stream below has; gives whether more can follow.
    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let is_all_sent = !self.session.wants_write();
        let io = &mut self.io;
        let count = match self.session.read_tls(&mut Wire { io, cx }) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) => return Poll::Ready(Err(error)),
        };
        match self.process() {
            Ok(state) => Poll::Ready(Ok(count > 0 && !state.peer_has_closed())),
            Err(error) => {
                // The other side is told why, if nobody waits to write, whose place this would take.
                if is_all_sent {
                    drop(self.poll_send(cx));
                }
                Poll::Ready(Err(self.fail(error)))
            }
        }
    }

    /// Makes the handshake, if it is not over.
    #[inline]
    pub(super) fn poll_handshake(
        &mut self,
        cx: &mut Context<'_>,
        who: Direction,
    ) -> Poll<io::Result<()>> {
        match self.handshake {
            None => Poll::Ready(Ok(())),
            Some(_) => self.poll_rest_of_handshake(cx, who),
        }
    }

    #[cold]
    fn poll_rest_of_handshake(
        &mut self,
        cx: &mut Context<'_>,
        who: Direction,
    ) -> Poll<io::Result<()>> {
        let Some(handshake) = &self.handshake else {
            return Poll::Ready(Ok(()));
        };
        let waker = handshake.join(who, cx.waker());
        let mut cx = Context::from_waker(&waker);
        let answer = self.poll_rounds(&mut cx);
        let is_agreed = !self.session.is_handshaking() && self.failure.is_none();
        // Only our last words are left to be sent. Reading does not wait for that, as the other side
        // may not read before it has written, if ever.
        if is_agreed && who == Direction::Read && !matches!(answer, Poll::Ready(Ok(()))) {
            return Poll::Ready(Ok(()));
        }
        let mut outcome = match answer {
            Poll::Pending if is_agreed => return Poll::Pending,
            Poll::Pending => ready!(self.poll_limit(&mut cx)),
            Poll::Ready(outcome) => outcome,
        };
        if !is_agreed && self.failure.is_none() {
            outcome = outcome.map_err(|error| self.fail(error));
        }
        let handshake = self.handshake.take();
        handshake.into_iter().for_each(|it| it.end(who));
        Poll::Ready(outcome)
    }

    /// Fails when the handshake has taken too long.
    fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let limit = match &mut self.handshake {
            Some(handshake) => handshake.poll_limit(cx),
            None => Poll::Pending,
        };
        if limit.is_pending() {
            waits_for(Wait::Handshake);
        }
        let limit = ready!(limit);
        let text = format!("it takes longer than {limit:?}");
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, text)))
    }

    fn poll_rounds(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let sent = self.poll_send(cx);
            self.check()?;
            ready!(sent)?;
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            if !self.session.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            if !ready!(self.poll_receive(cx))? && self.session.is_handshaking() {
                let text = "the other side has ended the connection";
                return Poll::Ready(Err(io::Error::new(ErrorKind::UnexpectedEof, text)));
            }
        }
    }
}
