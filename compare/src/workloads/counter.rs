//! An endless counter in every contender's form, which `create` and `live-1m` have in common.

use std::pin::Pin;

struct Counter {
    next: u64,
}

impl Iterator for Counter {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.next += 1;
        Some(self.next - 1)
    }
}

#[inline(never)]
pub fn hand_written(from: u64) -> Box<dyn Iterator<Item = u64>> {
    Box::new(Counter { next: from })
}

#[inline(never)]
pub fn genawaiter(from: u64) -> genawaiter::rc::Gen<u64, (), impl Future<Output = ()>> {
    genawaiter::rc::Gen::new(move |co| async move {
        let mut i = from;
        loop {
            co.yield_(i).await;
            i += 1;
        }
    })
}

pub type NextGen = Pin<Box<dyn next_gen::generator::Generator<(), Yield = u64, Return = ()>>>;

#[inline(never)]
pub fn next_gen(from: u64) -> NextGen {
    use next_gen::prelude::*;
    #[generator(yield(u64))]
    fn count(from: u64) {
        let mut i = from;
        loop {
            yield_!(i);
            i += 1;
        }
    }
    mk_gen!(let counter = box count(from));
    counter
}

#[inline(never)]
pub fn remit(from: u64) -> impl Iterator<Item = u64> {
    remit::Generator::boxed(move |remit| async move {
        let mut i = from;
        loop {
            remit.value(i).await;
            i += 1;
        }
    })
}

#[inline(never)]
pub fn fauxgen(from: u64) -> Pin<Box<impl fauxgen::Generator<Yield = u64, Return = ()>>> {
    #[fauxgen::generator(yield = u64)]
    fn count(from: u64) {
        let mut i = from;
        loop {
            r#yield!(i);
            i += 1;
        }
    }
    Box::pin(count(from))
}

/// The body of a corosensei counter.
pub fn corosensei(yielder: &corosensei::Yielder<(), u64>, from: u64) {
    let mut i = from;
    loop {
        yielder.suspend(i);
        i += 1;
    }
}

#[inline(never)]
pub fn generator(from: u64) -> generator::Generator<'static, (), u64> {
    generator::Gn::<()>::new_scoped(move |mut scope| {
        let mut i = from;
        loop {
            scope.yield_(i);
            i += 1;
        }
    })
}
