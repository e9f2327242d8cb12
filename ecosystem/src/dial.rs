//! `dial`: one of our connections to the server that the settings of tokio-postgres name.

use entracte::BoxError;
use entracte::net::TcpStream;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// Connects to the first host of the settings.
///
/// # Errors
///
/// Returns an error if they name none, or if it does not answer.
pub async fn dial(settings: &Config) -> Result<TcpStream, BoxError> {
    let Some(Host::Tcp(host)) = settings.get_hosts().first() else {
        return Err("the settings name no host".into());
    };
    let port = settings.get_ports().first().copied().unwrap_or(5432);
    Ok(TcpStream::connect((host.as_str(), port)).await?)
}
