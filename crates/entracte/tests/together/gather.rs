//! What `gather` gives.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::rc::Rc;

use entracte::{TaskError, current_task, gather, sleep, spawn, task_tree};

use futures::stream::{FuturesUnordered, StreamExt};

use crate::hand::{Log, after, counted, ms, others, turns_pass};
use crate::support::run_virtual;

#[derive(Debug, PartialEq)]
struct Wrong(u8);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wrong {}", self.0)
    }
}

impl Error for Wrong {}

async fn fail(millis: u64, code: u8) -> Result<(), Wrong> {
    after(ms(millis), Err(Wrong(code))).await
}

async fn panics() -> u8 {
    turns_pass(1).await;
    panic!("a child panics")
}

async fn cancels_itself() -> u8 {
    let task = current_task().expect("a child is a task");
    task.cancel_with("enough");
    sleep(ms(1)).await;
    0
}

#[test]
fn values_come_in_the_order_of_the_futures() {
    run_virtual(async {
        let values = gather(vec![
            after(ms(3), "a"),
            after(ms(1), "b"),
            after(ms(2), "c"),
        ])
        .await;
        assert_eq!(values.unwrap(), ["a", "b", "c"]);
    })
    .unwrap();
}

#[test]
fn an_array_gives_an_array_and_a_tuple_a_tuple() {
    run_virtual(async {
        let [one, two] = gather([after(ms(2), 1), after(ms(1), 2)]).await.unwrap();
        assert_eq!((one, two), (1, 2));
        let text = async { Ok::<_, Wrong>("text") };
        let values = gather((after(ms(1), 1), text, async {})).await.unwrap();
        assert_eq!(values, (1, "text", ()));
        let of = |n: u8| after(ms(9 - u64::from(n)), n);
        let eight = gather((of(1), of(2), of(3), of(4), of(5), of(6), of(7), of(8))).await;
        assert_eq!(eight.unwrap(), (1, 2, 3, 4, 5, 6, 7, 8));
    })
    .unwrap();
}

#[test]
fn no_futures_give_no_values_at_once() {
    run_virtual(async {
        let none = Vec::<std::future::Ready<u8>>::new();
        let (values, polls) = counted(gather(none)).await;
        assert_eq!((values.unwrap(), polls), (vec![], 1));
        let none: [std::future::Ready<u8>; 0] = [];
        let (outcomes, polls) = counted(gather(none).outcomes()).await;
        assert_eq!((outcomes.len(), polls), (0, 1));
    })
    .unwrap();
}

#[test]
fn children_are_started_by_the_call_and_in_order() {
    let log = Log::default();
    run_virtual(async {
        let gathering = gather(vec![
            log.child("a", 0),
            log.child("b", 0),
            log.child("c", 0),
        ]);
        turns_pass(1).await;
        assert_eq!(log.take(), ["a", "b", "c"]);
        turns_pass(3).await;
        gathering.await.unwrap();
    })
    .unwrap();
}

#[test]
fn each_child_is_a_task_spawned_where_gather_was_called() {
    run_virtual(async {
        let gathering = gather([sleep(ms(1)), sleep(ms(1))]);
        let line = line!() - 1;
        let tree = task_tree();
        let children = tree
            .tasks()
            .iter()
            .filter(|task| task.spawned_at.line() == line);
        assert_eq!(children.count(), 2);
        gathering.await.unwrap();
    })
    .unwrap();
}

#[test]
fn the_failure_that_comes_first_in_time_is_the_error() {
    run_virtual(async {
        let error = gather(vec![fail(3, 3), fail(1, 1), fail(2, 2)])
            .await
            .unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Wrong(1)));
    })
    .unwrap();
}

