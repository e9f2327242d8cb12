//! HTTPS: hyper over a TLS listener, asked by curl for both versions of HTTP.

use std::convert::Infallible;
use std::process::Command;
use std::sync::Arc;

use entracte::hyper::serve;
use entracte::net::{Server, TcpListener};
use entracte::tls::Listener;
use entracte::{spawn, to_thread};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};

use crate::certificates;
use crate::with::bounded;

/// What curl says of the version, and the length of what it was given.
fn curl(port: u16, version: &str) -> (String, usize) {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*", version])
        .args(["--cacert", &certificates::path("root.pem")])
        .args([
            "--max-time",
            "30",
            "--write-out",
            "%{stderr}%{http_version}",
        ])
        .arg(format!("https://localhost:{port}/"))
        .output()
        .expect("the command curl is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    (said, output.stdout.len())
}

async fn answer(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(vec![b'x'; 1_000_000].into()))
}

#[test]
fn curl_is_served_by_both_versions_of_http() {
    let mut config = certificates::server();
    let offered = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::make_mut(&mut config).alpn_protocols = offered;
    bounded(async {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener.local_address().expect("it listens").port();
        let server = Server::new(Listener::new(listener, &config));
        let handle = server.handle();
        let serving = spawn(serve(server, service_fn(answer)));
        let old = to_thread(move || curl(port, "--http1.1")).await;
        assert_eq!(old, ("1.1".to_owned(), 1_000_000));
        let new = to_thread(move || curl(port, "--http2")).await;
        assert_eq!(new, ("2".to_owned(), 1_000_000));
        handle.close();
        serving.await.expect("the server ends");
    });
}
