//! A protocol as a coroutine that knows no I/O: it is sent what came, and yields what to write.
//!
//! `PUT name length`, a line feed and so many bytes keep a value, `GET name` gives it, `BYE` ends.
//! The body is written as if it read from a connection; a test drives it with `send`, cutting the
//! bytes wherever a network might. On a real one, the loop around it reads, sends and writes.

use std::collections::BTreeMap;
use std::mem::take;

use entracte::{Co, Coroutine, Stop};

/// One connection: is sent the bytes that came, yields those to write, and returns the last ones.
pub(crate) type Connection = Coroutine<'static, Vec<u8>, Vec<u8>, Vec<u8>>;

/// Bytes that came and are not read yet, and bytes to write.
struct Wire<'a> {
    co: Co<'a, Vec<u8>, Vec<u8>>,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Wire<'_> {
    /// Waits for more bytes; what there is to write goes out first.
    async fn more(&mut self) {
        let bytes = self.co.yield_(take(&mut self.output)).await;
        self.input.extend(bytes);
    }

    async fn line(&mut self) -> String {
        let end = loop {
            match self.input.iter().position(|byte| *byte == b'\n') {
                Some(end) => break end,
                None => self.more().await,
            }
        };
        let line: Vec<u8> = self.input.drain(..=end).collect();
        String::from_utf8_lossy(&line[..end]).into_owned()
    }

    async fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.input.len() < count {
            self.more().await;
        }
        self.input.drain(..count).collect()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }
}

async fn serve(co: Co<'_, Vec<u8>, Vec<u8>>) -> Vec<u8> {
    let (input, output) = (Vec::new(), Vec::new());
    let mut wire = Wire { co, input, output };
    let mut values = BTreeMap::new();
    loop {
        let line = wire.line().await;
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["PUT", name, length] if length.parse::<u16>().is_ok() => {
                let length = length.parse::<u16>().expect("it was looked at");
                let value = wire.bytes(length.into()).await;
                values.insert(name.to_owned(), value);
                wire.write(b"kept\n");
            }
            ["GET", name] => match values.get(name) {
                Some(value) => {
                    wire.write(format!("{}\n", value.len()).as_bytes());
                    wire.write(value);
                }
                None => wire.write(b"nothing\n"),
            },
            ["BYE"] => {
                wire.write(b"bye\n");
                return wire.output;
            }
            _ => wire.write(b"what?\n"),
        }
    }
}

/// A connection that waits for its first bytes.
pub(crate) fn connection() -> Connection {
    let mut connection = Coroutine::named("connection", serve);
    let greeting = connection.next();
    assert_eq!(greeting.ok(), Some(Vec::new()), "the client speaks first");
    connection
}

/// Sends the pieces in turn; gives what was written after each, until the connection ended.
pub(crate) fn talk<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let mut connection = connection();
    let mut answers = Vec::new();
    for piece in pieces {
        match connection.send(piece.to_vec()) {
            Ok(answer) => answers.push(answer),
            Err(Stop::Returned(last)) => {
                answers.push(last);
                break;
            }
            Err(stop) => panic!("it neither answers nor ends: {stop}"),
        }
    }
    answers
}

/// What a client says, cut as a network might.
pub(crate) const PIECES: [&str; 7] = [
    "PUT greeting 5\nhel",
    "lo",
    "GET greet",
    "ing\nGET more\n",
    "DROP greeting\n",
    "PUT greeting 0\nGET greeting\n",
    "BYE\n",
];

/// The conversation, a line for each piece and for each answer.
pub(crate) fn transcript() -> String {
    let answers = talk(PIECES.map(str::as_bytes));
    let lines = PIECES.iter().zip(answers).map(|(piece, answer)| {
        let answer = String::from_utf8_lossy(&answer).into_owned();
        format!("came {piece:?}\nwrote {answer:?}\n")
    });
    lines.collect()
}

fn main() {
    print!("{}", transcript());
}
