//! Whom a client trusts: not another name, nor an unknown root, nor what has expired.

use std::io;
use std::sync::Arc;

use entracte::net::{TcpListener, connect};
use entracte::tls::rustls::{CertificateError, ClientConfig, Error};
use entracte::tls::{Listener, TlsError, client_config, server_config};

use crate::certificates;
use crate::with::{Tcp, bounded, serve_on};

/// Asks for a server of this name, which shows this certificate; gives both sides' errors.
fn refused(name: &str, certificate: &str, config: &Arc<ClientConfig>) -> (io::Error, io::Error) {
    let (told, hear) = std::sync::mpsc::channel();
    let serve = async move |mut stream: Tcp| {
        let error = stream.handshake().await.expect_err("the client refuses");
        told.send(error).expect("somebody listens");
        Ok(())
    };
    bounded(async {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let listener = Listener::new(listener, &certificates::server_with(certificate));
        let client = async |address: std::net::SocketAddr| {
            let stream = connect(address).await.expect("it listens");
            let failed = stream.start_tls(name, config).await;
            failed.expect_err("it is not to be trusted")
        };
        let error = serve_on(listener, serve, client).await;
        (error, hear.recv().expect("the server has failed as well"))
    })
}

fn reason(error: &io::Error) -> &CertificateError {
    match TlsError::of(error).and_then(TlsError::reason) {
        Some(Error::InvalidCertificate(reason)) => reason,
        _ => panic!("not about a certificate: {error}"),
    }
}

#[test]
fn a_certificate_of_another_name_is_refused() {
    let (error, _) = refused("elsewhere.example", "leaf.pem", &certificates::client());
    let is_about_the_name = matches!(
        reason(&error),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
    );
    assert!(is_about_the_name, "{error}");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_and_the_server_is_told() {
    let config = client_config(&certificates::pem("other.pem")).expect("the file is good");
    let (error, server) = refused("localhost", "leaf.pem", &config);
    assert_eq!(*reason(&error), CertificateError::UnknownIssuer);
    let text = "cannot finish the TLS handshake: invalid peer certificate: UnknownIssuer";
    assert_eq!(error.to_string(), text);
    let told = TlsError::of(&server).and_then(TlsError::reason);
    assert!(matches!(told, Some(Error::AlertReceived(_))), "{server}");
}

#[test]
fn a_certificate_that_has_expired_is_refused() {
    let (error, _) = refused("localhost", "expired.pem", &certificates::client());
    let is_about_time = matches!(
        reason(&error),
        CertificateError::Expired | CertificateError::ExpiredContext { .. }
    );
    assert!(is_about_time, "{error}");
}

#[test]
fn files_that_cannot_be_used_say_so() {
    let (good, key) = (certificates::pem("leaf.pem"), certificates::pem("leaf.key"));
    let other = certificates::pem("other.key");
    let text = |made: io::Result<_>| made.map(drop).expect_err("it is unusable").to_string();
    let nothing = "cannot find a certificate in the PEM";
    assert_eq!(text(server_config(b"nothing", &key).map(drop)), nothing);
    assert_eq!(text(client_config(&key).map(drop)), nothing);
    let no_key = text(server_config(&good, b"nothing").map(drop));
    assert!(no_key.starts_with("cannot use the key: "), "{no_key}");
    let mixed = text(server_config(&good, &other).map(drop));
    assert!(mixed.starts_with("cannot use the certificate: "), "{mixed}");
}
