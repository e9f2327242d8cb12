//! `run_on`: a loop per core.

use std::collections::HashSet;
use std::sync::Mutex;
use std::thread;

use entracte::threads::{CoreError, SendPromise, SendResolver, promise};
use entracte::{RunError, checkpoint, run, run_on, spawn};

#[test]
fn each_core_has_a_thread_and_gives_its_value_in_its_place() {
    let words = ["zero", "one", "two"]; // borrowed
    let ended = run_on(3, async |core| {
        let word = words[core.index()];
        let task = spawn(async move { (word, thread::current().id()) });
        checkpoint().await;
        task.await.unwrap()
    });
    let values: Vec<_> = ended.unwrap().into_iter().map(Result::unwrap).collect();
    assert!(values.iter().map(|(word, _)| *word).eq(words));
    let threads: HashSet<_> = values.iter().map(|(_, thread)| *thread).collect();
    assert_eq!(threads.len(), 3);
}

#[test]
fn every_core_reaches_every_other() {
    const CORES: usize = 4;
    // Core `i` may end once its promise is kept, by the last that has an answer from it.
    let (resolvers, promises): (Vec<SendResolver<()>>, Vec<SendPromise<()>>) =
        (0..CORES).map(|_| promise()).unzip();
    let left = Mutex::new((CORES, resolvers));
    let promises: Vec<_> = promises
        .into_iter()
        .map(|it| Mutex::new(Some(it)))
        .collect();
    let ended = run_on(CORES, async |core| {
        assert_eq!(core.peers().len(), CORES - 1);
        assert!(core.peers().get(core.index()).is_none());
        let mut answers = vec![];
        for (index, peer) in core.peers().iter() {
            let from = core.index();
            let answer = peer.spawn(move || async move { (from, index, thread::current().id()) });
            answers.push(answer.await.unwrap());
        }
        {
            let mut left = left.lock().unwrap();
            left.0 -= 1;
            if left.0 == 0 {
                left.1
                    .drain(..)
                    .for_each(|resolver| resolver.set(()).unwrap());
            }
        }
        let may_end = promises[core.index()].lock().unwrap().take();
        may_end.expect("each core takes its own").await.unwrap();
        answers
    });
    let answers = ended.unwrap().into_iter().flat_map(Result::unwrap);
    let answers: HashSet<_> = answers.collect();
    let pairs: HashSet<_> = answers.iter().map(|(from, to, _)| (*from, *to)).collect();
    assert_eq!(pairs.len(), CORES * (CORES - 1));
    let places: HashSet<_> = answers
        .iter()
        .map(|(_, to, thread)| (*to, *thread))
        .collect();
    assert_eq!(
        places.len(),
        CORES,
        "each answer came from the thread of the core it was sent to"
    );
}

#[test]
fn a_panic_in_one_is_its_own_error_and_hangs_nobody() {
    let (resolver, promise) = promise::<()>();
    let (resolver, promise) = (Mutex::new(Some(resolver)), Mutex::new(Some(promise)));
    let ended = run_on(3, async |core| match core.index() {
        0 => {
            let _held = resolver.lock().unwrap().take();
            panic!("boom")
        }
        1 => {
            let promise = promise.lock().unwrap().take();
            promise.expect("nobody else takes it").await.is_err()
        }
        _ => {
            let first = core.peers().get(0).expect("there are three").clone();
            first.spawn(std::future::pending::<()>).await.is_err()
        }
    });
    let ended = ended.unwrap();
    assert!(matches!(&ended[0], Err(CoreError::Panicked(panic)) if panic.text() == "boom"));
    assert!(matches!(&ended[1..], [Ok(true), Ok(true)]), "{ended:?}");
}

#[test]
fn a_core_that_is_stuck_is_found_to_be() {
    let ended = run_on(1, async |_| std::future::pending::<()>().await).unwrap();
    assert!(
        matches!(&ended[..], [Err(CoreError::Run(RunError::Deadlock(_)))]),
        "{ended:?}"
    );
}

#[test]
fn no_cores_and_cores_inside_a_loop_are_errors() {
    let none = run_on(0, async |_| ());
    assert!(matches!(none, Err(CoreError::NoCores)), "{none:?}");
    let nested = run(async { run_on(1, async |_| ()) }).unwrap();
    assert!(
        matches!(nested, Err(CoreError::Run(RunError::Nested))),
        "{nested:?}"
    );
}
