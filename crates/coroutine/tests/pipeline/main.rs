//! Pipelines: the order of events, errors upstream, flushing on close, early ends, borrowed items.

use std::cell::RefCell;
use std::fmt::Display;

use entracte_coroutine::pipeline::FeedError;
use entracte_coroutine::pipeline::push::{Stage, stage};
use entracte_coroutine::{Co, Coroutine, Generator, Interrupt};

mod pull;
mod push;
mod stages;

/// What happened, in order.
#[derive(Default)]
pub(crate) struct Log(RefCell<Vec<String>>);

impl Log {
    pub(crate) fn note(&self, event: impl Display) {
        self.0.borrow_mut().push(event.to_string());
    }

    #[track_caller]
    pub(crate) fn expect(&self, events: &[&str]) {
        assert_eq!(*self.0.borrow(), events);
        self.0.borrow_mut().clear();
    }
}

pub(crate) fn ended(interrupt: Option<&Interrupt>) -> String {
    match interrupt {
        None => "end".into(),
        Some(Interrupt::Close) => "close".into(),
        Some(Interrupt::Throw(error)) => format!("error {error}"),
    }
}

/// Gives 1 to `last`, and notes how it ended.
pub(crate) fn noting_source(log: &Log, last: i32) -> Generator<'_, i32> {
    Generator::new(async move |mut co| {
        for number in 1..=last {
            log.note(format!("give {number}"));
            if let Err(interrupt) = co.try_yield(number).await {
                log.note(format!("source: {}", ended(Some(&interrupt))));
                co.raise(interrupt).await;
            }
        }
        log.note("source: end");
    })
}

/// A sink that fails at `bad`, and notes all that arrives.
pub(crate) fn noting_sink<'env>(
    name: &'env str,
    bad: i32,
    log: &'env Log,
) -> Stage<'env, i32, &'env str> {
    Coroutine::new(async move |mut co| {
        log.note(format!("{name}: start"));
        loop {
            match co.try_yield(()).await {
                Ok(number) if number == bad => {
                    log.note(format!("{name}: bad {number}"));
                    co.raise(format!("bad {number}")).await;
                }
                Ok(number) => log.note(format!("{name}: {number}")),
                Err(interrupt) => {
                    log.note(format!("{name}: {}", ended(Some(&interrupt))));
                    match interrupt {
                        Interrupt::Close => return name,
                        Interrupt::Throw(error) => co.raise(error).await,
                    }
                }
            }
        }
    })
}

/// A stage that passes everything on, and notes how its body ended.
pub(crate) fn noting_stage<'env>(
    log: &'env Log,
    down: Stage<'env, i32, &'env str>,
) -> Stage<'env, i32, &'env str> {
    let pass = async |co: &mut Co<'_, (), i32>, down: &mut Stage<'env, i32, &'env str>| loop {
        let received = co.try_yield(()).await;
        if let Err(interrupt) = received {
            log.note(format!("stage: {}", ended(Some(&interrupt))));
            co.raise(interrupt).await;
        } else if let Ok(number) = received {
            log.note(format!("pass {number}"));
            down.send(number)
                .inspect_err(|stop| log.note(format!("stage: {stop}")))?;
        }
    };
    stage(pass, down)
}

pub(crate) fn error_of<Item, Return>(
    fed: Result<Option<Return>, FeedError<Item, Return>>,
) -> String {
    fed.err().expect("the pipeline failed").to_string()
}
