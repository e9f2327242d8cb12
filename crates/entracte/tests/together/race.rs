//! What `race` promises.

use entracte::task::NoTasks;
use entracte::{catch_cancel, finally, race, sleep, spawn, timeout};

use crate::hand::{Log, after, ms, others, turns_pass};
use crate::support::run_virtual;

fn millis() -> u64 {
    entracte::time::now().as_nanos() / 1_000_000
}

#[test]
fn the_first_to_end_wins() {
    run_virtual(async {
        let raced = race([after(ms(5), "a"), after(ms(2), "b")]).await.unwrap();
        let (index, value) = raced.winner;
        assert_eq!((index, value.unwrap(), millis()), (1, "b", 2));
        assert!(raced.also.is_empty());
        assert_eq!(others(), 0);
    })
    .unwrap();
}

#[test]
fn the_losers_have_cleaned_up_when_it_returns() {
    let log = Log::default();
    run_virtual(async {
        let sleepers = [log.sleeper("a", ms(3)), log.sleeper("b", ms(4))];
        let winner = futures::future::Either::Left(after(ms(1), ()));
        let [a, b] = sleepers.map(futures::future::Either::Right);
        let raced = race([a, winner, b]).await.unwrap();
        assert_eq!((raced.winner.0, raced.also.len()), (1, 0));
        assert_eq!(log.take(), ["a cleaned up", "b cleaned up"]);
        assert_eq!((others(), millis()), (0, 5));
    })
    .unwrap();
}

#[test]
fn a_loser_that_ended_in_the_same_turn_hands_its_value_back() {
    run_virtual(async {
        let raced = race((1..4).map(|racer| after(ms(1), racer))).await.unwrap();
        assert_eq!(raced.winner.1.unwrap(), 1);
        let also: Vec<_> = raced
            .also
            .into_iter()
            .map(|(at, it)| (at, it.unwrap()))
            .collect();
        assert_eq!(also, [(1, 2), (2, 3)]);
    })
    .unwrap();
}

#[test]
fn a_loser_that_swallows_the_cancellation_hands_its_value_back() {
    run_virtual(async {
        let racers = (0..3_u64).map(|racer| async move {
            let caught = catch_cancel(sleep(ms(10 * racer))).await;
            sleep(ms(5 - racer)).await;
            (racer, caught.is_err())
        });
        let raced = race(racers).await.unwrap();
        assert_eq!(raced.winner.1.unwrap(), (0, false));
        let also: Vec<_> = raced.also.into_iter().map(|(_, it)| it.unwrap()).collect();
        assert_eq!(also, [(2, true), (1, true)]);
        assert_eq!(millis(), 9);
    })
    .unwrap();
}

#[test]
fn a_panic_wins_too_and_a_loser_that_panics_is_not_lost() {
    run_virtual(async {
        let racers = (0..2).map(|racer| async move {
            drop(catch_cancel(sleep(ms(1 + racer))).await);
            panic!("racer {racer}");
        });
        let raced: entracte::task::Raced<()> = race(racers).await.unwrap();
        let text = |error: entracte::TaskError| error.to_string();
        assert_eq!(
            raced.winner.1.map_err(text),
            Err("the task panicked: racer 0".to_owned())
        );
        let also = raced
            .also
            .into_iter()
            .map(|(at, it)| (at, it.map_err(text)));
        let expected = [(1, Err("the task panicked: racer 1".to_owned()))];
        assert_eq!(also.collect::<Vec<_>>(), expected);
    })
    .unwrap();
}

#[test]
fn no_racers_are_an_error() {
    run_virtual(async {
        let none = Vec::<std::future::Ready<u8>>::new();
        assert_eq!(race(none).await.unwrap_err(), NoTasks);
    })
    .unwrap();
}

#[test]
fn a_cancelled_race_waits_for_all_its_racers() {
    let log = Log::default();
    run_virtual(async {
        let racers = [log.sleeper("a", ms(1)), log.sleeper("b", ms(2))];
        assert!(timeout(ms(1), race(racers)).await.is_err());
        assert_eq!(log.take(), ["a cleaned up", "b cleaned up"]);
        assert_eq!((others(), millis()), (0, 3));
    })
    .unwrap();
}

#[test]
fn a_race_that_is_cancelled_while_its_losers_clean_up_lets_them_finish() {
    let log = Log::default();
    run_virtual(async {
        let said = log.clone();
        let loser = finally(sleep(ms(3_600_000)), async move {
            sleep(ms(9)).await;
            said.say("cleaned up");
        });
        let racers: [std::pin::Pin<Box<dyn Future<Output = ()>>>; 2] =
            [Box::pin(loser), Box::pin(sleep(ms(1)))];
        assert!(timeout(ms(5), race(racers)).await.is_err());
        assert_eq!(log.take(), ["cleaned up"]);
        assert_eq!((others(), millis()), (0, 10));
    })
    .unwrap();
}

#[test]
fn nothing_starts_before_it_is_awaited() {
    let log = Log::default();
    run_virtual(async {
        let racing = race([log.child("a", 0)]);
        turns_pass(3).await;
        assert_eq!((log.take().len(), others()), (0, 0));
        racing.await.unwrap();
        assert_eq!(log.take(), ["a"]);
    })
    .unwrap();
}

#[test]
fn races_nest() {
    run_virtual(async {
        let heat = |millis: [u64; 2]| async move {
            let raced = race(millis.map(|it| after(ms(it), it))).await.unwrap();
            raced.winner.1.unwrap()
        };
        let final_race = spawn(race([heat([9, 4]), heat([3, 8])]));
        let raced = final_race.await.unwrap().unwrap();
        assert_eq!(
            (raced.winner.0, raced.winner.1.unwrap(), millis()),
            (1, 3, 3)
        );
    })
    .unwrap();
}
