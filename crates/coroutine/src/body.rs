//! `Body`: names the future of an async closure, which stable Rust cannot.

use crate::co::Co;

/// An async closure or `async fn` that takes a [`Co`]; implemented for all of them.
///
/// Every async closure is also an `FnOnce`, through which its future has a name. So a constructor
/// can ask that the future be `Send` (the helper trait is lcnr's idea).
pub trait Body<'a, Yield, Input>:
    FnOnce(Co<'a, Yield, Input>) -> <Self as Body<'a, Yield, Input>>::Future
{
    /// The future that the body makes.
    type Future: Future;
}

impl<'a, Yield, Input, F, Fut> Body<'a, Yield, Input> for F
where
    F: FnOnce(Co<'a, Yield, Input>) -> Fut,
    Fut: Future,
{
    type Future = Fut;
}
