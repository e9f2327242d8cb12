//! The forms of a coroutine behind one trait, so that a rule is asserted on each of them.

use std::pin::{Pin, pin};

use entracte_coroutine::{
    Act, AsyncCoroutine, Body, BoxError, CloseError, Co, Coroutine, Interrupt, Resume,
    SharedCoroutine, StackCoroutine, State, Stop,
};

/// The four verbs and the state, whatever the coroutine lives in.
pub(crate) trait Form<Yield, Input = (), Return = ()> {
    fn next(&mut self) -> Result<Yield, Stop<Return>>;
    fn send(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>>;
    fn throw_boxed(&mut self, error: BoxError) -> Result<Yield, Stop<Return, BoxError>>;
    fn close(&mut self) -> Result<Option<Return>, CloseError<Yield>>;
    fn state(&self) -> State;
}

impl<'f, Yield, Input, Return> dyn Form<Yield, Input, Return> + 'f {
    /// The verb itself, which a trait object cannot have because it is generic.
    pub(crate) fn throw(
        &mut self,
        error: impl Into<BoxError>,
    ) -> Result<Yield, Stop<Return, BoxError>> {
        self.throw_boxed(error.into())
    }
}

impl<Yield, Input, Return, Home> Form<Yield, Input, Return>
    for Coroutine<'_, Yield, Input, Return, Home>
{
    fn next(&mut self) -> Result<Yield, Stop<Return>> {
        Coroutine::next(self)
    }
    fn send(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        Coroutine::send(self, value)
    }
    fn throw_boxed(&mut self, error: BoxError) -> Result<Yield, Stop<Return, BoxError>> {
        Coroutine::throw(self, error)
    }
    fn close(&mut self) -> Result<Option<Return>, CloseError<Yield>> {
        Coroutine::close(self)
    }
    fn state(&self) -> State {
        Coroutine::state(self)
    }
}

impl<Yield, Input, Return> Form<Yield, Input, Return>
    for SharedCoroutine<'_, Yield, Input, Return>
{
    fn next(&mut self) -> Result<Yield, Stop<Return>> {
        SharedCoroutine::next(self)
    }
    fn send(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        SharedCoroutine::send(self, value)
    }
    fn throw_boxed(&mut self, error: BoxError) -> Result<Yield, Stop<Return, BoxError>> {
        SharedCoroutine::throw(self, error)
    }
    fn close(&mut self) -> Result<Option<Return>, CloseError<Yield>> {
        SharedCoroutine::close(self)
    }
    fn state(&self) -> State {
        SharedCoroutine::state(self)
    }
}

impl<Yield, Input, Return, F> Form<Yield, Input, Return>
    for Pin<&mut StackCoroutine<Yield, Input, Return, F>>
where
    F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return,
    F: for<'a> Body<'a, Yield, Input>,
    <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
{
    fn next(&mut self) -> Result<Yield, Stop<Return>> {
        StackCoroutine::next(self.as_mut())
    }
    fn send(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        StackCoroutine::send(self.as_mut(), value)
    }
    fn throw_boxed(&mut self, error: BoxError) -> Result<Yield, Stop<Return, BoxError>> {
        StackCoroutine::throw(self.as_mut(), error)
    }
    fn close(&mut self) -> Result<Option<Return>, CloseError<Yield>> {
        StackCoroutine::close(self.as_mut())
    }
    fn state(&self) -> State {
        StackCoroutine::state(self)
    }
}

/// An asynchronous coroutine that never has to wait, resumed without an event loop.
impl<Yield, Input, Return> Form<Yield, Input, Return> for AsyncCoroutine<'_, Yield, Input, Return> {
    fn next(&mut self) -> Result<Yield, Stop<Return>> {
        self.resume(Act::Next).map_err(|stop| stop.map_given(drop))
    }
    fn send(&mut self, value: Input) -> Result<Yield, Stop<Return, Input>> {
        self.resume(Act::Send(value))
            .map_err(|stop| stop.map_given(sent))
    }
    fn throw_boxed(&mut self, error: BoxError) -> Result<Yield, Stop<Return, BoxError>> {
        self.resume(Act::Throw(error))
            .map_err(|stop| stop.map_given(thrown))
    }
    fn close(&mut self) -> Result<Option<Return>, CloseError<Yield>> {
        match self.resume(Act::Close) {
            Ok(value) => Err(CloseError::Ignored(value)),
            Err(Stop::Returned(value)) => Ok(Some(value)),
            Err(Stop::Raised(error)) if !is_close(&error) => Err(CloseError::Raised(error)),
            Err(_) => Ok(None),
        }
    }
    fn state(&self) -> State {
        AsyncCoroutine::state(self)
    }
}

fn sent<Input>(act: Act<Input>) -> Input {
    match act {
        Act::Send(value) => value,
        other => panic!("sent a value, and got back {other:?}"),
    }
}

fn thrown<Input>(act: Act<Input>) -> BoxError {
    match act {
        Act::Throw(error) => error,
        other => panic!("threw an error, and got back {other:?}"),
    }
}

/// Whether an error that left a body is the uncaught close.
pub(crate) fn is_close(error: &BoxError) -> bool {
    matches!(error.downcast_ref(), Some(Interrupt::Close))
}

/// Takes the same steps with a body that is boxed, on the stack, shared, and asynchronous.
pub(crate) fn each_form<'env, Yield, Input, Return, F>(
    body: F,
    steps: impl Fn(&mut dyn Form<Yield, Input, Return>),
) where
    F: for<'a> AsyncFnOnce(Co<'a, Yield, Input>) -> Return + Copy + 'env,
    F: for<'a> Body<'a, Yield, Input>,
    <F as Body<'static, Yield, Input>>::Future: Future<Output = Return>,
{
    steps(&mut Coroutine::new(body));
    steps(&mut pin!(StackCoroutine::new(body)));
    steps(&mut Coroutine::new(body).shared());
    steps(&mut AsyncCoroutine::new(body));
}
