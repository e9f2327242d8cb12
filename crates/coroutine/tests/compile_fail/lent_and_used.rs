//! A lent coroutine cannot be resumed while its delegator is used.
use entracte_coroutine::Generator;

fn main() {
    let mut inner = Generator::new(async |mut co| co.yield_(1).await);
    let mut outer = Generator::new(async |mut co| co.yield_from(&mut inner).await);
    let _ = outer.next();
    let _ = inner.next();
    let _ = outer.next();
}
