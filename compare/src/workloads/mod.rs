//! The workloads by name, and what several of them need.

mod counter;
mod create;
mod delegate;
pub mod event_loop;
pub mod grep;
pub mod live;
pub mod min;
pub mod net;
pub mod sum;
pub mod switch;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::harness::{Settings, Workload, once};

type Make = fn(Settings) -> Workload;

/// Workloads that are printed together.
#[derive(Clone, Copy)]
pub struct Group {
    pub name: &'static str,
    /// In the order in which they are printed.
    pub workloads: &'static [(&'static str, Make)],
}

/// The groups by name.
pub static GROUPS: [Group; 3] = [
    Group {
        name: "coroutine",
        workloads: &COROUTINE,
    },
    Group {
        name: "loop",
        workloads: &event_loop::ALL,
    },
    Group {
        name: "net",
        workloads: &net::ALL,
    },
];

const COROUTINE: [(&str, Make); 11] = [
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

impl Group {
    /// The workload called `name`.
    pub fn find(&self, name: &str) -> Option<Make> {
        let found = self.workloads.iter().find(|(known, _)| *known == name);
        found.map(|(_, make)| *make)
    }

    /// The names of the workloads, for a message.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.workloads.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }
}

/// Runs `items` items of one contender and nothing else.
pub fn count(workload: &str, contender: &str, items: u64) -> Result<u64, String> {
    let printed = GROUPS.iter().flat_map(|group| group.workloads);
    let known = printed.chain(&event_loop::COUNTED);
    let Some((_, make)) = known.clone().find(|(name, _)| *name == workload) else {
        let names: Vec<&str> = known.map(|(name, _)| *name).collect();
        let names = names.join(", ");
        return Err(format!(
            "there is no workload `{workload}`; there is: {names}"
        ));
    };
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
