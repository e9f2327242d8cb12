//! The handle cannot be stored in a variable outside the body.
use entracte_coroutine::Coroutine;

fn main() {
    let mut outside = None;
    let mut co: Coroutine<'_, u32, (), ()> = Coroutine::new(async |co| {
        outside = Some(co);
    });
    let _ = co.next();
}
