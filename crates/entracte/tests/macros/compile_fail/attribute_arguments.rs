//! The attributes are given nothing.

#[entracte::main(threads = 4)]
async fn main() {}
