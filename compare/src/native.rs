//! The compiler's own coroutines. A file apart: its syntax is an error where they cannot be had.

use std::cell::Cell;
use std::hint::black_box;
use std::ops::{Coroutine, CoroutineState};
use std::pin::{Pin, pin};

use crate::workloads::{grep, min, switch};

/// Behind one pointer, its type erased.
pub type Boxed<Input, Yield> = Pin<Box<dyn Coroutine<Input, Yield = Yield, Return = ()>>>;

/// A pinned coroutine with nothing to send as an iterator.
pub struct Iter<P>(pub P);

impl<P, Yield> Iterator for Iter<Pin<P>>
where
    P: std::ops::DerefMut<Target: Coroutine<(), Yield = Yield, Return = ()>>,
{
    type Item = Yield;

    #[inline]
    fn next(&mut self) -> Option<Yield> {
        next(self.0.as_mut())
    }
}

#[inline]
pub fn next<C, Yield>(coroutine: Pin<&mut C>) -> Option<Yield>
where
    C: Coroutine<(), Yield = Yield, Return = ()> + ?Sized,
{
    match coroutine.resume(()) {
        CoroutineState::Yielded(value) => Some(value),
        CoroutineState::Complete(()) => None,
    }
}

fn send<C: Coroutine<i64, Yield = i64, Return = ()> + ?Sized>(to: Pin<&mut C>, value: i64) -> i64 {
    match to.resume(value) {
        CoroutineState::Yielded(least) => least,
        CoroutineState::Complete(()) => unreachable!("the body loops for ever"),
    }
}

#[inline]
pub fn range(n: u64) -> impl Coroutine<(), Yield = u64, Return = ()> {
    #[coroutine]
    static move || {
        let mut i = 0;
        while i < n {
            yield i;
            i += 1;
        }
    }
}

#[inline(never)]
pub fn boxed_range(n: u64) -> Boxed<(), u64> {
    Box::pin(range(n))
}

fn minimum() -> impl Coroutine<i64, Yield = i64, Return = ()> {
    #[coroutine]
    static |mut value: i64| {
        let mut least = i64::MAX;
        loop {
            least = least.min(value);
            value = yield least;
        }
    }
}

pub fn min_stack(n: u64) -> u64 {
    let mut minimum = pin!(minimum());
    min::drive(n, |value| send(minimum.as_mut(), value))
}

pub fn min_boxed(n: u64) -> u64 {
    #[inline(never)]
    fn boxed() -> Boxed<i64, i64> {
        Box::pin(minimum())
    }
    let mut minimum = black_box(boxed());
    min::drive(n, |value| send(minimum.as_mut(), value))
}

pub fn switch(n: u64) -> u64 {
    #[inline(never)]
    fn ticker() -> Boxed<(), ()> {
        Box::pin(
            #[coroutine]
            static || {
                let mut ticks = 0;
                loop {
                    yield;
                    switch::tick(&mut ticks);
                }
            },
        )
    }
    switch::take_turns(n, [ticker(), ticker()], |one| next(one.as_mut()).is_some())
}

#[inline(never)]
pub fn counter(mut from: u64) -> Boxed<(), u64> {
    Box::pin(
        #[coroutine]
        static move || {
            loop {
                yield from;
                from += 1;
            }
        },
    )
}

pub fn chain(depth: u32) -> Boxed<(), u64> {
    Box::pin(
        #[coroutine]
        static move || {
            if depth > 0 {
                let mut inner = chain(depth - 1);
                while let Some(item) = next(inner.as_mut()) {
                    yield item;
                }
                return;
            }
            let mut i = 0;
            loop {
                yield i;
                i += 1;
            }
        },
    )
}

pub fn grep(text: &'static [u8]) -> u64 {
    let total = Cell::new(0);
    let mut sink = pin!(
        #[coroutine]
        static |mut line: &'static [u8]| {
            loop {
                total.set(total.get() + line.len() as u64);
                line = yield;
            }
        }
    );
    let mut filter = pin!(
        #[coroutine]
        static |mut line: &'static [u8]| {
            let finder = grep::finder();
            loop {
                if finder.find(line).is_some() {
                    let CoroutineState::Yielded(()) = sink.as_mut().resume(line);
                }
                line = yield;
            }
        }
    );
    for line in grep::lines(text) {
        let CoroutineState::Yielded(()) = filter.as_mut().resume(line);
    }
    total.get()
}
