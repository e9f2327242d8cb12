//! Nobody passes arguments to `main` or to a test.

#[entracte::main]
async fn main(arguments: Vec<String>) {}

#[entracte::test]
async fn doubles(number: u32) {}
