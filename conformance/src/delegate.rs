//! Runs what a body does to other coroutines: delegates to them, resumes them, looks at them.
//!
//! Made alike here, beside what `handle.rs` lists:
//!
//! - **Delegation to a finished coroutine** raises `Misuse::DelegatedToFinished` here and is `None`
//!   in Python (rule G21). The state is looked at before; for a coroutine that somebody else ended
//!   during the delegation, that one error is turned into `None`.
//! - **Delegation to a suspended coroutine** is `yield_from_with(inner, None)` when the input is
//!   not `()`: Python sends `None` (rule G20).

use entracte_coroutine::{BoxError, Interrupt, Misuse, Resume, State};

use crate::handle::{perform, shown_state, state};
use crate::input::Input;
use crate::interpret::{Party, Place};
use crate::own::Owned;
use crate::program::{OwnForm, Target, Value, Verb, Whom};
use crate::world::Shown;

impl<S: Input> Place<'_, S> {
    pub(crate) async fn delegate(self, site: u32, target: &Target, co: &mut Party<'_, S>) {
        let world = self.frame.world;
        let value = match target {
            Target::Fresh {
                body,
                before,
                first,
            } => {
                let mut inner = Owned::new(world, *body, OwnForm::Boxed);
                for verb in before {
                    // Caught: the program goes on whatever comes of it.
                    drop(inner.perform(world, &format!("{site}>"), verb).await);
                }
                let state = inner.state();
                match inner {
                    Owned::Async(inner) => yield_from(inner, state, *first, co).await,
                    Owned::Boxed(inner) => yield_from(inner, state, *first, co).await,
                    _ => unreachable!("the boxed form was asked for"),
                }
            }
            Target::Whom {
                whom: Whom::Own(depth),
                first,
            } => self.delegate_to_own(*depth, *first, co).await,
            Target::Whom {
                whom: Whom::Shared(index),
                first,
            } => {
                let inner = world.shared(*index);
                let state = inner.state();
                let block =
                    async |co: &mut Party<'_, S>| yield_from(inner, state, *first, co).await;
                match co.catch(block).await {
                    Ok(value) => value,
                    Err(interrupt) if ended_meanwhile(&interrupt) => None,
                    Err(interrupt) => co.raise(interrupt).await,
                }
            }
            Target::Items(items) => {
                S::delegate_to_items(items, co).await;
                None
            }
        };
        self.set(value);
        world.log(format_args!("{site}={}", Shown(value)));
    }

    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "only this body reaches its own coroutines, and it waits here"
    )]
    async fn delegate_to_own(
        self,
        depth: usize,
        first: Option<Value>,
        co: &mut Party<'_, S>,
    ) -> Value {
        let mut own = self.frame.own[depth].borrow_mut();
        let own = own.as_mut().expect("a valid program makes it before");
        let state = own.state();
        match own {
            Owned::Boxed(inner) => yield_from(inner, state, first, co).await,
            Owned::Foreign(inner) => yield_from(inner, state, first, co).await,
            Owned::Stack(inner) => inner.delegate(state, first, co).await,
            Owned::Async(inner) => yield_from(inner, state, first, co).await,
            Owned::AsyncForeign(inner) => yield_from(inner, state, first, co).await,
        }
    }

    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "only this body reaches its own coroutines, and it waits here"
    )]
    pub(crate) async fn resume(
        self,
        site: u32,
        whom: Whom,
        verb: &Verb,
        caught: bool,
    ) -> Result<(), BoxError> {
        let world = self.frame.world;
        let result = match whom {
            Whom::Shared(index) => perform(
                world,
                format_args!("{site}>"),
                &mut world.shared(index),
                verb,
            ),
            Whom::Own(depth) => {
                let mut own = self.frame.own[depth].borrow_mut();
                let own = own.as_mut().expect("a valid program makes it before");
                own.perform(world, &format!("{site}>"), verb).await
            }
        };
        match result {
            Err(error) if !caught => return Err(error),
            result => self.set(result.unwrap_or(None)),
        }
        Ok(())
    }

    pub(crate) fn look(self, site: u32, whom: Whom) {
        let world = self.frame.world;
        let state = match whom {
            Whom::Shared(index) => state(&world.shared(index)),
            Whom::Own(depth) => {
                let own = self.frame.own[depth].borrow();
                let own = own.as_ref().expect("a valid program makes it before");
                shown_state(own.state(), own.delegates_to())
            }
        };
        world.log(format_args!("{site}?{state}"));
    }
}

/// The one error that Python does not have: see the module's header.
fn ended_meanwhile(interrupt: &Interrupt) -> bool {
    match interrupt {
        Interrupt::Throw(error) => {
            error.downcast_ref::<Misuse>() == Some(&Misuse::DelegatedToFinished)
        }
        Interrupt::Close => false,
    }
}

/// `yield from inner`, begun as Python begins it.
pub(crate) async fn yield_from<S, D>(
    inner: D,
    state: State,
    first: Option<Value>,
    co: &mut Party<'_, S>,
) -> Value
where
    S: Input,
    D: Resume<S, Yield = Value, Return = Value>,
{
    let first = first.flatten();
    match state {
        State::Closed => None,
        State::Created if first.is_none() => co.yield_from(inner).await,
        State::Suspended if S::UNIT => co.yield_from(inner).await,
        _ => co.yield_from_with(inner, S::of(first)).await,
    }
}
