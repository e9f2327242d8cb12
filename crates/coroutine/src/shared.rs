//! `SharedCoroutine`: a handle that many hold, for coroutines that resume each other.

use alloc::rc::{Rc, Weak};
use core::cell::RefCell;
use core::fmt;

use crate::coroutine::Coroutine;
use crate::error::{BoxError, CloseError, Stop};
use crate::resume::{Act, Answer, Resume};
use crate::state::State;

/// A coroutine behind a handle that can be cloned; its verbs take `&self`.
///
/// A resume from within the coroutine itself, directly or through another one, is
/// [`Stop::AlreadyRunning`]: an error, and harmless.
///
/// # Python
///
/// Every generator object: names are shared handles there. Re-entrancy is
/// `ValueError: generator already executing`.
///
/// # Examples
///
/// ```
/// use std::cell::OnceCell;
/// use entracte_coroutine::{Generator, Stop, WeakCoroutine};
///
/// let me: OnceCell<WeakCoroutine<'_, bool, (), ()>> = OnceCell::new();
/// let co = Generator::new(async |mut co| {
///     let again = me.get().and_then(WeakCoroutine::upgrade).unwrap().next();
///     co.yield_(matches!(again, Err(Stop::AlreadyRunning(())))).await;
/// })
/// .shared();
/// me.set(co.downgrade()).unwrap();
/// assert!(co.next()?);
/// # Ok::<(), entracte_coroutine::BoxError>(())
/// ```
#[must_use = "a coroutine does nothing until it is resumed"]
pub struct SharedCoroutine<'env, Yield, Input, Return> {
    co: Rc<RefCell<Coroutine<'env, Yield, Input, Return>>>,
}

impl<'env, Yield, Input, Return> Coroutine<'env, Yield, Input, Return> {
    /// Makes it a handle that can be cloned.
    pub fn shared(self) -> SharedCoroutine<'env, Yield, Input, Return> {
        SharedCoroutine {
            co: Rc::new(RefCell::new(self)),
        }
    }
}

impl<Yield, Input, Return> Clone for SharedCoroutine<'_, Yield, Input, Return> {
    fn clone(&self) -> Self {
        Self {
            co: Rc::clone(&self.co),
        }
    }
}

impl<'env, Yield, Input, Return> SharedCoroutine<'env, Yield, Input, Return> {
    /// As [`Coroutine::next`].
    ///
    /// # Errors
    ///
    /// As [`Coroutine::next`], and [`Stop::AlreadyRunning`].
    pub fn next(&self) -> Result<Yield, Stop<Return>> {
        match self.co.try_borrow_mut() {
            Ok(mut co) => co.next(),
            Err(_) => Err(Stop::AlreadyRunning(())),
        }
    }

    /// As [`Coroutine::send`].
    ///
    /// # Errors
    ///
    /// As [`Coroutine::send`], and [`Stop::AlreadyRunning`] with the value.
    pub fn send(&self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        match self.co.try_borrow_mut() {
            Ok(mut co) => co.send(value),
            Err(_) => Err(Stop::AlreadyRunning(value)),
        }
    }

    /// As [`Coroutine::throw`].
    ///
    /// # Errors
    ///
    /// As [`Coroutine::throw`], and [`Stop::AlreadyRunning`] with the error.
    pub fn throw(&self, error: impl Into<BoxError>) -> Result<Yield, Stop<Return, BoxError>> {
        match self.co.try_borrow_mut() {
            Ok(mut co) => co.throw(error),
            Err(_) => Err(Stop::AlreadyRunning(error.into())),
        }
    }

    /// As [`Coroutine::close`].
    ///
    /// # Errors
    ///
    /// As [`Coroutine::close`], and [`CloseError::AlreadyRunning`].
    pub fn close(&self) -> Result<Option<Return>, CloseError<Yield>> {
        match self.co.try_borrow_mut() {
            Ok(mut co) => co.close(),
            Err(_) => Err(CloseError::AlreadyRunning),
        }
    }

    /// As [`Coroutine::state`].
    pub fn state(&self) -> State {
        self.co.try_borrow().map_or(State::Running, |co| co.state())
    }

