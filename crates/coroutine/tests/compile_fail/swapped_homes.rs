//! A local coroutine cannot take the place of one that may change threads.
use entracte_coroutine::{Coroutine, SendCoroutine};

fn main() {
    let mut local: Coroutine<'_, u32, (), ()> = Coroutine::new(async |mut co| co.yield_(1).await);
    let mut sends: SendCoroutine<'_, u32, (), ()> =
        Coroutine::new_send(async |mut co| co.yield_(1).await);
    std::mem::swap(&mut local, &mut sends);
}
