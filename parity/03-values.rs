//! Values at the checkpoints.

use entracte::{BoxError, Co, Coroutine, Stop};

async fn parts(mut co: Co<'_, i32, ()>) {
    let mut x = 5;
    println!("Function Part 1");
    co.yield_(x).await;
    x += 7;
    println!("Function part 2");
    co.yield_(x).await;
    println!("Function part 3");
}

pub(crate) fn main() -> Result<(), BoxError> {
    let mut function = Coroutine::new(parts);
    println!("{}", function.next()?);
    println!("{}", function.next()?);
    assert!(matches!(function.next(), Err(Stop::Returned(()))));
    Ok(())
}
