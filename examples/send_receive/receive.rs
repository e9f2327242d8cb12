//! The receiver: it acknowledges what is on disk.

use std::io::SeekFrom;
use std::rc::Rc;

use entracte::fs::File;
use entracte::io::{ReadError, Reader, Stream};
use entracte::net::{Server, TcpListener, TcpStream};
use entracte::{BoxError, Lock, shield};

use crate::LONGEST_LINE;

/// A number before a line, and what is around the line.
const LONGEST_NUMBER: usize = 32;

/// Receives lines until it is cancelled.
pub(crate) async fn receive(address: &str, path: &str) -> Result<(), BoxError> {
    let journal = Journal::open(path).await?;
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_address()?);
    let journal = Rc::new(Lock::new(journal));
    let client = async move |sender| {
        if let Err(error) = receive_from(sender, &journal).await {
            eprintln!("send_receive: {error}");
        }
    };
    Server::new(listener).serve(client).await;
    Ok(())
}

async fn receive_from(sender: Stream<TcpStream>, journal: &Lock<Journal>) -> Result<(), BoxError> {
    let Stream {
        mut reader,
        mut writer,
    } = sender;
    reader.set_limit(LONGEST_LINE + LONGEST_NUMBER);
    let mut has = journal.acquire().await.lines;
    loop {
        writer.write_all(format!("{has}\n").as_bytes()).await?;
        let items = some_items(&mut reader).await?;
        if items.is_empty() {
            return Ok(());
        }
        // The sender may have come back while its last connection is still being read.
        let mut journal = journal.acquire().await;
        has = shield(journal.append(&items)).await?;
    }
}

struct Item {
    number: u64,
    /// With its ending.
    text: Vec<u8>,
}

impl Item {
    /// Reads a line that ends with its ending.
    fn parse(line: &[u8]) -> Result<Self, BoxError> {
        let space = line.iter().position(|byte| *byte == b' ');
        let space = space.ok_or("a line has no number")?;
        let number = str::from_utf8(&line[..space])?.parse()?;
        let text = line[space + 1..].to_vec();
        Ok(Self { number, text })
    }
}

/// What has arrived: at least one line, unless the sender is gone.
async fn some_items(reader: &mut Reader<TcpStream>) -> Result<Vec<Item>, BoxError> {
    let mut items = Vec::new();
    while items.is_empty() || reader.buffered().contains(&b'\n') {
        match reader.read_until(b"\n").await {
            Ok(line) => items.push(Item::parse(&line)?),
            // A line that is cut off is sent again over the next connection.
            Err(ReadError::Incomplete { .. }) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(items)
}

/// The file, and how much of it is there to stay.
struct Journal {
    file: File,
    lines: u64,
    length: u64,
}

impl Journal {
    async fn open(path: &str) -> Result<Self, BoxError> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut reader = Reader::new(File::open_with(&options, path).await?);
        let (mut lines, mut length, mut rest) = (0, 0, 0);
        loop {
            let chunk = reader.chunk().await?;
            if chunk.is_empty() {
                break;
            }
            lines += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
            rest += chunk.len() as u64;
            if let Some(last) = chunk.iter().rposition(|byte| *byte == b'\n') {
                let behind = (chunk.len() - last - 1) as u64;
                length += rest - behind;
                rest = behind;
            }
        }
        let file = File::open_with(&options, path).await?;
        let mut journal = Self {
            file,
            lines,
            length,
        };
        journal.cut().await?;
        Ok(journal)
    }

    /// Cuts off a line that was not written to its end, and so was not acknowledged.
    async fn cut(&mut self) -> Result<(), BoxError> {
        self.file.set_len(self.length).await?;
        self.file.seek(SeekFrom::Start(self.length)).await?;
        // The lines that are there are acknowledged from now on.
        self.file.sync_data().await?;
        Ok(())
    }

    /// Appends those items that are new; gives how many there are by then.
    async fn append(&mut self, items: &[Item]) -> Result<u64, BoxError> {
        let (mut lines, mut new) = (self.lines, Vec::new());
        for item in items {
            if item.number <= lines {
                continue; // It was sent again.
            }
            if item.number != lines + 1 {
                return Err(format!("line {} came after line {lines}", item.number).into());
            }
            lines = item.number;
            new.extend_from_slice(&item.text);
        }
        if let Err(error) = self.write(&new).await {
            self.cut().await?;
            return Err(error);
        }
        self.lines = lines;
        self.length += new.len() as u64;
        Ok(lines)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), BoxError> {
        self.file.write_all(bytes).await?;
        self.file.sync_data().await?;
        Ok(())
    }
}
