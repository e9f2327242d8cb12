//! Running: what comes out of a simulation, and what its failures say.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;

use entracte::{EventLoop, checkpoint, current_task, gather, spawn};
use entracte_sim::{Cause, Sim, check, find, run, run_fifo, test_many};

/// The order in which eight tasks that are ready together go on.
async fn order() -> Vec<u8> {
    let log = Rc::new(RefCell::new(Vec::new()));
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let log = Rc::clone(&log);
            async move { log.borrow_mut().push(number) }
        })
        .collect();
    gather(tasks).await.expect("none of them fails");
    log.take()
}

#[test]
fn a_program_gives_its_value_and_may_borrow() {
    let words = [1, 2, 3];
    assert_eq!(run(7, async { words.len() }), 3);
}

#[test]
fn fifo_keeps_the_order_of_asyncio() {
    assert_eq!(run_fifo(order()), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn the_same_seed_gives_the_same_order_and_another_seed_another() {
    assert_eq!(run(7, order()), run(7, order()));
    assert_ne!(run(7, order()), run(8, order()));
}

#[test]
fn seeds_reach_every_order() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let three = run(seed, order()).into_iter().filter(|number| *number < 3);
        seen.insert(three.collect::<Vec<_>>());
    }
    assert_eq!(seen.len(), 6);
}

#[test]
fn the_numbers_of_the_loop_follow_from_the_seed_and_not_from_the_order() {
    let numbers = |sim: Sim| {
        let program = async {
            order().await;
            let event_loop = EventLoop::current().expect("it runs in a loop");
            [event_loop.random(), event_loop.random()]
        };
        sim.run(program).unwrap().value
    };
    assert_eq!(numbers(Sim::new(7)), numbers(Sim::new(7)));
    assert_eq!(numbers(Sim::new(7)), numbers(Sim::new(7).fifo()));
    assert_ne!(numbers(Sim::new(7)), numbers(Sim::new(8)));
}

#[test]
fn a_panic_is_a_failure_that_says_how_to_replay_it() {
    let failure = Sim::new(8231)
        .run(async {
            checkpoint().await;
            panic!("one is missing");
        })
        .map(|report| report.value)
        .unwrap_err();
    assert!(matches!(failure.cause(), Cause::Panicked(text) if text == "one is missing"));
    assert_eq!((failure.seed(), failure.step()), (8231, 2));
    let name = "running::a_panic_is_a_failure_that_says_how_to_replay_it";
    let command = failure.command();
    if std::thread::current().name() == Some(name) {
        let whole =
            format!("ENTRACTE_SEED=8231 cargo test -p entracte-sim --test it -- --exact {name}");
        assert_eq!(command, whole);
    }
    assert!(
        failure
            .to_string()
            .ends_with(&format!("replay with: {command}"))
    );
}

#[test]
fn a_deadlock_is_a_failure_that_shows_the_tasks() {
    let failure = Sim::new(7).run(pending::<()>()).unwrap_err();
    let Cause::Deadlock(tree) = failure.cause() else {
        panic!("{failure}");
    };
    assert_eq!(tree.tasks().len(), 1);
    assert!(failure.to_string().contains("main"));
}

#[test]
fn waiting_for_a_thread_is_a_deadlock() {
    let (sender, receiver) = futures::channel::oneshot::channel::<()>();
    let failure = Sim::new(7).run(receiver).unwrap_err();
    drop(sender);
    let Cause::Deadlock(tree) = failure.cause() else {
        panic!("{failure}");
    };
    assert_eq!(tree.tasks().len(), 1);
}

#[test]
fn waiting_for_a_moment_that_never_comes_is_a_deadlock() {
    let forever = entracte::sleep(std::time::Duration::MAX);
    let failure = Sim::new(7).run(forever).unwrap_err();
    assert!(matches!(failure.cause(), Cause::Deadlock(_)), "{failure}");
}

#[test]
fn a_program_that_spins_fails_after_so_many_steps() {
    let failure = Sim::new(7)
        .most_steps(1000)
        .run(async {
            loop {
                checkpoint().await;
            }
        })
        .map(|report: entracte_sim::Report<()>| report.value)
        .unwrap_err();
    assert!(
        matches!(failure.cause(), Cause::TooManySteps(_)),
        "{failure}"
    );
}

#[test]
fn who_spins_and_swallows_every_cancellation_is_given_up() {
    let failure = Sim::new(7)
        .most_steps(1000)
        .run(async {
            let spins = spawn(async {
                loop {
                    drop(entracte::catch_cancel(checkpoint()).await);
                }
            });
            spins.await.map(|never: ()| never)
        })
        .unwrap_err();
    assert!(
        matches!(failure.cause(), Cause::TooManySteps(_)),
        "{failure}"
    );
}

#[test]
fn a_cancelled_program_is_a_failure() {
    let program = async {
        current_task().expect("a task runs").cancel_with("enough");
        checkpoint().await;
    };
    let failure = Sim::new(7).run(program).unwrap_err();
    let Cause::Cancelled(Some(message)) = failure.cause() else {
        panic!("{failure}");
    };
    assert_eq!(&**message, "enough");
}

#[test]
fn an_error_that_nobody_awaits_is_a_failure_unless_it_is_tolerated() {
    let failure = Sim::new(7).run(leaves_an_error()).unwrap_err();
    assert!(
        matches!(failure.cause(), Cause::Reported(reports) if reports.len() == 1),
        "{failure}"
    );
    assert!(Sim::new(7).tolerant().run(leaves_an_error()).is_ok());
}

/// Detaches a task that fails.
async fn leaves_an_error() {
    let fails = async { Err::<(), _>("nobody looks") };
    spawn(fails).detach();
    checkpoint().await;
    checkpoint().await;
    checkpoint().await;
}

#[test]
fn many_seeds_find_what_one_does_not() {
    let relies_on_order = async || {
        let order = order().await;
        if order[0] == 7 {
            Err("the last came first")
        } else {
            Ok(())
        }
    };
    let failure = find(0..1000, relies_on_order).expect("one seed in eight finds it");
    assert!(matches!(failure.cause(), Cause::Failed(text) if text == "the last came first"));
    let again = Sim::new(failure.seed()).run(relies_on_order()).unwrap();
    assert!(again.value.is_err());
}

#[test]
#[should_panic(
    expected = "ENTRACTE_SEED=0 cargo test -p entracte-sim --test it -- --exact running::fails"
)]
fn a_test_that_fails_says_its_name() {
    test_many("fails", module_path!(), 10, async || {
        Err::<(), _>("at once")
    });
}

#[test]
fn a_check_runs_each_seed_once() {
    let runs = RefCell::new(0);
    check(0..25, async || *runs.borrow_mut() += 1);
    assert_eq!(runs.take(), 25);
}