    /// As [`Coroutine::name`]; `None` while it runs.
    pub fn name(&self) -> Option<&'static str> {
        self.co.try_borrow().ok().map(|co| co.name())
    }

    /// As [`Coroutine::delegates_to`].
    pub fn delegates_to(&self) -> Option<&'static str> {
        self.co.try_borrow().ok().and_then(|co| co.delegates_to())
    }

    /// As [`Coroutine::outcome`].
    ///
    /// # Errors
    ///
    /// As [`Coroutine::outcome`].
    pub fn outcome(&self) -> Option<Result<Return, BoxError>> {
        self.co
            .try_borrow_mut()
            .ok()
            .and_then(|mut co| co.outcome())
    }

    /// A handle that does not keep the coroutine alive, for a body that has to know itself.
    pub fn downgrade(&self) -> WeakCoroutine<'env, Yield, Input, Return> {
        WeakCoroutine {
            co: Rc::downgrade(&self.co),
        }
    }

    /// Whether two handles hold the same coroutine.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.co, &other.co)
    }
}

/// A handle to a shared coroutine that does not keep it alive.
///
/// A body that holds a [`SharedCoroutine`] of itself is never dropped, as with any `Rc`; let it
/// hold this.
pub struct WeakCoroutine<'env, Yield, Input, Return> {
    co: Weak<RefCell<Coroutine<'env, Yield, Input, Return>>>,
}

impl<'env, Yield, Input, Return> WeakCoroutine<'env, Yield, Input, Return> {
    /// The coroutine, if somebody still holds it.
    pub fn upgrade(&self) -> Option<SharedCoroutine<'env, Yield, Input, Return>> {
        self.co.upgrade().map(|co| SharedCoroutine { co })
    }
}

impl<Yield, Input, Return> Clone for WeakCoroutine<'_, Yield, Input, Return> {
    fn clone(&self) -> Self {
        Self {
            co: Weak::clone(&self.co),
        }
    }
}

impl<Yield, Input, Return> fmt::Debug for WeakCoroutine<'_, Yield, Input, Return> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakCoroutine")
    }
}

/// The items of a shared coroutine, for a `for` loop. It ends early if the coroutine runs already.
///
/// An iterator of its own, so that `next` on a handle is always the verb.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is advanced"]
pub struct SharedIter<'env, Yield, Return> {
    co: SharedCoroutine<'env, Yield, (), Return>,
}

impl<Yield, Return> Iterator for SharedIter<'_, Yield, Return> {
    type Item = Yield;

    fn next(&mut self) -> Option<Yield> {
        self.co
            .co
            .try_borrow_mut()
            .ok()
            .and_then(|mut co| Iterator::next(&mut *co))
    }
}

impl<'env, Yield, Return> IntoIterator for SharedCoroutine<'env, Yield, (), Return> {
    type Item = Yield;
    type IntoIter = SharedIter<'env, Yield, Return>;

    fn into_iter(self) -> Self::IntoIter {
        SharedIter { co: self }
    }
}

impl<'env, Yield, Return> IntoIterator for &SharedCoroutine<'env, Yield, (), Return> {
    type Item = Yield;
    type IntoIter = SharedIter<'env, Yield, Return>;

    fn into_iter(self) -> Self::IntoIter {
        SharedIter { co: self.clone() }
    }
}

impl<Yield, Input, Return> Resume<Input> for SharedCoroutine<'_, Yield, Input, Return> {
    type Yield = Yield;
    type Return = Return;

    fn resume(&mut self, act: Act<Input>) -> Answer<Yield, Return, Input> {
        match self.co.try_borrow_mut() {
            Ok(mut co) => co.resume(act),
            Err(_) => Err(Stop::AlreadyRunning(act)),
        }
    }

    fn nest(&mut self, depth: u32) {
        if let Ok(mut co) = self.co.try_borrow_mut() {
            co.nest(depth);
        }
    }
}

impl<Yield, Input, Return> fmt::Debug for SharedCoroutine<'_, Yield, Input, Return> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.co.try_borrow() {
            Ok(co) => f.debug_tuple("SharedCoroutine").field(&*co).finish(),
            Err(_) => f.write_str("SharedCoroutine(Running)"),
        }
    }
}
