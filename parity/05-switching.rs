//! Switching by hand between two coroutines.

use entracte::{BoxError, Co, Coroutine};

async fn function(mut co: Co<'_, (), ()>, number: u32) {
    for part in 1..=5 {
        println!("Function {number} part {part}");
        co.yield_(()).await;
    }
}

pub(crate) fn main() -> Result<(), BoxError> {
    let mut a = Coroutine::new(async |co| function(co, 1).await);
    let mut b = Coroutine::new(async |co| function(co, 2).await);

    a.next()?;
    b.next()?;
    a.next()?;
    a.next()?;
    b.next()?;
    b.next()?;
    b.next()?;
    a.next()?;
    a.next()?;
    Ok(())
}
