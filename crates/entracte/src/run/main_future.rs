//! The future of `run`, which may borrow from its caller: lent to a task for as long as that stands.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

type Erased<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;
type Shared = Rc<RefCell<Option<Erased<'static>>>>;

/// Owns a future, and takes it back from the task that polls it when it is dropped.
pub(crate) struct Lent {
    shared: Shared,
}

impl Lent {
    /// Calls `act` with a `'static` future that polls `future`, and whose value goes to `value`.
    pub(crate) fn with<F: Future, R>(
        future: F,
        value: &Cell<Option<F::Output>>,
        act: impl FnOnce(&Self) -> R,
    ) -> R {
        let erased: Erased<'_> = Box::pin(async { value.set(Some(future.await)) });
        // SAFETY: only the lifetime changes. The future is in `shared` alone, and is reached only
        // by a borrow of it that ends before the poll returns. `lent` is a local that `act` sees by
        // reference, so it is dropped before this function returns, by a panic too, and takes the
        // future out and drops it: before anything it borrows ends. Clones of `shared` that
        // outlive this call, in a task that was leaked, find nothing.
        let erased = unsafe { mem::transmute::<Erased<'_>, Erased<'static>>(erased) };
        let lent = Self {
            shared: Rc::new(RefCell::new(Some(erased))),
        };
        act(&lent)
    }

    /// The future for the task. It ends when the one that was lent ends, or is taken back.
    pub(crate) fn borrowed(&self) -> impl Future<Output = ()> + use<> {
        let borrowed = Borrowed(Rc::clone(&self.shared));
        async move {
            poll_fn(|cx| match &mut *borrowed.0.borrow_mut() {
                Some(future) => future.as_mut().poll(cx),
                None => Poll::Ready(()),
            })
            .await;
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // Not while it is being polled: whoever polls is above `with` on the stack.
        let future = self.shared.replace(None);
        drop(future);
    }
}

/// The task's share. When the task unwinds, the future is dropped with it.
struct Borrowed(Shared);

impl Drop for Borrowed {
    fn drop(&mut self) {
        let future = self.0.replace(None);
        drop(future);
    }
}
