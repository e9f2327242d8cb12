//! `min-stack` and `min-boxed`: a running minimum; every number is sent in, every minimum comes out.

use std::hint::black_box;
use std::sync::LazyLock;

use crate::harness::{HAND_WRITTEN, NATIVE, Settings, Workload};
use crate::ours;

const ITEMS: u64 = 10_000_000;

pub fn stack(settings: Settings) -> Workload {
    let about = "running minimum by send, coroutine on the stack";
    let mut workload = Workload::new("min-stack", about, settings.items(ITEMS), HAND_WRITTEN);
    workload.add("hand-written", |n| {
        let mut minimum = Minimum { least: i64::MAX };
        drive(n, |value| minimum.send(value))
    });
    #[cfg(native)]
    workload.add("native", crate::native::min_stack);
    workload.add("entracte", ours::min_stack);
    workload.add("genawaiter", on_stack::genawaiter);
    workload.add("next-gen", on_stack::next_gen);
    workload.add("fauxgen", on_stack::fauxgen);
    workload.add("corosensei", in_box::corosensei);
    workload.note("a stack of its own");
    workload.add_share("generator", 4, in_box::generator);
    workload.note("a stack of its own");
    workload.add_python(settings, 10);
    workload
}

pub fn boxed(settings: Settings) -> Workload {
    let about = "running minimum by send, coroutine behind one pointer";
    let mut workload = Workload::new("min-boxed", about, settings.items(ITEMS), NATIVE);
    workload.add("hand-written", |n| {
        let mut minimum = black_box(in_box::hand_written());
        drive(n, |value| minimum.send(value))
    });
    #[cfg(native)]
    workload.add("native", crate::native::min_boxed);
    workload.add("entracte", ours::boxed::min);
    workload.add("entracte send", ours::send::min);
    workload.add("entracte shared", ours::shared::min);
    workload.add("entracte async", ours::async_::min);
    workload.add("genawaiter", in_box::genawaiter);
    workload.add("next-gen", in_box::next_gen);
    workload.add("fauxgen", in_box::fauxgen);
    workload.add("corosensei", in_box::corosensei);
    workload.add_share("generator", 4, in_box::generator);
    workload.add_python(settings, 10);
    workload
}

/// Sends `n` numbers, each below most of those before, and adds up the minima.
#[inline]
pub fn drive(n: u64, mut send: impl FnMut(i64) -> i64) -> u64 {
    let random = &*RANDOM;
    let mut total = 0i64;
    for i in 0..n {
        let value = random[(i & 1023) as usize] - i as i64;
        total = total.wrapping_add(send(value));
    }
    total as u64
}

/// Thirty bits each, so that CPython need not compute with long integers.
static RANDOM: LazyLock<[i64; 1024]> = LazyLock::new(|| {
    let mut state = 88_172_645_463_325_252_u64;
    std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 34) as i64
    })
});

struct Minimum {
    least: i64,
}

trait Send {
    fn send(&mut self, value: i64) -> i64;
}

impl Send for Minimum {
    #[inline]
    fn send(&mut self, value: i64) -> i64 {
        self.least = self.least.min(value);
        self.least
    }
}

#[next_gen::generator(yield(i64), resume(i64))]
fn next_gen_minimum() {
    let mut least = i64::MAX;
    loop {
        let value = yield_!(least);
        least = least.min(value);
    }
}

mod on_stack {
    use super::{drive, next_gen_minimum};
    use std::pin::pin;

    pub(super) fn genawaiter(n: u64) -> u64 {
        use genawaiter::{GeneratorState, stack::Co};
        async fn minimum(co: Co<'_, i64, i64>) {
            let mut least = i64::MAX;
            loop {
                let value = co.yield_(least).await;
                least = least.min(value);
            }
        }
        genawaiter::stack::let_gen_using!(minimum, minimum);
        minimum.resume_with(0);
        drive(n, |value| match minimum.resume_with(value) {
            GeneratorState::Yielded(least) => least,
            GeneratorState::Complete(()) => unreachable!("the body loops for ever"),
        })
    }

    pub(super) fn next_gen(n: u64) -> u64 {
        use next_gen::prelude::*;
        mk_gen!(let mut minimum = next_gen_minimum());
        minimum.as_mut().resume(0);
        drive(n, |value| match minimum.as_mut().resume(value) {
            GeneratorState::Yielded(least) => least,
            GeneratorState::Returned(()) => unreachable!("the body loops for ever"),
        })
    }

