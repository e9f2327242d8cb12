//! The workloads by name, and what several of them need.

mod counter;
mod create;
mod delegate;
pub mod grep;
pub mod live;
pub mod min;
pub mod sum;
pub mod switch;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::harness::{Settings, Workload, once};

type Make = fn(Settings) -> Workload;

/// Every workload of the group `coroutine`, in the order in which they are printed.
pub const ALL: [(&str, Make); 11] = [
    ("sum-stack", sum::stack),
    ("min-stack", min::stack),
    ("sum-boxed", sum::boxed),
    ("min-boxed", min::boxed),
    ("switch", switch::switch),
    ("create", create::create),
    ("live-1m", live::live_1m),
    ("delegate-1", delegate::depth_1),
    ("delegate-10", delegate::depth_10),
    ("delegate-100", delegate::depth_100),
    ("grep-line", grep::grep_line),
];

/// The workload called `name`.
pub fn find(name: &str) -> Result<Make, String> {
    let found = ALL.iter().find(|(known, _)| *known == name);
    found.map(|(_, make)| *make).ok_or_else(|| {
        let names = ALL.map(|(known, _)| known).join(", ");
        format!("there is no workload `{name}`; there is: {names}")
    })
}

/// Runs `items` items of one contender and nothing else.
pub fn count(workload: &str, contender: &str, items: u64) -> Result<u64, String> {
    let make = find(workload)?;
    if workload == "live-1m" {
        return Err("live-1m cannot be counted: it is about memory, not instructions".to_owned());
    }
    once(
        make(Settings {
            rounds: 1,
            quick: true,
            count: true,
        }),
        contender,
        items,
    )
}

/// Adds up what an iterator yields.
fn sum(items: impl Iterator<Item = u64>) -> u64 {
    let mut total = 0u64;
    for item in items {
        total = total.wrapping_add(item);
    }
    total
}

/// Drives a future that never has to wait to its end.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing in these workloads waits"),
    }
}
