//! `promise`: set on one thread, awaited on another.

use std::thread;

use entracte::sync::PromiseBroken;
use entracte::threads::promise;
use entracte::{run, spawn};

use crate::runner_that_tells;

#[test]
fn a_value_that_is_there_is_given_at_once() {
    let (resolver, promise) = promise();
    assert!(resolver.is_wanted() && !promise.is_done());
    assert_eq!(resolver.set(7), Ok(()));
    assert!(promise.is_done());
    assert_eq!(run(promise).unwrap(), Ok(7));
}

#[test]
fn a_value_wakes_a_loop_that_waits_for_it() {
    let (runner, mut is_parked) = runner_that_tells();
    for _ in 0..100 {
        while is_parked.try_recv().is_ok() {}
        let (resolver, promise) = promise();
        let is_parked = &mut is_parked;
        thread::scope(|scope| {
            scope.spawn(move || {
                is_parked.recv().expect("the loop comes to wait");
                resolver.set(7).expect("it is waited for");
            });
            assert_eq!(runner.run(promise).unwrap(), Ok(7));
        });
    }
}

#[test]
fn a_resolver_that_is_dropped_is_an_error() {
    let (runner, is_parked) = runner_that_tells();
    let (resolver, promise) = promise::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            is_parked.recv().expect("the loop comes to wait");
            drop(resolver);
        });
        assert_eq!(runner.run(promise).unwrap(), Err(PromiseBroken));
    });
}

#[test]
fn a_promise_that_is_dropped_gives_the_value_back() {
    let (resolver, promise) = promise();
    drop(promise);
    assert!(!resolver.is_wanted());
    assert_eq!(resolver.set("kept"), Err("kept"));
}

#[test]
fn any_driver_of_futures_may_await_a_promise() {
    let (resolver, promise) = promise();
    let thread = thread::spawn(move || resolver.set(7));
    assert_eq!(futures::executor::block_on(promise), Ok(7));
    assert_eq!(thread.join().unwrap(), Ok(()));
}

#[test]
fn a_promise_that_moves_to_another_task_wakes_that_one() {
    let (resolver, mut promise) = promise();
    run(async move {
        assert!(futures::poll!(&mut promise).is_pending());
        let task = spawn(promise);
        entracte::checkpoint().await;
        let thread = thread::spawn(move || resolver.set(7));
        assert_eq!(task.await.unwrap(), Ok(7));
        assert_eq!(thread.join().unwrap(), Ok(()));
    })
    .unwrap();
}

#[test]
fn a_value_is_dropped_with_the_promise_that_nobody_awaited() {
    let counted = std::sync::Arc::new(());
    let (resolver, promise) = promise();
    resolver.set(counted.clone()).expect("it is wanted");
    drop(promise);
    assert_eq!(std::sync::Arc::strong_count(&counted), 1);
}
