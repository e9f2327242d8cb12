//! The kinds of inner coroutine to which the rules of delegation apply, and coroutines that know themselves.

use std::cell::OnceCell;
use std::ops::Deref;
use std::pin::pin;
use std::rc::{Rc, Weak};

use entracte_coroutine::{
    Act, AsyncCoroutine, Body, Co, Coroutine, Resume, SharedCoroutine, StackCoroutine, Stop,
};

/// How an inner coroutine is given to `yield_from`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Boxed,
    Lent,
    Stack,
    Shared,
    Async,
}

pub(crate) const KINDS: [Kind; 5] = [
    Kind::Boxed,
    Kind::Lent,
    Kind::Stack,
    Kind::Shared,
    Kind::Async,
];

/// Delegates to a new coroutine with this body, given in this way.
pub(crate) async fn delegate_to<Yield, Input, Return, F>(
    co: &mut Co<'_, Yield, Input>,
    kind: Kind,
    body: F,
) -> Return
where
    F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return,
    F: for<'a> Body<'a, Yield, Input>,
    <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
{
    match kind {
        Kind::Boxed => co.yield_from(Coroutine::new(body)).await,
        Kind::Lent => {
            let mut inner = Coroutine::new(body);
            co.yield_from(&mut inner).await
        }
        Kind::Stack => co.yield_from(pin!(StackCoroutine::new(body))).await,
        Kind::Shared => co.yield_from(Coroutine::new(body).shared()).await,
        Kind::Async => co.yield_from(AsyncCoroutine::new(body)).await,
    }
}

/// The closure itself: a place that tells the compiler what a body looks like.
pub(crate) fn body<Yield, Input, Return, F>(body: F) -> F
where
    F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return + Copy,
    F: for<'a> Body<'a, Yield, Input>,
    <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
{
    body
}

pub(crate) type Answer<Y, R, S> = Result<Y, Stop<R, Act<S>>>;

/// A delegate of a user's own: a function that answers each act.
pub(crate) fn own<Y, R, S, F: FnMut(Act<S>) -> Answer<Y, R, S>>(
    answer: F,
) -> impl Resume<S, Yield = Y, Return = R> {
    struct Own<F>(F);
    impl<Y, R, S, F: FnMut(Act<S>) -> Answer<Y, R, S>> Resume<S> for Own<F> {
        type Yield = Y;
        type Return = R;
        fn resume(&mut self, act: Act<S>) -> Answer<Y, R, S> {
            (self.0)(act)
        }
    }
    Own(answer)
}

type Place<'env, Yield, Input, Return> = OnceCell<SharedCoroutine<'env, Yield, Input, Return>>;

/// A shared coroutine, kept alive by this.
pub(crate) struct Itself<'env, Yield, Input = (), Return = ()>(
    Rc<Place<'env, Yield, Input, Return>>,
);

impl<'env, Yield, Input, Return> Deref for Itself<'env, Yield, Input, Return> {
    type Target = SharedCoroutine<'env, Yield, Input, Return>;

    fn deref(&self) -> &Self::Target {
        self.0.get().expect("it was set when this was made")
    }
}

/// A body's way to its own coroutine. It does not keep it alive.
pub(crate) struct Me<'env, Yield, Input = (), Return = ()>(Weak<Place<'env, Yield, Input, Return>>);

impl<'env, Yield, Input, Return> Me<'env, Yield, Input, Return> {
    pub(crate) fn get(&self) -> SharedCoroutine<'env, Yield, Input, Return> {
        let place = self.0.upgrade().expect("the test holds it");
        place.get().expect("it was set before the body ran").clone()
    }
}

impl<Yield, Input, Return> Clone for Me<'_, Yield, Input, Return> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Makes a shared coroutine whose body can resume it.
pub(crate) fn itself<'env, Yield, Input, Return>(
    make: impl FnOnce(Me<'env, Yield, Input, Return>) -> Coroutine<'env, Yield, Input, Return>,
) -> Itself<'env, Yield, Input, Return> {
    let place = Rc::new(OnceCell::new());
    let co = make(Me(Rc::downgrade(&place)));
    assert!(place.set(co.shared()).is_ok(), "set once");
    Itself(place)
}
