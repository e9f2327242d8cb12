//! The example with the planted bug: right without it, found out with it.

use entracte_sim::Cause;

#[expect(dead_code, reason = "its `main` is for people")]
#[path = "../../../examples/replicated_counter.rs"]
mod replicated_counter;

#[test]
fn the_replicated_counter_never_goes_back() {
    let failure = replicated_counter::search(300, false);
    assert!(failure.is_none(), "{failure:?}");
}

#[test]
fn a_counter_that_does_not_look_who_answers_is_found_out() {
    let failure = replicated_counter::search(300, true).expect("some seed shows it");
    let Cause::Panicked(text) = failure.cause() else {
        panic!("{failure}");
    };
    assert!(text.starts_with("the counter went back"), "{text}");
}