#[test]
fn of_two_failures_in_one_turn_the_first_counts() {
    run_virtual(async {
        let error = gather([fail(1, 1), fail(1, 2)]).await.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Wrong(1)));
        // Also if one of them panics, which it says by another way.
        let wrong = async {
            turns_pass(1).await;
            Err::<u8, _>(Wrong(1))
        };
        let error = gather((panics(), wrong)).await.unwrap_err();
        assert!(
            error
                .downcast_ref::<TaskError>()
                .is_some_and(TaskError::is_panic)
        );
    })
    .unwrap();
}

#[test]
fn errors_after_the_first_are_told_to_the_handler() {
    let reports: Rc<RefCell<Vec<String>>> = Rc::default();
    let runner = crate::support::virtual_runner();
    let told = reports.clone();
    let handler = move |report: &entracte::event_loop::Report<'_>| {
        told.borrow_mut().push(report.to_string());
    };
    runner
        .event_loop()
        .set_error_handler(Some(Rc::new(handler)));
    runner
        .run(async {
            assert!(gather([fail(1, 1), fail(1, 2), fail(5, 3)]).await.is_err());
            sleep(ms(10)).await;
        })
        .unwrap();
    runner.close();
    let reports = reports.borrow();
    assert_eq!(reports.len(), 2, "{reports:?}");
    assert!(
        reports[0].contains("wrong 2") && reports[1].contains("wrong 3"),
        "{reports:?}"
    );
}

#[test]
fn a_panic_is_a_task_error_and_the_others_run_on() {
    let log = Log::default();
    run_virtual(async {
        let error = gather((panics(), log.child("a", 9))).await.unwrap_err();
        let error = error.downcast::<TaskError>().unwrap();
        assert_eq!(error.to_string(), "the task panicked: a child panics");
        assert_eq!(others(), 1);
        turns_pass(9).await;
        assert_eq!((others(), log.take()), (0, vec!["a".to_owned()]));
    })
    .unwrap();
}

#[test]
fn a_cancelled_child_is_a_task_error() {
    run_virtual(async {
        let error = gather((after(ms(9), 1), cancels_itself()))
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "the task was cancelled: enough");
    })
    .unwrap();
}

#[test]
fn outcomes_waits_for_all_and_gives_values_errors_panics_and_cancellations() {
    run_virtual(async {
        let all = gather((fail(1, 7), after(ms(9), "late"), panics(), cancels_itself()));
        let (wrong, late, panicked, cancelled) = all.outcomes().await;
        assert_eq!(wrong.unwrap(), Err(Wrong(7)));
        assert_eq!(late.unwrap(), "late");
        assert!(panicked.unwrap_err().is_panic());
        assert!(cancelled.unwrap_err().is_cancelled());
        assert_eq!(entracte::time::now().as_nanos(), 9_000_000);
    })
    .unwrap();
}

#[test]
fn outcomes_of_only_panics_and_cancellations_come_too() {
    run_virtual(async {
        let [one, two] = gather([panics(), panics()]).outcomes().await;
        assert!(one.unwrap_err().is_panic() && two.unwrap_err().is_panic());
        let [one] = gather([cancels_itself()]).outcomes().await;
        assert!(one.unwrap_err().is_cancelled());
    })
    .unwrap();
}

#[test]
fn j2_a_cancelled_child_counts_when_its_clean_up_is_over() {
    let log = Log::default();
    run_virtual(async {
        let slow = spawn(log.sleeper("slow", ms(4)));
        slow.cancel();
        let error = gather((after(ms(9), 1), slow)).await.unwrap_err();
        assert!(error.downcast::<TaskError>().unwrap().is_cancelled());
        assert_eq!(entracte::time::now().as_nanos(), 0); // it never began

        let slow = log.sleeper("slow", ms(4));
        let cancelled = async move {
            let task = current_task().unwrap();
            spawn(async move { task.cancel() }).detach();
            slow.await;
        };
        assert!(gather((after(ms(9), 1), cancelled)).await.is_err());
        assert_eq!(log.take(), ["slow cleaned up"]);
        assert_eq!(entracte::time::now().as_nanos(), 4_000_000);
    })
    .unwrap();
}

