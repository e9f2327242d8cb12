//! The handle cannot be stored in a thread local.
use std::cell::Cell;

use entracte_coroutine::{Co, Coroutine};

thread_local! {
    static STASH: Cell<Option<Co<'static, u32, ()>>> = const { Cell::new(None) };
}

fn main() {
    let _ = Coroutine::new(async |co: Co<'_, u32, ()>| STASH.set(Some(co)));
}
