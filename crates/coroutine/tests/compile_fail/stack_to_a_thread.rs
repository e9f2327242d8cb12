//! A coroutine on the stack stays on its thread.
use entracte_coroutine::{Co, StackCoroutine};

fn main() {
    let co = StackCoroutine::new(async |mut co: Co<'_, u32, ()>| co.yield_(1).await);
    std::thread::spawn(move || drop(co));
}
