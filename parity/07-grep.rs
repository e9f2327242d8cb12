//! Grep, as a coroutine.

use entracte::{BoxError, Co, Coroutine, Interrupt};

async fn grep(mut co: Co<'_, (), &str>, pattern: &str) {
    println!("Looking for {pattern}");
    let search = co.catch(async |co| {
        loop {
            let line = co.yield_(()).await;
            if line.contains(pattern) {
                println!("{line}");
            }
        }
    });
    if let Err(Interrupt::Close) = search.await {
        println!("Exiting the Co-routine");
    }
}

pub(crate) fn main() -> Result<(), BoxError> {
    println!("Starting");
    let mut search = Coroutine::new(async |co| grep(co, "Python").await);
    search.next()?;
    search.send("Java is cool")?;
    search.send("Python is cool")?;
    search.close()?;
    println!("Done");
    Ok(())
}
