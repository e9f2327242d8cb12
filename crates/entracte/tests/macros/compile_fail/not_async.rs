//! A function that is not `async` needs no event loop.

#[entracte::main]
fn main() {}
