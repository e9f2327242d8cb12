//! The handles of two coroutines cannot be swapped.
use entracte_coroutine::{Co, Coroutine};

fn main() {
    let _ = Coroutine::new(async |mut outer: Co<'_, u32, ()>| {
        let mut inner = Coroutine::new(async |mut inner: Co<'_, u32, ()>| {
            std::mem::swap(&mut outer, &mut inner);
        });
        let _ = inner.next();
    });
}
