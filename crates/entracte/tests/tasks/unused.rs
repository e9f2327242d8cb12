//! Debug mode reports what was made and never awaited.

use std::cell::RefCell;
use std::rc::Rc;

use entracte::{catch_cancel, checkpoint, sleep, spawn, timeout};

use crate::support::virtual_runner;

/// What the error handler is told while a program runs, in debug mode or not.
fn reports(debug: bool, program: impl Future<Output = ()>) -> Vec<String> {
    let told: Rc<RefCell<Vec<String>>> = Rc::default();
    let tells = Rc::clone(&told);
    let runner = virtual_runner();
    runner.event_loop().set_debug(debug);
    runner
        .event_loop()
        .set_error_handler(Some(Rc::new(move |report| {
            tells.borrow_mut().push(report.message.to_owned());
        })));
    runner.run(program).expect("the program ends");
    drop(runner);
    told.take()
}

async fn wasteful() {
    let second = std::time::Duration::from_secs(1);
    drop(sleep(second));
    drop(catch_cancel(checkpoint()));
    drop(timeout(second, checkpoint()));
    let task = spawn(async { Err::<(), _>("nobody reads this") });
    checkpoint().await;
    drop(task);
}

async fn careful() {
    sleep(std::time::Duration::from_secs(1)).await;
    drop(catch_cancel(checkpoint()).await);
    assert!(spawn(async { Err::<(), _>("read") }).await.is_ok());
}

#[test]
fn debug_mode_reports_what_nobody_awaited() {
    let block = "a block was made, and never awaited";
    assert_eq!(
        reports(true, wasteful()),
        [
            "a sleep was made, and never awaited",
            block,
            block,
            "a task gave a value, and nobody took it",
        ]
    );
}

#[test]
fn what_was_awaited_is_not_reported_nor_is_anything_without_debug_mode() {
    assert!(reports(true, careful()).is_empty());
    assert!(reports(false, wasteful()).is_empty());
}
