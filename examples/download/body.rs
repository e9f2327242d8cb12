//! `Body`: what follows the head of a response, as long as it says, in pieces, or to the end.

use std::io::{self, ErrorKind};

use entracte::io::Reader;
use entracte::net::TcpStream;

/// The most bytes of a piece.
const PIECE: u64 = 64 * 1024;

pub(crate) enum Body {
    /// So many bytes are left.
    Length(u64),
    /// So many are left of this chunk, behind which there are others.
    Chunked(u64),
    /// The server says nothing; an end that comes too early cannot be seen.
    ToEnd,
    Ended,
}

impl Body {
    /// The next piece; `None` when all was there.
    pub(crate) async fn next(
        &mut self,
        reader: &mut Reader<TcpStream>,
    ) -> io::Result<Option<Vec<u8>>> {
        if let Self::Chunked(0) = self {
            match next_chunk(reader).await? {
                0 => *self = Self::Ended,
                length => *self = Self::Chunked(length),
            }
        }
        let left = match *self {
            Self::Length(0) | Self::Ended => return Ok(None),
            Self::Length(left) | Self::Chunked(left) => left,
            Self::ToEnd => PIECE,
        };
        let mut piece = vec![0; PIECE.min(left) as usize];
        let count = reader.read(&mut piece).await?;
        piece.truncate(count);
        match self {
            Self::ToEnd if count == 0 => return Ok(None),
            _ if count == 0 => {
                let text = "the connection ended before the file did";
                return Err(io::Error::new(ErrorKind::UnexpectedEof, text));
            }
            Self::Length(left) => *left -= count as u64,
            Self::Chunked(left) => {
                *left -= count as u64;
                if *left == 0 {
                    end_of_chunk(reader).await?;
                }
            }
            Self::ToEnd | Self::Ended => {}
        }
        Ok(Some(piece))
    }
}

/// How long the next chunk is; 0 behind the last, whose trailers are passed over.
async fn next_chunk(reader: &mut Reader<TcpStream>) -> io::Result<u64> {
    let line = line(reader).await?;
    let size = line.split(';').next().unwrap_or_default().trim();
    let is_hex = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
    let size = u64::from_str_radix(size, 16).ok().filter(|_| is_hex);
    let size = size.ok_or_else(|| wrong("a chunk without a size"))?;
    if size == 0 {
        while !crate::body::line(reader).await?.is_empty() {}
    }
    Ok(size)
}

async fn end_of_chunk(reader: &mut Reader<TcpStream>) -> io::Result<()> {
    match line(reader).await?.is_empty() {
        true => Ok(()),
        false => Err(wrong("a chunk that is longer than its size")),
    }
}

async fn line(reader: &mut Reader<TcpStream>) -> io::Result<String> {
    let line = reader.read_line().await?;
    line.ok_or_else(|| {
        let text = "the connection ended between two chunks";
        io::Error::new(ErrorKind::UnexpectedEof, text)
    })
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("the server sent {what}"))
}
