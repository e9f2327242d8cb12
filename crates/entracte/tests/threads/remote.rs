//! `LoopHandle` and `RemoteTask`: tasks on a loop, started from another thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use entracte::threads::{LoopHandle, RemoteError};
use entracte::{EventLoop, Runner, checkpoint, finally, run, shield, to_thread};

use crate::runner_that_tells;

/// Runs a loop for as long as `act` takes on a thread of its own, and gives the value of that.
fn beside_a_loop<T: Send + 'static>(act: impl FnOnce(LoopHandle) -> T + Send + 'static) -> T {
    run(async {
        let here = LoopHandle::current().expect("a loop runs");
        to_thread(move || act(here)).await
    })
    .expect("the program ends")
}

/// Says that it waits, waits for ever, and says that it cleans up.
async fn wait_for_ever(says: mpsc::Sender<&'static str>) {
    let say = |what| says.send(what).expect("the test listens");
    say("waits");
    finally(std::future::pending::<()>(), async {
        checkpoint().await;
        say("cleans up");
    })
    .await;
}

#[test]
fn a_future_that_is_made_on_the_loop_need_not_be_send() {
    let value = beside_a_loop(|there| {
        let task = there.spawn(|| {
            let counter = Rc::new(Cell::new(41));
            async move {
                checkpoint().await;
                counter.set(counter.get() + 1);
                counter.get()
            }
        });
        task.join()
    });
    assert_eq!(value.unwrap(), 42);
}

#[test]
fn a_task_wakes_a_loop_that_waits() {
    let (runner, is_parked) = runner_that_tells();
    let there = LoopHandle::of(runner.event_loop());
    let (done, is_done) = entracte::threads::promise();
    let thread = thread::spawn(move || {
        is_parked.recv().expect("the loop comes to wait");
        let value = there.spawn(|| async { 42 }).join();
        done.set(()).expect("the loop waits for it");
        value
    });
    assert_eq!(runner.run(is_done).unwrap(), Ok(()));
    assert_eq!(thread.join().unwrap().unwrap(), 42);
}

#[test]
fn tasks_begin_in_the_order_in_which_they_were_spawned() {
    let order = beside_a_loop(|there| {
        let order = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..100)
            .map(|number| {
                let order = Arc::clone(&order);
                there.spawn(move || async move { order.lock().unwrap().push(number) })
            })
            .collect();
        tasks.into_iter().for_each(|task| task.join().unwrap());
        Arc::into_inner(order)
            .expect("the tasks are done")
            .into_inner()
            .unwrap()
    });
    assert!(order.into_iter().eq(0..100));
}

#[test]
fn a_panic_comes_back_as_an_error() {
    let (in_future, in_make) = beside_a_loop(|there| {
        let in_future = there.spawn(|| async { panic!("boom") });
        let in_make = there.spawn(|| -> std::future::Ready<()> { panic!("bang") });
        (in_future.join(), in_make.join())
    });
    let text = |outcome| match outcome {
        Err(RemoteError::Panicked(panic)) => panic.text().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (text(in_future), text(in_make)),
        ("boom".to_owned(), "bang".to_owned())
    );
}

#[test]
fn cancelling_unwinds_the_task_on_its_own_loop() {
    let (ended, said) = beside_a_loop(|there| {
        let (says, said) = mpsc::channel();
        let task = there.spawn(move || wait_for_ever(says));
        assert_eq!(said.recv(), Ok("waits"));
        assert!(task.cancel_with("enough"));
        (task.join(), said.recv())
    });
    match ended {
        Err(RemoteError::Cancelled(Some(message))) => assert_eq!(&*message, "enough"),
        other => panic!("{other:?}"),
    }
    assert_eq!(said, Ok("cleans up"), "before the outcome was there");
}

#[test]
fn a_task_that_swallows_its_cancellation_gives_its_value() {
    let value = beside_a_loop(|there| {
        let (says, said) = mpsc::channel();
        let task = there.spawn(move || async {
            let caught = entracte::catch_cancel(wait_for_ever(says)).await;
            caught.is_err()
        });
        assert_eq!(said.recv(), Ok("waits"));
        task.cancel();
        task.join()
    });
    assert!(value.unwrap());
}

#[test]
fn a_task_that_is_cancelled_before_it_begins_never_begins() {
    let runner = Runner::new().unwrap();
    let there = LoopHandle::of(runner.event_loop());
    let task = there.spawn(|| -> std::future::Ready<()> { panic!("it begins") });
    assert!(task.cancel());
    let ended = runner.run(task).unwrap();
    assert!(
        matches!(ended, Err(RemoteError::Cancelled(None))),
        "{ended:?}"
    );
}

