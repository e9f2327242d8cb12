//! `to_thread` and `ThreadPool`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use entracte::threads::{LoopHandle, NoThreads, RemoteError, ThreadPool};
use entracte::{Runner, TaskError, checkpoint, finally, run, spawn, to_thread};

fn pool(limit: usize) -> ThreadPool {
    ThreadPool::new(limit).expect("the limit is not zero")
}

#[test]
fn the_loop_goes_on_while_a_closure_blocks() {
    let (go, may_go) = mpsc::channel();
    let value = run(async {
        let call = spawn(to_thread(move || {
            may_go.recv().map(|()| thread::current().id())
        }));
        checkpoint().await;
        assert!(!call.is_done());
        go.send(()).expect("the closure listens");
        call.await
    });
    let thread = value.unwrap().unwrap().expect("the closure was told to go");
    assert_ne!(thread, thread::current().id());
}

#[test]
fn a_panic_of_the_closure_is_one_of_the_task_that_awaits_it() {
    let outcome = run(async { spawn(to_thread(|| panic!("boom"))).await }).unwrap();
    match outcome {
        Err(TaskError::Panicked(panic)) => assert_eq!(panic.text(), "boom"),
        other => panic!("{other:?}"),
    }
    let pool = pool(1);
    let value = run(async {
        let panicked: Result<(), _> = spawn(pool.run(|| panic!("boom"))).await;
        assert!(panicked.is_err_and(|error| error.is_panic()));
        pool.run(|| 7).await
    });
    assert_eq!(value.unwrap(), 7, "the only thread goes on");
}