#[test]
fn branches_of_one_task_gather_each_for_itself() {
    run_virtual(async {
        let (one, two) = futures::join!(
            gather([after(ms(3), 1), after(ms(1), 2)]),
            gather([after(ms(2), 3), after(ms(4), 4)])
        );
        assert_eq!((one.unwrap(), two.unwrap()), ([1, 2], [3, 4]));
        // Wakers that are not the task's own.
        let gathers = (0..9).map(|at| gather([after(ms(9 - at), at)]));
        let mut gathers: FuturesUnordered<_> = gathers.collect();
        let mut order = vec![];
        while let Some(values) = gathers.next().await {
            order.extend(values.unwrap());
        }
        assert!(order.into_iter().rev().eq(0..9));
    })
    .unwrap();
}

#[test]
fn a_gather_of_a_loop_that_is_closed_says_so() {
    let runner = crate::support::virtual_runner();
    let gathering = runner.run(async { Some(gather([sleep(ms(1)), sleep(ms(2))])) });
    let gathering = gathering.unwrap().unwrap();
    runner.event_loop().close();
    let error = run_virtual(gathering).unwrap().unwrap_err();
    assert!(matches!(*error.downcast().unwrap(), TaskError::Closed));
}

#[test]
fn a_child_whose_destructor_panics_counts_as_one_that_panicked() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("a destructor panics");
        }
    }
    let child = || {
        let bad = Bad;
        std::future::poll_fn(move |_| {
            let _ = &bad;
            std::task::Poll::Ready(1)
        })
    };
    run_virtual(async {
        let error = gather((child(), after(ms(1), 2))).await.unwrap_err();
        assert!(error.downcast::<TaskError>().unwrap().is_panic());
        assert_eq!(entracte::time::now().as_nanos(), 0);
        let (child, other) = gather((child(), after(ms(1), 2))).outcomes().await;
        assert!(child.unwrap_err().is_panic());
        assert_eq!(other.unwrap(), 2);
    })
    .unwrap();
}

#[test]
fn tasks_can_be_gathered_with_futures() {
    run_virtual(async {
        let task = spawn(after(ms(2), 2));
        assert_eq!(gather((after(ms(1), 1), task)).await.unwrap(), (1, 2));
        let tasks = vec![spawn(after(ms(2), 2)), spawn(after(ms(1), 1))];
        assert_eq!(gather(tasks).await.unwrap(), [2, 1]);
    })
    .unwrap();
}

#[test]
fn gathers_nest() {
    run_virtual(async {
        let rows = (0..3).map(|row| async move {
            let row = gather(
                (0..3)
                    .map(|at| after(ms(at), row * 3 + at))
                    .collect::<Vec<_>>(),
            );
            row.await
        });
        let rows = gather(rows.collect::<Vec<_>>()).await.unwrap();
        assert_eq!(rows.concat(), (0..9).collect::<Vec<_>>());
    })
    .unwrap();
}

#[test]
fn it_is_polled_twice_however_many_children_end_in_turns_of_their_own() {
    run_virtual(async {
        let children = (0..100).map(turns_pass).collect::<Vec<_>>();
        let (values, polls) = counted(gather(children)).await;
        assert_eq!((values.unwrap().len(), polls), (100, 2));
    })
    .unwrap();
}

#[test]
fn a_hundred_thousand_children_are_gathered() {
    run_virtual(async {
        let children = (0..100_000_u32).map(|number| async move {
            turns_pass(1).await;
            number
        });
        let values = gather(children.collect::<Vec<_>>()).await.unwrap();
        assert!(values.into_iter().eq(0..100_000));
    })
    .unwrap();
}

#[test]
#[should_panic(expected = "cannot gather outside an event loop")]
fn gathering_outside_a_loop_panics() {
    drop(gather([async {}]));
}
