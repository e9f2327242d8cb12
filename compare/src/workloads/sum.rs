//! `sum-stack` and `sum-boxed`: the sum of ten million yielded numbers.

use std::hint::black_box;
#[cfg(native)]
use std::pin::pin;

use super::sum;
use crate::harness::{HAND_WRITTEN, NATIVE, Settings, Workload};
use crate::ours;

const ITEMS: u64 = 10_000_000;

/// Everything is visible to the optimizer but the consumer, without which the loop folds away.
pub fn stack(settings: Settings) -> Workload {
    let about = "sum of yielded numbers, coroutine on the stack, opaque consumer";
    let mut workload = Workload::new("sum-stack", about, settings.items(ITEMS), HAND_WRITTEN);
    workload.add("hand-written", |n| opaque_sum(Range { at: 0, end: n }));
    #[cfg(native)]
    workload.add("native", |n| {
        opaque_sum(crate::native::Iter(pin!(crate::native::range(n))))
    });
    workload.add("entracte", ours::sum_stack);
    workload.add("genawaiter", on_stack::genawaiter);
    workload.add("next-gen", on_stack::next_gen);
    workload.add("remit", on_stack::remit);
    workload.add("fauxgen", on_stack::fauxgen);
    workload.add("corosensei", |n| opaque_sum(in_box::corosensei(n)));
    workload.note("a stack of its own");
    workload.add_share("generator", 4, |n| opaque_sum(in_box::generator(n)));
    workload.note("a stack of its own");
    workload.add_python(settings, 10);
    workload
}

/// The coroutine is made in another function, behind one pointer: one indirect call an item.
pub fn boxed(settings: Settings) -> Workload {
    let about = "sum of yielded numbers, coroutine behind one pointer";
    let mut workload = Workload::new("sum-boxed", about, settings.items(ITEMS), NATIVE);
    workload.add("hand-written", |n| boxed_sum(in_box::hand_written(n)));
    #[cfg(native)]
    workload.add("native", |n| {
        boxed_sum(crate::native::Iter(crate::native::boxed_range(n)))
    });
    workload.add("entracte", |n| boxed_sum(ours::boxed::range(n)));
    workload.add("entracte send", |n| boxed_sum(ours::send::range(n)));
    workload.add("entracte shared", |n| {
        boxed_sum(ours::iter(ours::shared::range(n), ours::shared::next))
    });
    workload.add("entracte async", |n| {
        boxed_sum(ours::iter(ours::async_::range(n), ours::async_::next))
    });
    workload.add("genawaiter", |n| boxed_sum(in_box::genawaiter(n)));
    workload.add("next-gen", |n| boxed_sum(in_box::next_gen(n)));
    workload.add("remit", |n| boxed_sum(in_box::remit(n)));
    workload.add("fauxgen", |n| boxed_sum(in_box::fauxgen(n)));
    workload.add("corosensei", |n| boxed_sum(in_box::corosensei(n)));
    workload.add_share("generator", 4, |n| boxed_sum(in_box::generator(n)));
    workload.add_python(settings, 10);
    workload
}

/// The coroutine is hidden from the optimizer, so that no call is direct.
fn boxed_sum(items: impl Iterator<Item = u64>) -> u64 {
    sum(black_box(items))
}

/// The consumer is hidden from the optimizer, so that the loop stays.
pub fn opaque_sum(items: impl Iterator<Item = u64>) -> u64 {
    let mut total = 0u64;
    for item in items {
        total = total.wrapping_add(black_box(item));
    }
    total
}

struct Range {
    at: u64,
    end: u64,
}

impl Iterator for Range {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        if self.at == self.end {
            return None;
        }
        let number = self.at;
        self.at += 1;
        Some(number)
    }
}

#[next_gen::generator(yield(u64))]
fn next_gen_range(n: u64) {
    let mut i = 0;
    while i < n {
        yield_!(i);
        i += 1;
    }
}

#[fauxgen::generator(yield = u64)]
fn fauxgen_range(n: u64) {
    let mut i = 0;
    while i < n {
        r#yield!(i);
        i += 1;
    }
}

mod on_stack {
    use super::{fauxgen_range, next_gen_range, opaque_sum};
    use std::pin::pin;

    pub(super) fn genawaiter(n: u64) -> u64 {
        genawaiter::stack::let_gen_using!(numbers, |co| async move {
            let mut i = 0;
            while i < n {
                co.yield_(i).await;
                i += 1;
            }
        });
        opaque_sum(numbers.into_iter())
    }

    pub(super) fn next_gen(n: u64) -> u64 {
        use next_gen::prelude::*;
        mk_gen!(let numbers = next_gen_range(n));
        opaque_sum(numbers)
    }

    pub(super) fn remit(n: u64) -> u64 {
        async fn range(n: u64, remit: remit::Remit<'_, u64>) {
            let mut i = 0;
            while i < n {
                remit.value(i).await;
                i += 1;
            }
        }
        opaque_sum(pin!(remit::Generator::new()).parameterized(range, n))
    }

    pub(super) fn fauxgen(n: u64) -> u64 {
        opaque_sum(pin!(fauxgen_range(n)))
    }
}

mod in_box {
    use super::{Range, fauxgen_range, next_gen_range};
    use corosensei::{Coroutine, CoroutineResult, Yielder};

    #[inline(never)]
    pub(super) fn hand_written(n: u64) -> Box<dyn Iterator<Item = u64>> {
        Box::new(Range { at: 0, end: n })
    }

    #[inline(never)]
    pub(super) fn genawaiter(n: u64) -> Box<dyn Iterator<Item = u64>> {
        let numbers = genawaiter::rc::Gen::new(|co| async move {
            let mut i = 0;
            while i < n {
                co.yield_(i).await;
                i += 1;
            }
        });
        Box::new(numbers.into_iter())
    }

    #[inline(never)]
    pub(super) fn next_gen(
        n: u64,
    ) -> std::pin::Pin<Box<dyn next_gen::generator::Generator<(), Yield = u64, Return = ()>>> {
        next_gen::prelude::mk_gen!(let numbers = box next_gen_range(n));
        numbers
    }

    #[inline(never)]
    pub(super) fn remit(n: u64) -> Box<dyn Iterator<Item = u64>> {
        Box::new(remit::Generator::boxed(move |remit| async move {
            let mut i = 0;
            while i < n {
                remit.value(i).await;
                i += 1;
            }
        }))
    }

    #[inline(never)]
    pub(super) fn fauxgen(n: u64) -> Box<dyn Iterator<Item = u64>> {
        Box::new(Box::pin(fauxgen_range(n)))
    }

    #[inline(never)]
    pub(super) fn corosensei(n: u64) -> impl Iterator<Item = u64> {
        let mut numbers = Coroutine::new(move |yielder: &Yielder<(), u64>, ()| {
            let mut i = 0;
            while i < n {
                yielder.suspend(i);
                i += 1;
            }
        });
        std::iter::from_fn(move || match numbers.resume(()) {
            CoroutineResult::Yield(number) => Some(number),
            CoroutineResult::Return(()) => None,
        })
    }

    #[inline(never)]
    pub(super) fn generator(n: u64) -> generator::Generator<'static, (), u64> {
        generator::Gn::<()>::new_scoped(move |mut scope| {
            let mut i = 0;
            while i < n {
                scope.yield_(i);
                i += 1;
            }
            generator::done!()
        })
    }
}
