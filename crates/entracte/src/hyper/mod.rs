//! hyper on this loop: its traits for streams, tasks and time, and an HTTP server on top of them.
//!
//! hyper brings no loop and asks for no certain one: it asks for four traits. With the feature
//! `hyper` they are here, natively:
//!
//! | hyper asks for | here |
//! |---|---|
//! | `rt::Read`, `rt::Write` | [`Stream`](crate::io::Stream) over anything, [`TcpStream`](crate::net::TcpStream), [`UnixStream`](crate::net::UnixStream) |
//! | what runs futures beside a connection | [`Spawner`] |
//! | `rt::Timer`, `rt::Sleep` | [`Timer`] |
//!
//! Over TLS, a client asks for HTTP/2 by ALPN: set `alpn_protocols` of rustls's configuration to `h2` and
//! `http/1.1`, or it gets HTTP/1.
//!
//! Nothing has to be `Send`: services, bodies and what they hold may use `Rc`. The one exception are
//! upgrades by `with_upgrades`; `without_shutdown` gives the stream back and has no such bound.
//!
//! With the feature `hyper-server` there are also [`serve`] and [`Http`], which serve HTTP/1 and
//! HTTP/2 on the connections of a [`Server`](crate::net::Server), and [`InTasks`], whose requests
//! clean up when their client is gone.
//!
//! # Examples
//!
//! A server and a client:
//!
//! ```
//! # #[cfg(feature = "hyper-server")] {
//! use entracte::net::{Server, TcpListener, connect};
//! use http_body_util::{BodyExt, Empty, Full};
//! use ::hyper::body::{Bytes, Incoming};
//! use ::hyper::{Request, Response, client::conn::http1, service::service_fn};
//!
//! async fn hello(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, std::io::Error> {
//!     Ok(Response::new(format!("hello from {}", request.uri()).into()))
//! }
//!
//! entracte::run(async {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let address = listener.local_address()?;
//!     let server = Server::new(listener);
//!     let handle = server.handle();
//!     let serving = entracte::spawn(entracte::hyper::serve(server, service_fn(hello)));
//!
//!     let (mut client, connection) = http1::handshake(connect(address).await?).await?;
//!     let connection = entracte::spawn(connection);
//!     let request = Request::get("/here").header("host", "localhost");
//!     let response = client.send_request(request.body(Empty::<Bytes>::new())?).await?;
//!     assert_eq!(response.into_body().collect().await?.to_bytes(), "hello from /here");
//!     drop(client);
//!     connection.await??;
//!
//!     handle.close();
//!     serving.await?;
//!     Ok::<(), entracte::BoxError>(())
//! })
//! .unwrap()
//! .unwrap();
//! # }
//! ```

#[cfg(feature = "hyper-server")]
mod http;
#[cfg(feature = "hyper-server")]
mod in_tasks;
mod io;
mod spawner;
mod timer;
mod timers;

#[cfg(feature = "hyper-server")]
pub use http::{Http, serve};
#[cfg(feature = "hyper-server")]
pub use in_tasks::{Answer, InTasks};
pub use spawner::Spawner;
pub use timer::Timer;
