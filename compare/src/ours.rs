//! entracte in each of its forms: the same bodies on the stack, boxed, `Send`, shared and async.

use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use entracte_coroutine::{Co, Coroutine, StackCoroutine};

use crate::workloads::{grep, min, sum, switch};

type Line = &'static [u8];

// The bodies are macros because each form wants a closure of its own.

macro_rules! range {
    ($n:ident) => {
        async move |mut co: Co<'_, u64, ()>| {
            let mut i = 0;
            while i < $n {
                co.yield_(i).await;
                i += 1;
            }
        }
    };
}

macro_rules! minimum {
    () => {
        async |mut co: Co<'_, i64, i64>| {
            let mut least = i64::MAX;
            loop {
                let value = co.yield_(least).await;
                least = least.min(value);
            }
        }
    };
}

macro_rules! counter {
    ($from:ident) => {
        async move |mut co: Co<'_, u64, ()>| {
            loop {
                co.yield_($from).await;
                $from += 1;
            }
        }
    };
}

macro_rules! ticker {
    () => {
        async |mut co: Co<'_, (), ()>| {
            let mut ticks = 0;
            loop {
                co.yield_(()).await;
                switch::tick(&mut ticks);
            }
        }
    };
}

macro_rules! chain {
    ($depth:ident) => {
        async move |mut co: Co<'_, u64, ()>| {
            if $depth > 0 {
                return co.yield_from(chain($depth - 1)).await;
            }
            let mut i = 0;
            loop {
                co.yield_(i).await;
                i += 1;
            }
        }
    };
}

/// A room with the coroutines of all workloads in one form: how its handle is called and made, and
/// how the answer of a verb is had.
macro_rules! form {
    (
        $form:ident: $Handle:ident, make $make:path $(, then $method:ident)?;
        outside $outside:path; inside [$($inside:tt)*]
    ) => {
        pub mod $form {
            use entracte_coroutine::{$Handle, Co};

            use super::{Line, Total, black_box, grep, min, switch};

            #[inline(never)]
            pub fn range(n: u64) -> $Handle<'static, u64, (), ()> {
                $make(range!(n))$(.$method())?
            }

            #[inline(never)]
            pub fn minimum() -> $Handle<'static, i64, i64, ()> {
                $make(minimum!())$(.$method())?
            }

            #[inline(never)]
            pub fn counter(mut from: u64) -> $Handle<'static, u64, (), ()> {
                $make(counter!(from))$(.$method())?
            }

            #[inline(never)]
            fn ticker() -> $Handle<'static, (), (), ()> {
                $make(ticker!())$(.$method())?
            }

            pub fn chain(depth: u32) -> $Handle<'static, u64, (), ()> {
                $make(chain!(depth))$(.$method())?
            }

            #[inline]
            pub fn next<Yield>(co: &mut $Handle<'static, Yield, (), ()>) -> Option<Yield> {
                // By its path: `co.next()` would be the iterator's where the verb takes `&self`.
                $outside(<$Handle<'static, Yield, (), ()>>::next(co)).ok()
            }

            pub fn min(n: u64) -> u64 {
                #[allow(unused_mut, reason = "the verbs of a shared handle need no `mut`")]
                let mut co = black_box(minimum());
                $outside(co.next()).expect("the body loops for ever");
                min::drive(n, |value| match $outside(co.send(value)) {
                    Ok(least) => least,
                    Err(_) => unreachable!("the body loops for ever"),
                })
            }

            pub fn switch(n: u64) -> u64 {
                switch::take_turns(n, [ticker(), ticker()], |one| next(one).is_some())
            }

            #[allow(unused_mut, reason = "the verbs of a shared handle need no `mut`")]
            pub fn grep(text: Line) -> u64 {
                let total = Total::default();
                let mut sink: $Handle<'_, (), Line, ()> =
                    $make(async |mut co: Co<'_, (), Line>| loop {
                        let line = co.yield_(()).await;
                        total.add(line);
                    })$(.$method())?;
                $outside(sink.next()).expect("the sink loops for ever");
                let mut filter: $Handle<'_, (), Line, ()> =
                    $make(async move |mut co: Co<'_, (), Line>| {
                        let finder = grep::finder();
                        loop {
                            let line = co.yield_(()).await;
                            if finder.find(line).is_some() {
                                sink.send(line)$($inside)*.expect("the sink loops for ever");
                            }
                        }
                    })$(.$method())?;
                $outside(filter.next()).expect("the filter loops for ever");
                for line in grep::lines(text) {
                    $outside(filter.send(line)).expect("the filter loops for ever");
                }
                drop(filter);
                total.0.into_inner()
            }
        }
    };
}

form!(
    boxed: Coroutine, make Coroutine::new;
    outside super::at_once; inside []
);
form!(
    send: SendCoroutine, make SendCoroutine::new_send;
    outside super::at_once; inside []
);
form!(
    shared: SharedCoroutine, make entracte_coroutine::Coroutine::new, then shared;
    outside super::at_once; inside []
);
form!(
    async_: AsyncCoroutine, make AsyncCoroutine::new;
    outside crate::workloads::ready; inside [.await]
);

/// A synchronous verb answers at once.
fn at_once<T>(answer: T) -> T {
    answer
}

/// The length of the lines that a sink received. Atomic, so that the sink may be `Send`.
#[derive(Default)]
struct Total(AtomicU64);

impl Total {
    fn add(&self, line: Line) {
        self.0
            .store(self.0.load(Relaxed) + line.len() as u64, Relaxed);
    }
}

/// An iterator over the values of a form that is none itself.
pub fn iter<C>(mut co: C, next: impl Fn(&mut C) -> Option<u64>) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || next(&mut co))
}

pub fn sum_stack(n: u64) -> u64 {
    sum::opaque_sum(pin!(StackCoroutine::new(range!(n))))
}

pub fn min_stack(n: u64) -> u64 {
    let mut co = pin!(StackCoroutine::<_, _, (), _>::new(minimum!()));
    co.as_mut().next().expect("the body loops for ever");
    min::drive(n, |value| match co.as_mut().send(value) {
        Ok(least) => least,
        Err(_) => unreachable!("the body loops for ever"),
    })
}

/// The pipeline of `grep-line` pulled from its end instead of pushed from its start.
pub fn grep_pull(text: Line) -> u64 {
    let source = Coroutine::new(async |mut co| {
        for line in grep::lines(text) {
            co.yield_(line).await;
        }
    });
    let found = Coroutine::new(async move |mut co| {
        let finder = grep::finder();
        for line in source {
            if finder.find(line).is_some() {
                co.yield_(line).await;
            }
        }
    });
    found.map(|line| line.len() as u64).sum()
}
