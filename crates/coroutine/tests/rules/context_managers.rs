//! Rules M: `contextlib.contextmanager` and its asynchronous twin.

use entracte_coroutine::{AsyncGenerator, BoxError, Co, ContextError, Generator};
use futures::executor::block_on;

use crate::{Boom, Log, except_boom};

/// What a coroutine with this body does around a block that fails or not: in words, synchronously
/// and asynchronously.
macro_rules! around {
    ($body:ident, $block:expr) => {{
        let block: fn(i32) -> Result<i32, BoxError> = $block;
        let sync = outcome(Generator::new($body).with(block));
        let both = block_on(AsyncGenerator::new($body).with(async |value| block(value)));
        assert_eq!(sync, outcome(both));
        sync
    }};
}

fn outcome(with: Result<Option<i32>, ContextError>) -> String {
    match with {
        Ok(Some(value)) => format!("gave {value}"),
        Ok(None) => "swallowed".to_owned(),
        Err(error) => format!("{error}"),
    }
}

#[test]
fn m01_the_blocks_error_is_thrown_in_at_the_yield() {
    async fn cm(mut co: Co<'_, i32, ()>) {
        let tried = co.try_yield(1).await;
        // Swallowed, if it is a Boom.
        let _ = except_boom(&mut co, tried).await;
    }
    assert_eq!(around!(cm, |_| Err(Boom("b").into())), "swallowed");
    assert_eq!(around!(cm, |_| Err("other".into())), "other");
    assert_eq!(around!(cm, |value| Ok(value + 1)), "gave 2");
}

#[test]
fn m02_one_that_does_not_stop_is_an_error() {
    async fn cm(mut co: Co<'_, i32, ()>) {
        co.yield_(1).await;
        co.yield_(2).await;
    }
    assert_eq!(
        around!(cm, |_| Ok(0)),
        "coroutine did not stop after the block"
    );
}

#[test]
fn m02_it_is_closed() {
    let log = Log::default();
    let cm = Generator::new(async |mut co| {
        co.yield_(1).await;
        co.finally(async |co| co.yield_(2).await, async |_| log.add("closed"))
            .await;
    });
    assert!(matches!(cm.with(|_| Ok(())), Err(ContextError::DidNotStop)));
    assert_eq!(log.take(), ["closed"]);
}

#[test]
fn m03_one_that_does_not_yield_is_an_error_and_the_block_does_not_run() {
    async fn cm(_: Co<'_, i32, ()>) {}
    assert_eq!(
        around!(cm, |_| panic!("the block runs")),
        "coroutine did not yield a value to use"
    );
}

#[test]
fn m04_one_that_yields_after_the_throw_is_an_error() {
    async fn cm(mut co: Co<'_, i32, ()>) {
        let tried = co.try_yield(1).await;
        if except_boom(&mut co, tried).await.is_err() {
            co.yield_(2).await;
        }
    }
    assert_eq!(
        around!(cm, |_| Err(Boom("b").into())),
        "coroutine did not stop after the block's error was thrown in"
    );
}
