//! The sender: it keeps every line until it is acknowledged.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use entracte::io::{ReadError, Reader, Stream, Writer};
use entracte::net::{TcpStream, connect};
use entracte::stdio::stdin;
use entracte::sync::{Permit, Queue, QueueShutDown, Semaphore};
use entracte::{BoxError, finally, local_group, sleep};

use crate::LONGEST_LINE;

/// How many lines may be on their way.
const WINDOW: usize = 256;

/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_millis(200);

/// A line that is not acknowledged.
struct Item {
    number: u64,
    text: Vec<u8>,
    /// Its place in the window.
    _permit: Permit,
}

impl Item {
    fn frame(&self) -> Vec<u8> {
        let number = self.number.to_string();
        [number.as_bytes(), b" ", &self.text, b"\n"].concat()
    }
}

/// What is on its way.
struct Outgoing {
    /// Not sent yet.
    queue: Queue<Item>,
    /// Sent: again over the next connection, if this one ends before they are acknowledged.
    sent: RefCell<VecDeque<Item>>,
}

/// Sends standard input, and returns when all of it was acknowledged.
pub(crate) async fn send(address: &str) -> Result<(), BoxError> {
    let outgoing = Outgoing {
        queue: Queue::unbounded(),
        sent: RefCell::default(),
    };
    let sending = local_group(async |group| {
        let delivery = group.spawn(deliver(address, &outgoing));
        produce(&outgoing.queue).await?;
        outgoing.queue.join().await;
        delivery.cancel();
        Ok::<(), BoxError>(())
    });
    let report = async {
        let left = outgoing.queue.len() + outgoing.sent.borrow().len();
        if left > 0 {
            eprintln!("send_receive: {left} lines were read and not acknowledged");
        }
    };
    finally(sending, report).await?;
    Ok(())
}

async fn produce(queue: &Queue<Item>) -> Result<(), BoxError> {
    let mut input = stdin();
    input.set_limit(LONGEST_LINE);
    let window = Semaphore::new(WINDOW);
    let mut number = 0;
    loop {
        let text = match input.read_until(b"\n").await {
            Ok(mut line) => {
                line.pop();
                line
            }
            Err(ReadError::Incomplete { partial }) if partial.is_empty() => return Ok(()),
            Err(ReadError::Incomplete { partial }) => partial, // The last line has no ending.
            Err(error) => return Err(error.into()),
        };
        number += 1;
        let _permit = window.acquire().await;
        let put = queue
            .put(Item {
                number,
                text,
                _permit,
            })
            .await;
        put.map_err(|_| QueueShutDown)?;
    }
}

/// Connects again and again, until it is cancelled.
async fn deliver(address: &str, outgoing: &Outgoing) {
    loop {
        if let Err(error) = deliver_over(address, outgoing).await {
            eprintln!("send_receive: {error}; trying again");
        }
        sleep(PAUSE).await;
    }
}

async fn deliver_over(address: &str, outgoing: &Outgoing) -> Result<(), BoxError> {
    let Stream {
        mut reader,
        mut writer,
    } = connect(address).await?;
    acknowledge(&mut reader, outgoing).await?; // What came over the last connection.
    let again: Vec<u8> = outgoing
        .sent
        .borrow()
        .iter()
        .flat_map(Item::frame)
        .collect();
    writer.write_all(&again).await?;
    local_group(async |group| {
        group.spawn(acknowledge_on(reader, outgoing));
        send_on(writer, outgoing).await
    })
    .await?;
    Ok(())
}

async fn send_on(mut writer: Writer<TcpStream>, outgoing: &Outgoing) -> Result<(), BoxError> {
    loop {
        let item = outgoing.queue.get().await?;
        let frame = item.frame();
        outgoing.sent.borrow_mut().push_back(item);
        writer.write_all(&frame).await?;
    }
}

async fn acknowledge_on(
    mut reader: Reader<TcpStream>,
    outgoing: &Outgoing,
) -> Result<(), BoxError> {
    loop {
        acknowledge(&mut reader, outgoing).await?;
    }
}

/// Waits until the receiver says how many lines it has, and lets go of those.
async fn acknowledge(reader: &mut Reader<TcpStream>, outgoing: &Outgoing) -> Result<(), BoxError> {
    let line = reader.read_line().await?.ok_or("the receiver is gone")?;
    let has: u64 = line.parse()?;
    let mut sent = outgoing.sent.borrow_mut();
    while sent.pop_front_if(|item| item.number <= has).is_some() {
        outgoing.queue.task_done()?;
    }
    Ok(())
}
