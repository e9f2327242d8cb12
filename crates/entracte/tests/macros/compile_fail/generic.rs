//! Nobody chooses the types and lifetimes of `main`.

#[entracte::main]
async fn main<'a, T>() -> Option<&'a T> {
    None
}