    pub(super) fn fauxgen(n: u64) -> u64 {
        use fauxgen::{Generator as _, GeneratorState, GeneratorToken};
        let mut minimum = pin!(fauxgen::r#gen!(|token: GeneratorToken<i64, i64>| {
            let mut least = i64::MAX;
            loop {
                let value = token.yield_(least).await;
                least = least.min(value);
            }
        }));
        minimum.as_mut().resume(0);
        drive(n, |value| match minimum.as_mut().resume(value) {
            GeneratorState::Yielded(least) => least,
            GeneratorState::Complete(()) => unreachable!("the body loops for ever"),
        })
    }
}

mod in_box {
    use super::{Minimum, Send, drive, next_gen_minimum};
    use std::hint::black_box;
    use std::pin::Pin;

    #[inline(never)]
    pub(super) fn hand_written() -> Box<dyn Send> {
        Box::new(Minimum { least: i64::MAX })
    }

    pub(super) fn genawaiter(n: u64) -> u64 {
        use genawaiter::{Coroutine, GeneratorState, rc};
        type Boxed = Pin<Box<dyn Coroutine<Yield = i64, Resume = i64, Return = ()>>>;
        async fn body(co: rc::Co<i64, i64>) {
            let mut least = i64::MAX;
            loop {
                let value = co.yield_(least).await;
                least = least.min(value);
            }
        }
        #[inline(never)]
        fn minimum() -> Boxed {
            Box::pin(rc::Gen::new(body))
        }
        let mut minimum = black_box(minimum());
        minimum.as_mut().resume_with(0);
        drive(n, |value| match minimum.as_mut().resume_with(value) {
            GeneratorState::Yielded(least) => least,
            GeneratorState::Complete(()) => unreachable!("the body loops for ever"),
        })
    }

    pub(super) fn next_gen(n: u64) -> u64 {
        use next_gen::prelude::*;
        #[inline(never)]
        fn minimum() -> Pin<Box<dyn Generator<i64, Yield = i64, Return = ()>>> {
            mk_gen!(let minimum = box next_gen_minimum());
            minimum
        }
        let mut minimum = black_box(minimum());
        minimum.as_mut().resume(0);
        drive(n, |value| match minimum.as_mut().resume(value) {
            GeneratorState::Yielded(least) => least,
            GeneratorState::Returned(()) => unreachable!("the body loops for ever"),
        })
    }

    pub(super) fn fauxgen(n: u64) -> u64 {
        use fauxgen::{Generator, GeneratorState, GeneratorToken};
        #[inline(never)]
        fn minimum() -> Pin<Box<dyn Generator<i64, Yield = i64, Return = ()>>> {
            Box::pin(fauxgen::r#gen!(|token: GeneratorToken<i64, i64>| {
                let mut least = i64::MAX;
                loop {
                    let value = token.yield_(least).await;
                    least = least.min(value);
                }
            }))
        }
        let mut minimum = black_box(minimum());
        minimum.as_mut().resume(0);
        drive(n, |value| match minimum.as_mut().resume(value) {
            GeneratorState::Yielded(least) => least,
            GeneratorState::Complete(()) => unreachable!("the body loops for ever"),
        })
    }

    pub(super) fn corosensei(n: u64) -> u64 {
        use corosensei::{Coroutine, CoroutineResult, Yielder};
        let mut minimum = Coroutine::<i64, i64, ()>::new(|yielder: &Yielder<i64, i64>, _| {
            let mut least = i64::MAX;
            loop {
                let value = yielder.suspend(least);
                least = least.min(value);
            }
        });
        minimum.resume(0);
        drive(n, |value| match minimum.resume(value) {
            CoroutineResult::Yield(least) => least,
            CoroutineResult::Return(()) => unreachable!("the body loops for ever"),
        })
    }

    pub(super) fn generator(n: u64) -> u64 {
        let mut minimum = generator::Gn::<i64>::new_scoped(|mut scope| {
            let mut least = i64::MAX;
            while let Some(value) = scope.yield_(least) {
                least = least.min(value);
            }
            generator::done!()
        });
        minimum.raw_send(None);
        drive(n, |value| minimum.send(value))
    }
}