#[test]
fn closures_are_called_in_the_order_in_which_they_came() {
    let (pool, order) = (pool(1), Arc::new(Mutex::new(Vec::new())));
    run(async {
        let calls: Vec<_> = (0..100)
            .map(|number| {
                let order = Arc::clone(&order);
                spawn(pool.run(move || order.lock().unwrap().push(number)))
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
    })
    .unwrap();
    assert!(order.lock().unwrap().iter().copied().eq(0..100));
    assert_eq!(pool.threads(), 1);
}

#[test]
fn as_many_run_at_once_as_the_limit_allows_and_no_more() {
    let pool = pool(3);
    let (together, running) = (Arc::new(Barrier::new(3)), Arc::new(AtomicUsize::new(0)));
    let most = run(async {
        let calls: Vec<_> = (0..30)
            .map(|_| {
                let (together, running) = (Arc::clone(&together), Arc::clone(&running));
                spawn(pool.run(move || {
                    let most = running.fetch_add(1, Ordering::SeqCst) + 1;
                    together.wait();
                    running.fetch_sub(1, Ordering::SeqCst);
                    most
                }))
            })
            .collect();
        let mut most = 0;
        for call in calls {
            most = most.max(call.await.unwrap());
        }
        most
    });
    assert_eq!(most.unwrap(), 3);
    assert_eq!(pool.threads(), 3);
}

#[test]
fn a_pool_needs_a_thread() {
    assert_eq!(ThreadPool::new(0).unwrap_err(), NoThreads);
}

#[test]
fn a_closure_that_is_cancelled_in_line_is_dropped_and_never_called() {
    let pool = pool(1);
    let (go, may_go) = mpsc::channel::<()>();
    let called = Arc::new(AtomicUsize::new(0));
    run(async {
        let first = spawn(pool.run(move || may_go.recv()));
        let call = |called: &Arc<AtomicUsize>| {
            let called = Arc::clone(called);
            spawn(pool.run(move || called.fetch_add(1, Ordering::SeqCst)))
        };
        let (second, third) = (call(&called), call(&called));
        checkpoint().await;
        second.cancel();
        assert!(matches!(second.await, Err(TaskError::Cancelled(None))));
        assert_eq!(
            Arc::strong_count(&called),
            2,
            "only the third holds on to it"
        );
        go.send(()).expect("the first listens");
        assert!(first.await.unwrap().is_ok());
        assert_eq!(third.await.unwrap(), 0, "nobody counted before");
    })
    .unwrap();
    assert_eq!(called.load(Ordering::SeqCst), 1);
}

#[test]
fn the_end_of_run_waits_for_a_closure_that_was_left_behind() {
    let (started, has_started) = mpsc::channel();
    let (go, may_go) = mpsc::channel();
    let (answer, answered) = mpsc::channel();
    run(async {
        let here = LoopHandle::current().expect("a loop runs");
        let call = spawn(to_thread(move || {
            started.send(()).expect("the test listens");
            may_go.recv().expect("the test says when");
            // A loop that still runs cancels what comes so late; one that is closed says so.
            let asked = here.spawn(|| async {}).join();
            answer.send(asked).expect("the test listens");
        }));
        checkpoint().await;
        has_started.recv().expect("the closure starts");
        call.cancel();
        assert!(call.await.is_err(), "its caller does not wait");
        assert_eq!(
            entracte::task_tree().tasks().len(),
            2,
            "it is there to be seen"
        );
        let last = spawn(finally(std::future::pending::<()>(), async move {
            go.send(()).expect("the closure listens");
        }));
        checkpoint().await;
        last.detach();
    })
    .unwrap();
    let asked = answered.recv().expect("the closure answers");
    assert!(!matches!(asked, Err(RemoteError::LoopClosed)), "{asked:?}");
}

#[test]
fn the_end_of_run_waits_no_longer_than_the_grace_period() {
    let runner = Runner::new().unwrap();
    runner.set_grace(Duration::from_millis(1));
    let (started, has_started) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let (ended, has_ended) = mpsc::channel();
    runner
        .run(async {
            let call = spawn(to_thread(move || {
                started.send(()).expect("the test listens");
                ended.send(may_go.recv())
            }));
            checkpoint().await;
            has_started.recv().expect("the closure starts");
            drop(call);
        })
        .unwrap();
    runner.close();
    go.send(())
        .expect("it still runs, and goes on after the loop is gone");
    assert_eq!(has_ended.recv().expect("it ends"), Ok(()));
}

#[test]
fn a_pool_that_is_dropped_ends_what_was_given_to_it() {
    let (go, may_go) = mpsc::channel::<()>();
    let values = run(async {
        let pool = pool(1);
        let first = spawn(pool.run(move || may_go.recv()));
        let second = spawn(pool.run(|| 2));
        checkpoint().await;
        drop(pool);
        go.send(()).expect("the first listens");
        (first.await.unwrap(), second.await.unwrap())
    });
    assert_eq!(values.unwrap(), (Ok(()), 2));
}

#[test]
fn a_pool_that_is_dropped_lets_its_threads_go() {
    struct Last(mpsc::Sender<()>);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0.send(()).expect("the test listens");
        }
    }
    thread_local! {
        static LAST: std::cell::RefCell<Option<Last>> = const { std::cell::RefCell::new(None) };
    }
    let (ends, has_ended) = mpsc::channel();
    let pool = pool(1);
    run(pool.run(move || LAST.set(Some(Last(ends))))).unwrap();
    drop(pool);
    // A thread that was not told ends as well, but only after it had nothing to do for long.
    let ended = has_ended.recv_timeout(Duration::from_secs(5));
    ended.expect("the thread drops its locals at its end");
}

#[test]
fn any_driver_of_futures_may_await_a_closure() {
    assert_eq!(futures::executor::block_on(to_thread(|| 6 * 7)), 42);
    let name = run(to_thread(|| thread::current().name().map(str::to_owned)));
    assert!(
        name.unwrap()
            .is_some_and(|name| name.starts_with("to-thread-"))
    );
}

#[test]
fn a_value_that_nobody_wants_may_panic_when_it_is_dropped() {
    struct Spring;
    impl Drop for Spring {
        fn drop(&mut self) {
            panic!("sprung");
        }
    }
    let pool = pool(1);
    let (go, may_go) = mpsc::channel::<()>();
    let mut call = Box::pin(pool.run(move || {
        let _heard = may_go.recv();
        Spring
    }));
    assert!(futures::FutureExt::now_or_never(&mut call).is_none());
    drop(call);
    drop(go);
    assert_eq!(futures::executor::block_on(pool.run(|| 7)), 7);
}
