//! `TlsError`: why a TLS handshake failed, or a stream broke.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// Says why a TLS handshake failed, or why a stream broke after it.
///
/// It comes inside of an [`io::Error`], and again at each later use of the stream.
///
/// # Examples
///
/// ```
/// use entracte::io::{Stream, pair};
/// use entracte::tls::{TlsError, rustls};
///
/// # fn trusting_nobody() -> std::sync::Arc<rustls::ClientConfig> {
/// #     let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
/// #     rustls::ClientConfig::builder_with_provider(provider)
/// #         .with_safe_default_protocol_versions()
/// #         .unwrap()
/// #         .with_root_certificates(rustls::RootCertStore::empty())
/// #         .with_no_client_auth()
/// #         .into()
/// # }
/// entracte::run(async {
///     let (near, far) = pair(1024);
///     let mut far = Stream::new(far);
///     far.writer.write(b"220 this is not TLS\r\n")?;
///     let failed = Stream::new(near).start_tls("localhost", &trusting_nobody()).await;
///     let error = failed.expect_err("nobody shook hands");
///     let reason = TlsError::of(&error).and_then(TlsError::reason);
///     assert!(matches!(reason, Some(rustls::Error::InvalidMessage(_))));
///     Ok::<(), std::io::Error>(())
/// })
/// .unwrap()
/// .unwrap();
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "ssl.SSLError")]
pub struct TlsError {
    cause: Arc<io::Error>,
    is_of_handshake: bool,
}

impl TlsError {
    pub(super) fn new(cause: io::Error, is_of_handshake: bool) -> Self {
        Self {
            cause: Arc::new(cause),
            is_of_handshake,
        }
    }

    /// The error of TLS that is in an [`io::Error`], if it is one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// What rustls says, unless the stream below failed or the time was up.
    #[must_use]
    pub fn reason(&self) -> Option<&rustls::Error> {
        self.cause.get_ref()?.downcast_ref()
    }

    /// Whether the handshake failed, so that no byte was exchanged.
    #[must_use]
    pub const fn is_of_handshake(&self) -> bool {
        self.is_of_handshake
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.is_of_handshake {
            true => "cannot finish the TLS handshake",
            false => "cannot go on with TLS",
        };
        write!(f, "{what}: {}", self.cause)?;
        if self.is_of_handshake && matches!(self.reason(), Some(rustls::Error::InvalidMessage(_))) {
            f.write_str(" (the other side may not speak TLS)")?;
        }
        Ok(())
    }
}

impl Error for TlsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        Self::new(error.cause.kind(), error)
    }
}
