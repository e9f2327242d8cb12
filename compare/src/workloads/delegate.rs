//! `delegate-1`, `-10` and `-100`: what an item costs when it passes through so many delegations.

use std::hint::black_box;
use std::pin::Pin;

use crate::harness::{NATIVE, Settings, Workload};
use crate::ours;

const ITEMS: u64 = 2_000_000;

pub fn depth_1(settings: Settings) -> Workload {
    delegate(settings, "delegate-1", 1)
}

pub fn depth_10(settings: Settings) -> Workload {
    delegate(settings, "delegate-10", 10)
}

pub fn depth_100(settings: Settings) -> Workload {
    delegate(settings, "delegate-100", 100)
}

fn delegate(settings: Settings, name: &'static str, depth: u32) -> Workload {
    // Those who pay for the depth take fewer items when it is great.
    let share = (u64::from(depth) / 10).max(1);
    let about = format!("per item, delegated to a depth of {depth}");
    let mut workload = Workload::new(name, about, settings.items(ITEMS), NATIVE);
    workload.add_share("hand-written", share, move |n| take(n, hand_written(depth)));
    #[cfg(native)]
    workload.add_share("native", share, move |n| {
        take(n, crate::native::Iter(crate::native::chain(depth)))
    });
    workload.add("entracte", move |n| take(n, ours::boxed::chain(depth)));
    workload.add("entracte send", move |n| take(n, ours::send::chain(depth)));
    workload.add("entracte shared", move |n| {
        take(
            n,
            ours::iter(ours::shared::chain(depth), ours::shared::next),
        )
    });
    workload.add("entracte async", move |n| {
        take(
            n,
            ours::iter(ours::async_::chain(depth), ours::async_::next),
        )
    });
    workload.add_share("genawaiter", share, move |n| genawaiter(n, depth));
    workload.note("the handle is passed down through boxed futures");
    workload.add_share("next-gen", share, move |n| take(n, next_gen(depth)));
    workload.note("delegates by a loop");
    workload.add_share("remit", share, move |n| take(n, remit(depth)));
    workload.note("delegates by a loop");
    workload.add_share("fauxgen", share, move |n| take(n, fauxgen(depth)));
    workload.note("delegates by a loop");
    workload.add("corosensei", move |n| corosensei(n, depth));
    workload.note("calls on a stack of its own");
    workload.add_share("generator", 4, move |n| generator(n, depth));
    workload.note("calls on a stack of its own");
    workload.add_python(settings, 5 * share);
    workload
}

/// Adds up the first `n` items of an endless chain.
#[inline]
pub fn take(n: u64, mut chain: impl Iterator<Item = u64>) -> u64 {
    let mut total = 0u64;
    for _ in 0..n {
        total = total.wrapping_add(chain.next().expect("the innermost body loops for ever"));
    }
    total
}

fn hand_written(depth: u32) -> Box<dyn Iterator<Item = u64>> {
    struct Innermost(u64);
    impl Iterator for Innermost {
        type Item = u64;
        fn next(&mut self) -> Option<u64> {
            self.0 += 1;
            Some(self.0 - 1)
        }
    }
    struct Outer(Box<dyn Iterator<Item = u64>>);
    impl Iterator for Outer {
        type Item = u64;
        fn next(&mut self) -> Option<u64> {
            self.0.next()
        }
    }
    if depth == 0 {
        Box::new(Innermost(0))
    } else {
        Box::new(Outer(hand_written(depth - 1)))
    }
}

fn genawaiter(n: u64, depth: u32) -> u64 {
    use genawaiter::rc::{Co, Gen};
    fn chain(co: Co<u64>, depth: u32) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            if depth > 0 {
                return chain(co, depth - 1).await;
            }
            let mut i = 0;
            loop {
                co.yield_(i).await;
                i += 1;
            }
        })
    }
    take(n, Gen::new(|co| chain(co, depth)).into_iter())
}

type NextGen = Pin<Box<dyn next_gen::generator::Generator<(), Yield = u64, Return = ()>>>;

fn next_gen(depth: u32) -> NextGen {
    use next_gen::prelude::*;
    #[generator(yield(u64))]
    fn chain(depth: u32) {
        if depth > 0 {
            for item in next_gen(depth - 1) {
                yield_!(item);
            }
        }
        let mut i = 0;
        loop {
            yield_!(i);
            i += 1;
        }
    }
    mk_gen!(let chain = box chain(depth));
    chain
}

fn remit(depth: u32) -> Box<dyn Iterator<Item = u64>> {
    Box::new(remit::Generator::boxed(move |remit| async move {
        if depth > 0 {
            for item in self::remit(depth - 1) {
                remit.value(item).await;
            }
        }
        let mut i = 0;
        loop {
            remit.value(i).await;
            i += 1;
        }
    }))
}

fn fauxgen(depth: u32) -> Box<dyn Iterator<Item = u64>> {
    #[fauxgen::generator(yield = u64)]
    fn chain(depth: u32) {
        if depth > 0 {
            for item in fauxgen(depth - 1) {
                r#yield!(item);
            }
        }
        let mut i = 0;
        loop {
            r#yield!(i);
            i += 1;
        }
    }
    Box::new(Box::pin(chain(depth)))
}

fn corosensei(n: u64, depth: u32) -> u64 {
    use corosensei::{Coroutine, Yielder};
    fn chain(yielder: &Yielder<(), u64>, depth: u32) {
        if depth > 0 {
            chain(black_box(yielder), depth - 1);
            // Something to do after the call, or it would be a jump and the depth would be gone.
            black_box(depth);
            return;
        }
        let mut i = 0;
        loop {
            yielder.suspend(i);
            i += 1;
        }
    }
    let body = move |yielder: &Yielder<(), u64>, ()| chain(yielder, depth);
    let mut coroutine = Coroutine::new(body);
    take(
        n,
        std::iter::from_fn(move || coroutine.resume(()).as_yield()),
    )
}

fn generator(n: u64, depth: u32) -> u64 {
    use generator::{Gn, Scope};
    fn chain(scope: &mut Scope<'_, 'static, (), u64>, depth: u32) {
        if depth > 0 {
            chain(black_box(scope), depth - 1);
            black_box(depth);
            return;
        }
        let mut i = 0;
        loop {
            scope.yield_(i);
            i += 1;
        }
    }
    take(
        n,
        Gn::<()>::new_scoped(move |mut scope| {
            chain(&mut scope, depth);
            generator::done!()
        }),
    )
}
