//! What a sendable body holds across a yield must be `Send`.
use std::rc::Rc;

use entracte_coroutine::{Co, Coroutine};

fn main() {
    let _ = Coroutine::new_send(async |mut co: Co<'_, u32, ()>| {
        let count = Rc::new(1);
        co.yield_(*count).await;
        drop(count);
    });
}
