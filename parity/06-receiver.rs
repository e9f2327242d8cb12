//! A receiver that cleans up.

use entracte::{BoxError, Co, Coroutine};

async fn receiver(mut co: Co<'_, (), &str>) {
    co.finally(
        async |co| loop {
            let value = co.yield_(()).await;
            println!("Received value: {value}");
        },
        async |_| println!("Receiver closed"),
    )
    .await;
}

pub(crate) fn main() -> Result<(), BoxError> {
    let mut inbox = Coroutine::new(receiver);
    inbox.next()?;
    inbox.send("Hello, world!")?;
    inbox.close()?;
    Ok(())
}
