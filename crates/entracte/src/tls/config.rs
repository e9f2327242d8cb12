//! Configurations for those who have PEM files and no wish to know rustls.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

/// Makes a server's configuration of a certificate and its key, both PEM.
///
/// The certificate's file may hold those that vouch for it as well, after it. Clients are not asked
/// for certificates.
///
/// # Errors
///
/// Returns an error if something is no PEM or not there, or if the key is not the certificate's.
///
/// # Python
///
/// [`ssl.SSLContext.load_cert_chain`](https://docs.python.org/3/library/ssl.html#ssl.SSLContext.load_cert_chain),
/// of what is in the files.
///
/// # Examples
///
/// Settings are rustls's own: here, the protocols that are offered.
///
/// ```no_run
/// use std::{fs, sync::Arc};
///
/// let mut config = entracte::tls::server_config(&fs::read("cert.pem")?, &fs::read("key.pem")?)?;
/// Arc::make_mut(&mut config).alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "ssl.SSLContext.load_cert_chain")]
pub fn server_config(cert_pem: &[u8], key_pem: &[u8]) -> io::Result<Arc<ServerConfig>> {
    let certificates = certificates(cert_pem)?;
    let key = PrivateKeyDer::from_pem_slice(key_pem)
        .map_err(|error| unusable(format!("cannot use the key: {error}")))?;
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| unusable(format!("cannot use the certificate: {error}")))?;
    Ok(Arc::new(config))
}

/// Makes a client's configuration that trusts these certificates, PEM, and what they vouch for.
///
/// A server's own certificate can be among them if it is no authority's: `openssl req -x509` makes one
/// with `-addext basicConstraints=critical,CA:FALSE`.
///
/// # Errors
///
/// Returns an error if something is no PEM, or if there is no certificate in it.
///
/// # Python
///
/// [`ssl.create_default_context`](https://docs.python.org/3/library/ssl.html#ssl.create_default_context)
/// with `cadata`.
#[doc(alias = "ssl.SSLContext.load_verify_locations")]
pub fn client_config(root_pem: &[u8]) -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(root_pem)? {
        roots
            .add(certificate)
            .map_err(|error| unusable(format!("cannot use the certificate: {error}")))?;
    }
    trusting(roots)
}

/// Makes a client's configuration that trusts what the system trusts.
///
/// It reads files, or only those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name; once is enough for
/// a program.
///
/// # Errors
///
/// Returns an error if the system has no such certificates, or they cannot be read.
///
/// # Python
///
/// [`ssl.create_default_context`](https://docs.python.org/3/library/ssl.html#ssl.create_default_context).
#[doc(alias = "ssl.create_default_context")]
pub fn system_client_config() -> io::Result<Arc<ClientConfig>> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Some systems keep old ones that cannot be read, among those that can.
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let text = match found.errors.first() {
            Some(error) => format!("cannot read the system's certificates: {error}"),
            None => "cannot find certificates that the system trusts".to_owned(),
        };
        return Err(io::Error::new(ErrorKind::NotFound, text));
    }
    trusting(roots)
}

fn trusting(roots: RootCertStore) -> io::Result<Arc<ClientConfig>> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn certificates(pem: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|error| unusable(format!("cannot use the certificate: {error}")))?;
    if found.is_empty() {
        return Err(unusable("cannot find a certificate in the PEM".to_owned()));
    }
    Ok(found)
}

fn unusable(text: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, text)
}
