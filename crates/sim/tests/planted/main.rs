//! Bugs planted in copies of `Queue`, `Lock` and `Condition`, found by trying every schedule.
//!
//! Each copy is right until a bug is planted in it. The same programs run on the copy as it is, on
//! the copy with each bug, and on the real thing. In the usual order almost no bug shows.

mod condition;
mod line;
mod lock;
mod queue;

use entracte_sim::explore::{self, Explored, Found};

/// How many reorderings are tried.
const BOUND: usize = 2;

/// Tries every schedule of a program that is right.
#[track_caller]
fn holds(program: impl AsyncFn()) -> Explored {
    let explored = explore::depth_first(BOUND, program).expect("it is right");
    assert!(explored.is_complete);
    assert!(
        explored.schedules >= 10,
        "there was nothing to explore: {explored:?}"
    );
    println!("{} schedules", explored.schedules);
    explored
}

/// Tries schedules of a program that is wrong until one shows it; what it says must contain this.
#[track_caller]
fn breaks(says: &str, program: impl AsyncFn()) -> Found {
    let found = explore::depth_first(BOUND, &program).expect_err("no schedule shows the bug");
    println!("{found}");
    assert!(found.to_string().contains(says), "{found}");
    assert!(
        !found.schedule.is_empty(),
        "the usual order shows it: {found}"
    );
    let again = explore::replay(&found.schedule, &program).expect_err("the replay shows it too");
    assert!(again.to_string().contains(says), "{again}");
    assert!(again.trace().is_some());
    found
}
