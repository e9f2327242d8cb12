//! Values sent in.

use entracte::{BoxError, Co, Coroutine, Stop};

async fn parts(mut co: Co<'_, (), i32>) {
    println!("Function part 1");
    let x = co.yield_(()).await;
    println!("{x}");
    println!("Function part 2");
    let a = co.yield_(()).await;
    println!("{a}");
    println!("Function part 3");
}

pub(crate) fn main() -> Result<(), BoxError> {
    let mut function = Coroutine::new(parts);
    function.next()?;
    function.send(6)?;
    assert!(matches!(function.send(12), Err(Stop::Returned(()))));
    Ok(())
}
