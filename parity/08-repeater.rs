//! A repeater: each value sent comes back.

use entracte::{BoxError, Co, Coroutine};

async fn repeater(mut co: Co<'_, String, &str>) {
    let mut echo = String::new();
    loop {
        let word = co.yield_(echo).await;
        echo = format!("Echo: {word}");
    }
}

pub(crate) fn main() -> Result<(), BoxError> {
    let mut wall = Coroutine::new(repeater);
    wall.next()?;
    println!("{}", wall.send("First")?);
    println!("{}", wall.send("Second")?);
    Ok(())
}
