//! `hello_http` says hello over HTTP/1 and HTTP/2, and sends back what is posted to `/echo`.

use std::process::ExitCode;
use std::time::Duration;

use entracte::net::{Listener, Server, TcpListener, UnixListener};
use entracte::{BoxError, catch_cancel, spawn};
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use lexopt::{Arg, Parser, ValueExt};

const HELP: &str = "\
Usage: hello_http [ADDRESS]
Serves HTTP on ADDRESS, which is HOST:PORT or the path of a socket; without it on
127.0.0.1:8080. GET / says hello, POST /echo sends back the body as it comes in.
Ctrl-C ends it: requests under way have ten seconds, and a second Ctrl-C ends them.
";

const GRACE: Duration = Duration::from_secs(10);

#[entracte::main]
async fn main() -> ExitCode {
    match try_main().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hello_http: {error}");
            ExitCode::from(2)
        }
    }
}

async fn try_main() -> Result<(), BoxError> {
    let mut address = "127.0.0.1:8080".to_owned();
    let mut parser = Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(value) => address = value.string()?,
            Arg::Long("help") => {
                print!("{HELP}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if address.contains('/') {
        let listener = UnixListener::bind(&address)?;
        println!("listening on {address}");
        serve(listener).await
    } else {
        let listener = TcpListener::bind(address).await?;
        println!("listening on http://{}", listener.local_address()?);
        serve(listener).await
    }
}

/// Serves until Ctrl-C, and then for as long as the clients need, within the grace period.
async fn serve(listener: impl Listener + 'static) -> Result<(), BoxError> {
    let server = Server::new(listener).grace(GRACE);
    let handle = server.handle();
    let mut serving = spawn(entracte::hyper::serve(server, service_fn(answer)));
    // Awaited by reference, the task is not cancelled along with the wait for it.
    if catch_cancel(&mut serving).await.is_err() {
        eprintln!("closing, with {} clients left", handle.clients());
        handle.close();
        serving.await?;
    }
    Ok(())
}

type Body = Either<Full<Bytes>, Incoming>;

async fn answer(request: Request<Incoming>) -> Result<Response<Body>, BoxError> {
    let text = |text: &'static str| Either::Left(Full::from(text));
    let (status, body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => (StatusCode::OK, text("Hello, world!\n")),
        (&Method::POST, "/echo") => (StatusCode::OK, Either::Right(request.into_body())),
        (_, "/" | "/echo") => (StatusCode::METHOD_NOT_ALLOWED, text("not like this\n")),
        _ => (StatusCode::NOT_FOUND, text("nothing here\n")),
    };
    Ok(Response::builder().status(status).body(body)?)
}
