//! A future that runs as a scope: what every block that catches is made of.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use crate::task::lost;
use crate::task::scope::{self, Act, AfterPoll, Request, Scope};
use crate::task::waiting::{Wait, waits_for, waits_to_unwind};

/// How a scope ended.
pub(crate) enum Ended<T> {
    /// Its future gave a value.
    Value(T),
    /// It was asked to unwind, and has. It counts as handling until the scope is dropped.
    Unwound(Unwound),
}

/// A scope that has unwound, and the request by which.
///
/// Dropped together with the block that handles it, it goes on unwinding; only what was given to
/// the user can be swallowed.
pub(crate) struct Unwound {
    request: Rc<Request>,
    scope: Option<Rc<Scope>>,
    is_swallowed_by_drop: bool,
}

impl Unwound {
    pub(crate) fn message(&self) -> Option<Arc<str>> {
        self.request.message()
    }

    /// Whether the request ends at the scope that has unwound.
    pub(crate) fn is_at_its_aim(&self) -> bool {
        let scope = self.scope.as_ref();
        scope.is_some_and(|scope| scope.is_aim_of(&self.request))
    }

    /// From now on it is the user's: dropping it swallows the cancellation.
    pub(crate) fn give_out(mut self) -> Self {
        self.is_swallowed_by_drop = true;
        if let Some(scope) = &self.scope {
            scope.give_out();
        }
        self
    }

    /// Its clean-up is about to be polled.
    pub(crate) fn mark_seen(&self) {
        if let Some(scope) = &self.scope {
            scope.mark_seen();
        }
    }

    /// The request ends here.
    pub(crate) fn end(mut self) {
        self.scope = None;
    }

    /// Goes on as a request that waits for the next await of the scope around.
    pub(crate) fn hand_up(mut self) {
        let parent = self.scope.take().and_then(|scope| scope.parent().cloned());
        if let Some(parent) = parent {
            parent.hand_up(&self.request);
        }
    }

    /// Goes on unwinding: the scope that is being polled is asked.
    ///
    /// Whoever calls this waits for nothing any more: see [`never`].
    pub(crate) fn propagate(mut self) {
        let Some(enclosing) = scope::current() else {
            panic!("cannot propagate a cancellation outside a task");
        };
        // First, so that it does not count any more as one that has to be waited for.
        self.scope = None;
        enclosing.propagate(&self.request);
    }
}

/// What a future answers that has propagated, and only waits to be dropped.
pub(crate) fn never<T>() -> Poll<T> {
    waits_to_unwind();
    Poll::Pending
}

impl Drop for Unwound {
    fn drop(&mut self) {
        let scope = self.scope.take().filter(|_| !self.is_swallowed_by_drop);
        let parent = scope.and_then(|scope| scope.parent().cloned());
        if let Some(parent) = parent {
            parent.propagate(&self.request);
        }
    }
}

pin_project! {
    /// Polls a future as a scope. Dropping it drops the future, without unwinding.
    pub(crate) struct Scoped<F> {
        #[pin]
        future: Option<F>,
        scope: Option<Rc<Scope>>,
    }

    impl<F> PinnedDrop for Scoped<F> {
        fn drop(this: Pin<&mut Self>) {
            if this.scope.is_none() && this.future.is_some() {
                lost::report_unused("a block was made, and never awaited");
            }
        }
    }
}

impl<F: Future> Scoped<F> {
    /// A future whose scope is made when it is first polled.
    pub(crate) const fn new(future: F) -> Self {
        Self {
            future: Some(future),
            scope: None,
        }
    }

    /// A future whose scope is there already.
    pub(crate) const fn with_scope(scope: Rc<Scope>, future: F) -> Self {
        Self {
            future: Some(future),
            scope: Some(scope),
        }
    }

    /// Gives a future that was not polled its scope.
    pub(crate) fn set_scope(self: Pin<&mut Self>, scope: Rc<Scope>) {
        *self.project().scope = Some(scope);
    }

    pub(crate) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended<F::Output>> {
        let mut this = self.project();
        let scope = Rc::clone(this.scope.get_or_insert_with(Scope::inner));
        let waker = cx.waker();
        let mut place = Place {
            future: this.future.as_mut(),
            cx,
        };
        let ended = std::task::ready!(drive(&scope, waker, &mut place));
        // The future goes while its scope is still there, then the scope.
        this.future.set(None);
        *this.scope = None;
        Poll::Ready(match ended {
            Driven::Value(value) => Ended::Value(value),
            Driven::Unwound(request) => Ended::Unwound(Unwound {
                request,
                scope: Some(scope),
                is_swallowed_by_drop: false,
            }),
        })
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = Ended<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Self::poll(self, cx)
    }
}

/// A future that a scope drives, where it lies.
pub(crate) trait Drive {
    type Value;

    fn poll(&mut self) -> Poll<Self::Value>;
    fn drop_future(&mut self);
}

/// How a future ended that a scope drove.
pub(crate) enum Driven<T> {
    Value(T),
    Unwound(Rc<Request>),
}

/// Polls the future of a scope, or unwinds it if the scope was asked to.
pub(crate) fn drive<D: Drive>(
    scope: &Rc<Scope>,
    waker: &Waker,
    place: &mut D,
) -> Poll<Driven<D::Value>> {
    scope.mark_seen();
    loop {
        match scope.next_act() {
            Act::Poll => {
                if let Poll::Ready(value) = scope.enter(waker, || place.poll()) {
                    scope.end_with_value();
                    return Poll::Ready(Driven::Value(value));
                }
                match scope.after_poll() {
                    AfterPoll::Unwind => scope.unwind(|| place.drop_future()),
                    AfterPoll::Wait => return Poll::Pending,
                    AfterPoll::WaitForNextTurn => return next_turn(waker),
                }
            }
            Act::Unwind => scope.unwind(|| place.drop_future()),
            Act::Wait => {
                scope.set_waker(waker);
                waits_for(Wait::Task);
                return Poll::Pending;
            }
            Act::Answer(request) => return Poll::Ready(Driven::Unwound(request)),
        }
    }
}

fn next_turn<T>(waker: &Waker) -> Poll<T> {
    waker.wake_by_ref();
    Poll::Pending
}

struct Place<'pin, 'cx, 'waker, F> {
    future: Pin<&'pin mut Option<F>>,
    cx: &'cx mut Context<'waker>,
}

impl<F: Future> Drive for Place<'_, '_, '_, F> {
    type Value = F::Output;

    fn poll(&mut self) -> Poll<F::Output> {
        let future = self.future.as_mut().as_pin_mut();
        let future = future.expect("a scope is not polled after its end");
        future.poll(self.cx)
    }

    fn drop_future(&mut self) {
        self.future.set(None);
    }
}
