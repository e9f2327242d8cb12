//! `switch`: two coroutines that take turns, switched by hand.

use std::hint::black_box;
use std::pin::Pin;

use crate::harness::{NATIVE, Settings, Workload};
use crate::ours;

pub fn switch(settings: Settings) -> Workload {
    let about = "two coroutines switched by hand, per switch";
    let mut workload = Workload::new("switch", about, settings.items(10_000_000), NATIVE);
    workload.add("hand-written", hand_written);
    #[cfg(native)]
    workload.add("native", crate::native::switch);
    workload.add("entracte", ours::boxed::switch);
    workload.add("entracte send", ours::send::switch);
    workload.add("entracte shared", ours::shared::switch);
    workload.add("entracte async", ours::async_::switch);
    workload.add("genawaiter", genawaiter);
    workload.add("next-gen", next_gen);
    workload.add("remit", remit);
    workload.add("fauxgen", fauxgen);
    workload.add("corosensei", corosensei);
    workload.add_share("generator", 4, generator);
    workload.add_python(settings, 10);
    workload
}

/// Resumes the two in turn, `n` times in all; answers how often one yielded.
#[inline]
pub fn take_turns<C>(n: u64, two: [C; 2], mut resume: impl FnMut(&mut C) -> bool) -> u64 {
    let mut two = black_box(two);
    let mut yields = 0;
    for i in 0..n {
        yields += u64::from(resume(&mut two[(i & 1) as usize]));
    }
    yields
}

/// What each of the two does between two yields.
#[inline]
pub fn tick(ticks: &mut u64) {
    *ticks += 1;
    black_box(*ticks);
}

fn hand_written(n: u64) -> u64 {
    struct Ticker(u64);
    impl Iterator for Ticker {
        type Item = ();
        fn next(&mut self) -> Option<()> {
            tick(&mut self.0);
            Some(())
        }
    }
    #[inline(never)]
    fn ticker() -> Box<dyn Iterator<Item = ()>> {
        Box::new(Ticker(0))
    }
    take_turns(n, [ticker(), ticker()], |one| one.next().is_some())
}

fn genawaiter(n: u64) -> u64 {
    use genawaiter::{Coroutine, GeneratorState, rc};
    #[inline(never)]
    fn ticker() -> Pin<Box<dyn Coroutine<Yield = (), Resume = (), Return = ()>>> {
        Box::pin(rc::Gen::new(|co: rc::Co<(), ()>| async move {
            let mut ticks = 0;
            loop {
                co.yield_(()).await;
                tick(&mut ticks);
            }
        }))
    }
    take_turns(n, [ticker(), ticker()], |one| {
        matches!(one.as_mut().resume_with(()), GeneratorState::Yielded(()))
    })
}

fn next_gen(n: u64) -> u64 {
    use next_gen::prelude::*;
    #[generator(yield(()))]
    fn ticks() {
        let mut ticks = 0;
        loop {
            yield_!(());
            tick(&mut ticks);
        }
    }
    #[inline(never)]
    fn ticker() -> Pin<Box<dyn Generator<(), Yield = (), Return = ()>>> {
        mk_gen!(let ticker = box ticks());
        ticker
    }
    take_turns(n, [ticker(), ticker()], |one| {
        matches!(one.as_mut().resume(()), GeneratorState::Yielded(()))
    })
}

fn remit(n: u64) -> u64 {
    #[inline(never)]
    fn ticker() -> Box<dyn Iterator<Item = ()>> {
        Box::new(remit::Generator::boxed(|remit| async move {
            let mut ticks = 0;
            loop {
                remit.value(()).await;
                tick(&mut ticks);
            }
        }))
    }
    take_turns(n, [ticker(), ticker()], |one| one.next().is_some())
}

fn fauxgen(n: u64) -> u64 {
    use fauxgen::GeneratorToken;
    #[inline(never)]
    fn ticker() -> Box<dyn Iterator<Item = ()>> {
        Box::new(Box::pin(fauxgen::r#gen!(|token: GeneratorToken<()>| {
            let mut ticks = 0;
            loop {
                token.yield_(()).await;
                tick(&mut ticks);
            }
        })))
    }
    take_turns(n, [ticker(), ticker()], |one| one.next().is_some())
}

fn corosensei(n: u64) -> u64 {
    use corosensei::{Coroutine, CoroutineResult, Yielder};
    fn ticker() -> Coroutine<(), (), ()> {
        Coroutine::new(|yielder: &Yielder<(), ()>, ()| {
            let mut ticks = 0;
            loop {
                yielder.suspend(());
                tick(&mut ticks);
            }
        })
    }
    take_turns(n, [ticker(), ticker()], |one| {
        matches!(one.resume(()), CoroutineResult::Yield(()))
    })
}

fn generator(n: u64) -> u64 {
    fn ticker() -> generator::Generator<'static, (), ()> {
        generator::Gn::<()>::new_scoped(|mut scope| {
            let mut ticks = 0;
            loop {
                scope.yield_(());
                tick(&mut ticks);
            }
        })
    }
    take_turns(n, [ticker(), ticker()], |one| one.resume().is_some())
}
