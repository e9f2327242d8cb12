//! What one client says, line by line, and how it is seen off.

use std::rc::Rc;
use std::time::Duration;

use entracte::io::{ReadError, Reader, Stream};
use entracte::net::TcpStream;
use entracte::{catch_cancel, checkpoint, timeout};

use crate::hall::{Hall, Seat};

const LONGEST_LINE: usize = 4 * 1024;

/// How long the last words of the chat may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);

const HELP: &str = "\
* /nick NAME: be called that
* /join ROOM: go to another room
* /who: who is in this room
* /quit: leave
* anything else is said to everybody in the room";

/// Serves a client until it leaves, or the hall has its task cancelled.
pub(crate) async fn with(hall: &Rc<Hall>, client: Stream<TcpStream>) {
    let Stream { mut reader, writer } = client;
    reader.set_limit(LONGEST_LINE);
    let mut seat = Seat::take(hall, writer);
    let ended = catch_cancel(talk(&mut reader, &mut seat)).await;
    let reason = match &ended {
        Ok(Ok(())) => "goodbye".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(cancelled) => match cancelled.message() {
            Some(message) => message.to_string(),
            None => "the chat is over".to_owned(),
        },
    };
    if let Some(mut writer) = seat.leave() {
        let last_words = async {
            writer.write(format!("* {reason}\n").as_bytes())?;
            writer.close().await
        };
        let told = timeout(PATIENCE, last_words).await;
        if !matches!(told, Ok(Ok(()))) {
            writer.discard(); // It does not read, or is gone.
        }
    }
    if let Err(cancelled) = ended {
        cancelled.propagate().await;
    }
}

async fn talk(reader: &mut Reader<TcpStream>, seat: &mut Seat) -> Result<(), ReadError> {
    loop {
        match reader.read_line().await {
            Ok(None) => return Ok(()),
            Ok(Some(line)) => {
                // What it makes of a terminal is the business of who sits there.
                let line = line.replace(char::is_control, " ");
                match line.trim().split_once(' ').unwrap_or((line.trim(), "")) {
                    ("/quit", _) => return Ok(()),
                    (first, rest) => obey(seat, &line, first, rest.trim()),
                }
            }
            Err(ReadError::TooLong { limit }) => {
                reader.skip_line().await?;
                seat.tell(&format!("* not said: longer than {limit} bytes"));
            }
            Err(ReadError::NotUtf8 { .. }) => seat.tell("* not said: it is not UTF-8"),
            Err(error) => return Err(error),
        }
        // Who sends a thousand lines at once takes turns with the others.
        checkpoint().await;
    }
}

fn obey(seat: &mut Seat, line: &str, first: &str, rest: &str) {
    let done = match first {
        "" => return,
        "/nick" => seat.rename(rest),
        "/join" => seat.join(rest),
        "/who" => return seat.who(),
        "/help" => return seat.tell(HELP),
        _ if first.starts_with('/') => Err("there is no such command; /help helps"),
        _ => return seat.say(line),
    };
    if let Err(problem) = done {
        seat.tell(&format!("* {problem}"));
    }
}
