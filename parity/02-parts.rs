//! A function in two parts.

use entracte::{Co, Coroutine};

async fn parts(mut co: Co<'_, (), ()>) {
    println!("Function Starts");
    co.yield_(()).await;
    println!("Function Ends");
}

pub(crate) fn main() {
    for () in Coroutine::new(parts) {}
}
