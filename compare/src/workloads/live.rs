//! `live-1m`: one million coroutines alive, resumed round robin; what each costs in memory.

use std::process::Command;

use super::counter;
use crate::harness::{NATIVE, Run, Settings, Workload};
use crate::ours;

const LIVE: u64 = 1_000_000;
/// Coroutines with a stack of their own need a mapping each, of which a process may have 65530.
const LIVE_STACKS: u64 = 10_000;
/// A stack that is large enough to be unwound when its coroutine is dropped (one page is not).
const STACK_BYTES: usize = 16 << 10;

const CONTENDERS: &[&str] = &[
    "hand-written",
    #[cfg(native)]
    "native",
    "entracte",
    "entracte send",
    "entracte shared",
    "entracte async",
    "genawaiter",
    "next-gen",
    "remit",
    "fauxgen",
    "corosensei",
    "generator",
];

pub fn live_1m(settings: Settings) -> Workload {
    let about =
        "a million live coroutines, round robin, per resume; bytes with the handle in a Vec";
    let rounds = if settings.quick { 1 } else { 5 };
    let mut workload = Workload::new("live-1m", about, rounds * LIVE, NATIVE);
    workload.keep_state();
    for name in CONTENDERS {
        let herd = herd(name).expect("every contender in the list has a herd");
        workload.add(name, herd.run);
        match bytes_in_fresh_memory(name) {
            Ok(bytes) => workload.bytes(bytes),
            Err(reason) => workload
                .notes
                .push(format!("no bytes for {name}: {reason}")),
        }
        if herd.live < LIVE {
            workload.note(format!(
                "only {} live, each with a stack of its own",
                herd.live
            ));
        }
    }
    workload.add_python(settings, rounds);
    let bytes = workload.last_python().map(crate::python::Python::bytes);
    match bytes {
        Some(Ok(bytes)) => workload.bytes(bytes),
        Some(Err(reason)) => workload
            .notes
            .push(format!("no bytes for CPython: {reason}")),
        None => {}
    }
    workload
}

/// Asks a new process, whose memory holds nothing but the coroutines of one contender.
fn bytes_in_fresh_memory(contender: &str) -> Result<f64, String> {
    let myself = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(myself).args(["bytes", contender]).output();
    let output = output.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .map_err(|_| format!("the answer was `{text}`"))
}

/// Resident bytes of one live coroutine of `contender`, handle included.
pub fn resident_bytes(contender: &str) -> Result<f64, String> {
    let before = resident()?;
    let Some(herd) = herd(contender) else {
        let known = CONTENDERS.join(", ");
        return Err(format!(
            "live-1m has no contender `{contender}`; there is: {known}"
        ));
    };
    let grown = resident()?.saturating_sub(before);
    Ok(grown as f64 / herd.live as f64)
}

/// Bytes of this process that are in memory now.
fn resident() -> Result<u64, String> {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup")
        .map_err(|error| format!("resident bytes can be read only on Linux ({error})"))?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes
        .map(|number| number * 1024)
        .ok_or_else(|| "no Rss in smaps_rollup".to_owned())
}

/// Coroutines that are alive and suspended, and a way to resume each in turn.
struct Herd {
    live: u64,
    run: Run,
}

fn herd(contender: &str) -> Option<Herd> {
    use corosensei::{Coroutine, Yielder, stack::DefaultStack};
    Some(match contender {
        "hand-written" => raise(LIVE, counter::hand_written, Iterator::next),
        #[cfg(native)]
        "native" => raise(LIVE, crate::native::counter, |one| {
            crate::native::next(one.as_mut())
        }),
        "entracte" => raise(LIVE, ours::boxed::counter, ours::boxed::next),
        "entracte send" => raise(LIVE, ours::send::counter, ours::send::next),
        "entracte shared" => raise(LIVE, ours::shared::counter, ours::shared::next),
        "entracte async" => raise(LIVE, ours::async_::counter, ours::async_::next),
        "genawaiter" => raise(LIVE, counter::genawaiter, |one| match one.resume() {
            genawaiter::GeneratorState::Yielded(number) => Some(number),
            genawaiter::GeneratorState::Complete(()) => None,
        }),
        "next-gen" => raise(LIVE, counter::next_gen, Iterator::next),
        "remit" => raise(LIVE, counter::remit, Iterator::next),
        "fauxgen" => raise(
            LIVE,
            counter::fauxgen,
            |one| match fauxgen::Generator::resume(one.as_mut(), ()) {
                fauxgen::GeneratorState::Yielded(number) => Some(number),
                fauxgen::GeneratorState::Complete(()) => None,
            },
        ),
        "corosensei" => {
            let make = |from| {
                let stack = DefaultStack::new(STACK_BYTES).expect("the system maps a stack");
                Coroutine::with_stack(stack, move |yielder: &Yielder<(), u64>, ()| {
                    counter::corosensei(yielder, from);
                })
            };
            raise(LIVE_STACKS, make, |one| one.resume(()).as_yield())
        }
        "generator" => raise(
            LIVE_STACKS,
            counter::generator,
            generator::Generator::resume,
        ),
        _ => return None,
    })
}

/// Makes `live` coroutines and takes the first value of each, so that all are suspended.
fn raise<C: 'static>(
    live: u64,
    make: impl Fn(u64) -> C,
    mut next: impl FnMut(&mut C) -> Option<u64> + 'static,
) -> Herd {
    let mut resume = move |one: &mut C| next(one).expect("a counter never ends");
    let mut coroutines = Vec::with_capacity(live as usize);
    coroutines.extend((0..live).map(make));
    let firsts: u64 = coroutines.iter_mut().map(&mut resume).sum();
    assert_eq!(
        firsts,
        live * (live - 1) / 2,
        "each counter starts with its own number"
    );
    let run = move |n: u64| {
        let mut total = 0u64;
        for _ in 0..n / live {
            for one in &mut coroutines {
                total = total.wrapping_add(resume(one));
            }
        }
        total
    };
    Herd {
        live,
        run: Box::new(run),
    }
}
