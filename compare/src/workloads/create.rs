//! `create`: make a coroutine, take its first value, drop it.

use std::hint::black_box;

use super::counter;
use crate::harness::{NATIVE, Settings, Workload};
use crate::ours;

/// How much slower a coroutine is that maps a stack into memory.
const STACK: u64 = 100;

pub fn create(settings: Settings) -> Workload {
    let about = "create, first next, drop";
    let mut workload = Workload::new("create", about, settings.items(2_000_000), NATIVE);
    workload.add("hand-written", |n| {
        create_each(n, counter::hand_written, Iterator::next)
    });
    #[cfg(native)]
    workload.add("native", |n| {
        create_each(n, crate::native::counter, |one| {
            crate::native::next(one.as_mut())
        })
    });
    workload.add("entracte", |n| {
        create_each(n, ours::boxed::counter, ours::boxed::next)
    });
    workload.add("entracte send", |n| {
        create_each(n, ours::send::counter, ours::send::next)
    });
    workload.add("entracte shared", |n| {
        create_each(n, ours::shared::counter, ours::shared::next)
    });
    workload.add("entracte async", |n| {
        create_each(n, ours::async_::counter, ours::async_::next)
    });
    workload.add("genawaiter", |n| {
        create_each(n, counter::genawaiter, |one| match one.resume() {
            genawaiter::GeneratorState::Yielded(number) => Some(number),
            genawaiter::GeneratorState::Complete(()) => None,
        })
    });
    workload.add("next-gen", |n| {
        create_each(n, counter::next_gen, Iterator::next)
    });
    workload.add("remit", |n| create_each(n, counter::remit, Iterator::next));
    workload.add("fauxgen", |n| {
        use fauxgen::Generator as _;
        create_each(n, counter::fauxgen, |one| match one.as_mut().resume(()) {
            fauxgen::GeneratorState::Yielded(number) => Some(number),
            fauxgen::GeneratorState::Complete(()) => None,
        })
    });
    workload.add_share("corosensei", STACK, corosensei);
    workload.note("a new stack each; dropping unwinds it");
    workload.add("corosensei pooled", corosensei_pooled);
    workload
        .note("one stack for all; the body returns on a second resume instead of being dropped");
    workload.add_share("generator", STACK, |n| {
        create_each(n, counter::generator, generator::Generator::resume)
    });
    workload.note("a new stack each; dropping unwinds it");
    workload.add_python(settings, 10);
    workload
}

/// Makes `n` coroutines one after the other and adds up their first values.
#[inline]
pub fn create_each<C>(
    n: u64,
    make: impl Fn(u64) -> C,
    mut next: impl FnMut(&mut C) -> Option<u64>,
) -> u64 {
    let mut total = 0u64;
    for i in 0..n {
        let mut one = black_box(make(i));
        total = total.wrapping_add(next(&mut one).expect("a counter never ends"));
    }
    total
}

fn corosensei(n: u64) -> u64 {
    use corosensei::{Coroutine, Yielder};
    let make = |from| {
        Coroutine::new(move |yielder: &Yielder<(), u64>, ()| counter::corosensei(yielder, from))
    };
    create_each(n, make, |one| one.resume(()).as_yield())
}

fn corosensei_pooled(n: u64) -> u64 {
    use corosensei::{Coroutine, Yielder, stack::DefaultStack};
    let mut stack = DefaultStack::default();
    let mut total = 0u64;
    for i in 0..n {
        let mut one = black_box(Coroutine::with_stack(
            stack,
            move |yielder: &Yielder<(), u64>, ()| {
                yielder.suspend(i);
            },
        ));
        total = total.wrapping_add(one.resume(()).as_yield().expect("the body yields once"));
        one.resume(());
        stack = one.into_stack();
    }
    total
}
