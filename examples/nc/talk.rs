//! Both directions at once: standard input to the socket, the socket to standard output.

use std::io::{self, IsTerminal};
use std::time::Duration;

use entracte::io::{Stream, copy};
use entracte::net::UdpSocket;
use entracte::stdio::{stdin, stdout};
use entracte::{BoxError, local_group, timeout};
use futures::{AsyncRead, AsyncWrite};

/// As long as a datagram can be.
const LONGEST_DATAGRAM: usize = 65_536;

/// How much of standard input goes into one: what fits into an Ethernet frame.
const PIECE: usize = 1400;

pub(crate) async fn over_stream<S>(stream: Stream<S>) -> Result<(), BoxError>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let Stream {
        mut reader,
        mut writer,
    } = stream;
    local_group(async |group| {
        let sending = group.spawn(async move {
            copy(&mut stdin(), &mut writer).await?;
            writer.close().await
        });
        let mut output = stdout();
        copy(&mut reader, &mut output).await?;
        output.flush().await?;
        // A file is still sent to its end; who sits at a terminal has seen the other side go.
        if io::stdin().is_terminal() {
            sending.cancel();
        }
        Ok::<(), io::Error>(())
    })
    .await?;
    Ok(())
}

/// Sends and receives until standard input has ended and nothing came for so long.
pub(crate) async fn over_datagrams(
    socket: &UdpSocket,
    wait: Option<Duration>,
) -> Result<(), BoxError> {
    local_group(async |group| {
        let receiving = group.spawn(receive(socket, None));
        send(socket).await?;
        if wait.is_some() {
            receiving.cancel();
            receive(socket, wait).await?;
        }
        Ok::<(), io::Error>(())
    })
    .await?;
    Ok(())
}

/// Talks with the one that the first datagram is from, and with nobody else.
pub(crate) async fn with_first_comer(
    socket: &UdpSocket,
    wait: Option<Duration>,
) -> Result<(), BoxError> {
    let mut datagram = vec![0; LONGEST_DATAGRAM];
    let (length, from) = socket.receive_from(&mut datagram).await?;
    socket.as_std().connect(from)?;
    stdout().write_all(&datagram[..length]).await?;
    over_datagrams(socket, wait).await
}

async fn send(socket: &UdpSocket) -> io::Result<()> {
    let mut input = stdin();
    let mut piece = [0; PIECE];
    loop {
        match input.read(&mut piece).await? {
            0 => return Ok(()),
            length => socket.send(&piece[..length]).await?,
        }
    }
}

/// Prints what comes, for ever or until nothing has come for so long.
async fn receive(socket: &UdpSocket, wait: Option<Duration>) -> io::Result<()> {
    let mut output = stdout();
    let mut datagram = vec![0; LONGEST_DATAGRAM];
    loop {
        let length = match wait {
            None => socket.receive(&mut datagram).await?,
            Some(wait) => match timeout(wait, socket.receive(&mut datagram)).await {
                Ok(length) => length?,
                Err(_) => return Ok(()),
            },
        };
        output.write_all(&datagram[..length]).await?;
    }
}
