//! The handle cannot be the body's return value.
use entracte_coroutine::{Co, Generator};

fn main() {
    let _ = Generator::new(async |co: Co<'_, u32, ()>| co);
}
