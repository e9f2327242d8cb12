//! An asynchronous coroutine as a stream, and as what another coroutine delegates to.

#[cfg(feature = "stream")]
use core::pin::Pin;
use core::task::{Context, Poll};

use super::AsyncCoroutine;
use crate::drive::Step;
use crate::error::{Interrupt, Misuse};
use crate::resume::{Act, Answer, Resume};
#[cfg(feature = "stream")]
use crate::state::State;
use crate::waker::context;

#[cfg(feature = "stream")]
impl<Yield, Return, Home> AsyncCoroutine<'_, Yield, (), Return, Home> {
    /// The next item, as a stream gives it: the end stays in the frame, for `outcome`.
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Yield>> {
        let Poll::Ready(step) = self.poll_step(cx, &mut None) else {
            return Poll::Pending;
        };
        Poll::Ready(step.ok().and_then(|step| self.handle.item(step)))
    }
}

#[cfg(feature = "stream")]
impl<Yield, Return, Home> futures_core::Stream for AsyncCoroutine<'_, Yield, (), Return, Home> {
    type Item = Yield;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(cx)
    }
}

#[cfg(feature = "stream")]
impl<Yield, Return, Home> futures_core::FusedStream
    for AsyncCoroutine<'_, Yield, (), Return, Home>
{
    fn is_terminated(&self) -> bool {
        self.state() == State::Closed
    }
}

impl<Yield, Input, Return, Home> Resume<Input> for AsyncCoroutine<'_, Yield, Input, Return, Home> {
    type Yield = Yield;
    type Return = Return;

    /// Resumed without an event loop, it is a synchronous coroutine: where its body has to wait,
    /// [`Misuse::AwaitedOutside`] is raised.
    fn resume(&mut self, act: Act<Input>) -> Answer<Yield, Return, Input> {
        let mut act = Some(act);
        let mut cx = context();
        let step = match self.poll_step(&mut cx, &mut act) {
            Poll::Ready(step) => step?,
            Poll::Pending => {
                let mut stray = Some(Act::Throw(Misuse::AwaitedOutside.into()));
                match self.poll_step(&mut cx, &mut stray) {
                    Poll::Ready(step) => step?,
                    Poll::Pending => {
                        // It caught the error and waits again: it gets no second chance.
                        self.handle.drop_frames();
                        Step::Raised(Interrupt::from_error(Misuse::AwaitedOutside.into()))
                    }
                }
            }
        };
        self.handle.answer(step)
    }

    fn poll_resume(
        &mut self,
        cx: &mut Context<'_>,
        act: &mut Option<Act<Input>>,
    ) -> Poll<Answer<Yield, Return, Input>> {
        let Poll::Ready(step) = self.poll_step(cx, act) else {
            return Poll::Pending;
        };
        Poll::Ready(step.and_then(|step| self.handle.answer(step)))
    }

    fn nest(&mut self, depth: u32) {
        self.handle.nest(depth);
    }
}