#[test]
fn dropping_the_handle_cancels_and_detaching_does_not() {
    beside_a_loop(|there| {
        let (says, said) = mpsc::channel();
        let task = there.spawn(move || wait_for_ever(says));
        assert_eq!(said.recv(), Ok("waits"));
        drop(task);
        assert_eq!(said.recv(), Ok("cleans up"));

        let (says, said) = mpsc::channel();
        let send = move || says.send("runs on").expect("the test listens");
        let make = move || async move {
            checkpoint().await;
            send();
        };
        there.spawn(make).detach();
        assert_eq!(said.recv(), Ok("runs on"));
    });
}

#[test]
fn the_panic_of_a_detached_task_is_reported_on_its_loop() {
    let (runner, reports) = (Runner::new().unwrap(), Rc::new(RefCell::new(Vec::new())));
    let seen = Rc::clone(&reports);
    runner
        .event_loop()
        .set_error_handler(Some(Rc::new(move |report: &_| {
            seen.borrow_mut().push(format!("{report}"));
        })));
    LoopHandle::of(runner.event_loop())
        .spawn(|| async { panic!("boom") })
        .detach();
    runner
        .run(async {
            for _ in 0..5 {
                checkpoint().await;
            }
        })
        .unwrap();
    drop(runner);
    let reports = reports.borrow();
    assert!(
        matches!(&reports[..], [one] if one.contains("boom")),
        "{reports:?}"
    );
}

#[test]
fn a_loop_that_is_gone_is_an_error_and_the_call_comes_back() {
    let runner = Runner::new().unwrap();
    let there = LoopHandle::of(runner.event_loop());
    let waits_in_line = there.spawn(|| async {});
    runner.event_loop().close();
    assert!(there.is_closed());
    assert!(waits_in_line.is_done());
    assert!(matches!(waits_in_line.join(), Err(RemoteError::LoopClosed)));
    let late = there.spawn(|| async {});
    assert!(!late.cancel());
    assert!(matches!(late.join(), Err(RemoteError::LoopClosed)));
    // Also on the thread of a loop that runs.
    let late = run(async { there.spawn(|| async {}).await }).unwrap();
    assert!(matches!(late, Err(RemoteError::LoopClosed)), "{late:?}");

    let (says, said) = mpsc::channel();
    let back = there.call_soon(move || says.send(7).expect("the test listens"));
    back.expect_err("the loop is closed").into_inner()();
    assert_eq!(said.recv(), Ok(7));
}

#[test]
fn a_loop_that_closes_tells_who_waits_for_its_tasks() {
    let runner = Runner::new().unwrap();
    runner.set_grace(Duration::ZERO);
    let there = LoopHandle::of(runner.event_loop());
    let ordinary = there.spawn(std::future::pending::<()>);
    let stubborn = there.spawn(|| shield(std::future::pending::<()>()));
    let threads = [ordinary, stubborn].map(|task| thread::spawn(move || task.join()));
    runner
        .run(async {
            for _ in 0..5 {
                checkpoint().await;
            }
        })
        .unwrap();
    runner.event_loop().close();
    for thread in threads {
        let ended = thread.join().unwrap();
        assert!(matches!(ended, Err(RemoteError::LoopClosed)), "{ended:?}");
    }
}

#[test]
fn the_end_of_a_runner_cancels_remote_tasks_as_well() {
    let runner = Runner::new().unwrap();
    let (says, said) = mpsc::channel();
    let task = LoopHandle::of(runner.event_loop()).spawn(move || wait_for_ever(says));
    runner
        .run(async {
            for _ in 0..5 {
                checkpoint().await;
            }
        })
        .unwrap();
    runner.close();
    assert_eq!(said.iter().collect::<Vec<_>>(), ["waits", "cleans up"]);
    let ended = task.join();
    assert!(
        matches!(ended, Err(RemoteError::Cancelled(None))),
        "{ended:?}"
    );
}

#[test]
fn a_thread_on_which_a_loop_runs_must_not_block() {
    let ended = run(async {
        let here = LoopHandle::current().expect("a loop runs");
        here.spawn(|| async {}).join()
    });
    assert!(matches!(ended.unwrap(), Err(RemoteError::Nested)));
}

#[test]
fn a_handle_does_not_keep_its_loop_alive() {
    let event_loop = EventLoop::new().unwrap();
    let there = LoopHandle::of(&event_loop);
    drop(event_loop);
    assert!(there.is_closed());
}

#[test]
fn a_task_that_is_done_lets_go_of_its_loop() {
    let runner = Runner::new().unwrap();
    let task = LoopHandle::of(runner.event_loop()).spawn(checkpoint);
    // The handle stays, in a program that is stuck all the same.
    let stuck = runner.run(std::future::pending::<()>());
    assert!(
        matches!(stuck, Err(entracte::RunError::Deadlock(_))),
        "{stuck:?}"
    );
    assert!(task.is_done());
}
