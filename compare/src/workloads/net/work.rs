//! What a server of the group `net` does with its connections, and what a client asks of it.

/// What a server does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Sends back what it reads.
    Echo,
    /// Reads, and answers one byte for each `BLOCK` that has come.
    In,
    /// Sends one `BLOCK` for each byte that it reads.
    Out,
    /// Answers each HTTP/1 request with `HELLO`.
    Http,
    /// Sends each datagram back to where it came from.
    Udp,
}

/// The bytes of one item of the streaming workloads.
pub const BLOCK: usize = 1 << 20;
/// What is written at once when a `BLOCK` is sent.
pub const PIECE: usize = 64 << 10;
/// What is sent when the contents do not matter.
pub static PIECE_OF_BLOCK: [u8; PIECE] = [b'x'; PIECE];
/// What a server answers for each `BLOCK` that has come.
pub static RECEIVED: [u8; 1] = [b'k'];
/// The body of the HTTP answers.
pub const HELLO: &str = "Hello, World!";

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

const NAMES: [(&str, Work); 5] = [
    ("echo", Work::Echo),
    ("in", Work::In),
    ("out", Work::Out),
    ("http", Work::Http),
    ("udp", Work::Udp),
];

impl Work {
    /// The work called `name`.
    pub fn find(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, work)| *work)
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(_, work)| *work == self);
        found.map_or("?", |(name, _)| name)
    }

    /// What a client sends for one item; `size` is the bytes of an echo.
    pub fn request(self, size: usize) -> Vec<u8> {
        match self {
            Self::Echo | Self::Udp => (0..size).map(|i| (i % 251) as u8).collect(),
            Self::In => vec![b'x'; BLOCK],
            Self::Out => vec![b'o'],
            Self::Http => REQUEST.to_vec(),
        }
    }

    /// Whether `answer` is the whole of what has to come for one `request`; an error if it is wrong.
    pub fn is_whole(self, request: &[u8], answer: &[u8]) -> Result<bool, String> {
        let (wanted, right) = match self {
            Self::Echo | Self::Udp => (request.len(), request.starts_with(answer)),
            Self::In => (RECEIVED.len(), RECEIVED.starts_with(answer)),
            Self::Out => (BLOCK, answer.iter().all(|byte| *byte == b'x')),
            Self::Http => {
                let whole = answer.ends_with(HELLO.as_bytes());
                let wanted = if whole { answer.len() } else { usize::MAX };
                (
                    wanted,
                    answer.len() < 9 || answer.starts_with(b"HTTP/1.1 200"),
                )
            }
        };
        if right && answer.len() <= wanted {
            Ok(answer.len() == wanted)
        } else {
            let name = self.name();
            Err(format!(
                "a server answers something else than `{name}` asks for"
            ))
        }
    }

    /// How many requests a client has under way on each connection.
    pub fn depth(self) -> usize {
        match self {
            // A stream should not stop and wait after each item.
            Self::In | Self::Out => 4,
            Self::Echo | Self::Http | Self::Udp => 1,
        }
    }
}
