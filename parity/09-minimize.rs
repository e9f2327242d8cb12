//! The least value so far.

use entracte::{BoxError, Co, Coroutine};

async fn minimize(mut co: Co<'_, i32, i32>) {
    let mut least = i32::MAX;
    loop {
        let value = co.yield_(least).await;
        least = least.min(value);
    }
}

pub(crate) fn main() -> Result<(), BoxError> {
    let mut minimum = Coroutine::new(minimize);
    minimum.next()?;
    for value in [10, 4, 22] {
        println!("{}", minimum.send(value)?);
    }
    Ok(())
}
